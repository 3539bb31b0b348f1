"""Reads what is new at school: rows of the feeds and sealed records, each page with its cursor in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from casebook import feeds
from casebook.errors import CasebookError, FormBroken, SyncStuck
from casebook.protocol import PulledRecord, PullReply, Row, sealed_from_wire
from casebook.records import Record, decode
from fieldapp.cards import Step
from fieldapp.store.forms import put_forms
from fieldapp.store.records import ChainState
from fieldapp.store.roster import put_rows
from fieldapp.store.store import next_revision
from fieldapp.sync import anew, checkpoints
from fieldapp.sync.anew import SchoolRestored
from fieldapp.sync.exchange import Exchange

if TYPE_CHECKING:
    from fieldapp.store.store import Database

PAGE = 4000  # places of the sequence; the server ends a page earlier when it grows heavy
TRUSTED_LEAD_MS = 24 * 3600 * 1000  # a clock further ahead than a day is a wrong clock: it must not drag ours along


@dataclass(frozen=True)
class Come:
    """A record that came down, and whether this phone did not have it before."""

    record: Record
    new: bool


def pull(exchange: Exchange) -> None:
    """Reads page after page until there is no more. Raises SyncStuck when a page does not lead on."""
    books = exchange.books
    cursor = books.settings.get(books.store.db, "cursor", 0)
    exchange.show(Step.PULL)
    while True:
        reply = exchange.patiently(exchange.conversation.pull, cursor, PAGE, checkpoints.watermark(exchange))
        if reply.gen != exchange.gen:
            raise SchoolRestored
        if reply.next < cursor or (reply.more and reply.next == cursor):
            raise SyncStuck(what="pull", cursor=cursor)
        last = not reply.more and (reply.checkpoint is not None or anew.is_reading_anew(exchange))
        if reply.rows or reply.records or reply.next > cursor or last:
            _keep_page(exchange, reply)
            anew.stop_if_restored(exchange)  # read on, the cursor would move over what was begun again
        cursor = reply.next
        if not reply.more:
            return
        exchange.show(Step.PULL)


def _keep_page(exchange: Exchange, reply: PullReply) -> None:
    books, tally = exchange.books, exchange.tally
    with books.store.write() as db:
        revision = next_revision(db)
        tally.rows_received += put_rows(db, books.store.vault, _plain_rows(reply.rows), revision)
        tally.rows_received += put_forms(db, _forms(exchange, reply.rows), revision)
        read = [come for pulled in reply.records if (come := _keep_record(exchange, db, pulled))]
        _mind_chain(exchange, db, read)
        books.settings.put(db, cursor=reply.next)
        if not reply.more:
            anew.end_reading(exchange, db)
        checkpoints.keep(exchange, db, reply)


def _keep_record(exchange: Exchange, db: Database, pulled: PulledRecord) -> Come | None:
    """One record of the school's log; one that cannot be read is noted and does not hold up the others."""
    try:
        sealed = sealed_from_wire(pulled.sealed)
        record = decode(sealed.payload)
    except CasebookError as error:
        exchange.note(error)
        return None
    new = exchange.books.records.add_pulled(
        db, sealed, record, pulled.sseq, pulled.received_at, pulled.clock_offset, pulled.rid
    )
    exchange.tally.records_received += new
    return Come(record, new)


def _mind_chain(exchange: Exchange, db: Database, read: list[Come]) -> None:
    """What this phone writes from now on sorts after what it has just read, and is counted anew where a record of its
    own epoch came that it does not know: its database was set back, or there is a copy of this phone.
    """
    known = exchange.books.records.chain(db, exchange.device)
    if known is None:
        return
    chain, newest = known, max((one.record.hlc for one in read), default=(0, 0))
    if chain.hlc < newest and newest[0] <= exchange.now_ms() + TRUSTED_LEAD_MS:
        chain = replace(chain, hlc=newest)
    if any(one.new and (one.record.dev, one.record.ep) == (exchange.device, chain.ep) for one in read):
        chain = ChainState.new_epoch(chain.hlc)
    if chain != known:
        exchange.books.records.put_chain(db, exchange.device, chain)


def _plain_rows(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.feed != feeds.FORMS]


def _forms(exchange: Exchange, rows: Iterable[Row]) -> Iterator[Row]:
    """Rows of the forms feed whose XML is what their hash says."""
    for row in rows:
        if row.feed != feeds.FORMS:
            continue
        if row.value is None or _intact(row.value):
            yield row
        else:
            exchange.note(FormBroken(form=row.key))


def _intact(value: dict[str, object]) -> bool:
    texts = [value.get(name) for name in ("id", "version", "sha256", "xml")]
    if not all(isinstance(text, str) for text in texts) or not isinstance(value.get("titles"), dict):
        return False
    if not isinstance(value.get("purposes"), list):
        return False
    return hashlib.sha256(str(value["xml"]).encode()).hexdigest() == value["sha256"]
