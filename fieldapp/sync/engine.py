"""The sync conversation in named steps. Each may be cut at any byte; the next call simply goes on."""

from __future__ import annotations

import datetime as dt

from casebook import protocol
from casebook.errors import CasebookError, DeviceRevoked, NotOurServer, ServerTooOld, SyncStuck, VersionTooOld
from casebook.protocol import HelloReply
from fieldapp.cards import Anew, Step, SyncReport
from fieldapp.store import uploads
from fieldapp.sync import checkpoints
from fieldapp.sync.anew import SchoolRestored, begin_again, stop_if_restored
from fieldapp.sync.comparing import compare
from fieldapp.sync.exchange import Cancelled, Exchange
from fieldapp.sync.fetching import fetch_files
from fieldapp.sync.photos import push_files
from fieldapp.sync.pulling import pull
from fieldapp.sync.texts import offer_again, push_records

REVOKED = "revoked"
RESTARTS = 3


def synchronise(exchange: Exchange) -> SyncReport:
    """hello, push_records, push_files, pull, fetch_files. A CasebookError is never raised but reported as `problem`."""
    problem: CasebookError | None = None
    cancelled = False
    try:
        _converse(exchange)
    except Cancelled:
        cancelled = True
    except CasebookError as error:
        problem = error
    exchange.show(Step.DONE)
    return _report(exchange, problem, cancelled)


def _converse(exchange: Exchange) -> None:
    for _ in range(RESTARTS):
        try:
            return _steps(exchange)
        except SchoolRestored:
            continue
    raise SyncStuck(what="restored")


def _steps(exchange: Exchange) -> None:
    exchange.show(Step.HELLO)
    exchange.check()
    hello = exchange.conversation.hello(checkpoints.watermark(exchange))
    ahead = _clock_ahead(exchange, hello)
    _accept(exchange, hello)
    if hello.checkpoint:
        with exchange.books.store.write() as writing:
            checkpoints.keep(exchange, writing, hello)
    db = exchange.books.store.db
    if exchange.books.settings.get(db, "offer_again", False):
        offer_again(exchange)
    _show_totals(exchange)
    push_records(exchange)
    stop_if_restored(exchange)
    if uploads.pending(db):
        exchange.show(Step.ASK)
        push_files(exchange)
    if hello.standing == REVOKED:  # its outbox is safe now; nothing more comes down to a revoked phone
        raise DeviceRevoked()
    pull(exchange)
    stop_if_restored(exchange)
    if compare(exchange, hello):
        pull(exchange)
    stop_if_restored(exchange)
    fetch_files(exchange)
    with exchange.books.store.write() as writing:
        exchange.books.settings.put(writing, last_sync_at=hello.time, safe_upto=hello.safe_upto, clock_ahead=ahead)


def _clock_ahead(exchange: Exchange, hello: HelloReply) -> int:
    """How many seconds this phone's clock is ahead of the school's; 0 where the school's time cannot be read."""
    try:
        return round(exchange.now_ms() / 1000 - dt.datetime.fromisoformat(hello.time).timestamp())
    except (ValueError, TypeError, OverflowError):
        return 0


def _accept(exchange: Exchange, hello: HelloReply) -> None:
    """Takes over what the server wishes. Raises NotOurServer, VersionTooOld or ServerTooOld."""
    if hello.server != protocol.SERVER_MARK or hello.school != exchange.school:
        raise NotOurServer(reason="school")
    if hello.oldest_version > protocol.VERSION:
        raise VersionTooOld(ours=protocol.VERSION, theirs=hello.version)
    if hello.version < protocol.OLDEST_VERSION:
        raise ServerTooOld(ours=protocol.OLDEST_VERSION, theirs=hello.version)
    exchange.push_batch, exchange.chunk_bytes, exchange.gen = hello.push_batch, hello.chunk_bytes, hello.gen
    exchange.packs, exchange.with_files = protocol.PACKS in hello.offers, protocol.WITH_FILES in hello.offers
    settings, db = exchange.books.settings, exchange.books.store.db
    revoked = hello.standing == REVOKED
    known = settings.get(db, "gen")
    restored = known != hello.gen or settings.get(db, "cursor", 0) > hello.size
    if restored or settings.get(db, "revoked", False) != revoked:
        with exchange.books.store.write() as writing:
            settings.put(writing, revoked=revoked, gen=hello.gen)
            if restored:
                exchange.begins_anew(Anew.FORKED if known == hello.gen else Anew.RESTORED)
                begin_again(exchange, writing)


def _show_totals(exchange: Exchange) -> None:
    db = exchange.books.store.db
    waiting = uploads.waiting(db)
    exchange.show(
        Step.TEXTS,
        texts_total=len(exchange.books.records.unsent(db)),
        files_total=waiting.files,
        bytes_total=waiting.bytes,
        texts_done=0,
        files_done=0,
        bytes_done=0,
    )


def _report(exchange: Exchange, problem: CasebookError | None, cancelled: bool) -> SyncReport:
    db, tally = exchange.books.store.db, exchange.tally
    waiting = uploads.waiting(db)
    return SyncReport(
        texts_sent=tally.texts_sent,
        texts_left=len(exchange.books.records.unsent(db)),
        files_sent=tally.files_sent,
        files_left=waiting.files,
        bytes_sent=tally.bytes_sent,
        rows_received=tally.rows_received,
        records_received=tally.records_received,
        refused=tally.refused,
        quarantined=tally.quarantined,
        cancelled=cancelled,
        problem=problem,
        notes=tuple(tally.notes),
        differences=tuple(tally.differences),
        anew=tally.anew,
    )
