"""Hands out what flows down: one cursor over records, rows, and what a change of reach left to be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from casebook.errors import DeviceRevoked, NotEnrolled
from casebook.protocol import (
    COMPARE,
    GZIP,
    OLDEST_VERSION,
    PACKS,
    SERVER_MARK,
    TABLES,
    VERSION,
    WITH_FILES,
    CompareReply,
    CompareRequest,
    HelloReply,
    PulledRecord,
    PullReply,
    Row,
    Watermark,
)
from sync_server import copies, forks
from sync_server.answers import Answers
from sync_server.lives import Lives
from sync_server.messenger import Messenger
from sync_server.operations import keeping
from sync_server.pace import Pace, Wishes
from sync_server.sight import Sight
from sync_server.store import accounts, archive, reach, rows, schools
from sync_server.store.accounts import Account
from sync_server.store.devices import Device
from sync_server.store.engine import Connection, Store
from sync_server.treelog import TreeLog
from sync_server.withheld import Confidential

MAX_PULL = 4000
#: Records are read and opened one by one, rows by the thousand.
RECORDS_AT_ONCE = 500
OFFERS = [COMPARE, GZIP, PACKS, WITH_FILES, TABLES]
#: A page ends early when it grows beyond this, packed as well as such things are: on a weak link a cut page is fetched
#: again. Half of a record are hashes and seals; a row says in a table what others do not say, too.
PAGE_BYTES, RECORD_PACKS, ROW_PACKS = 384 * 1024, 3, 11


@dataclass(frozen=True)
class Item:
    """One place of the pull sequence; `open` gives its record, its row, or nothing any more.

    What a page has no room for is never opened: a copy with less is made for each record that is.
    """

    sseq: int
    open: Callable[[], PulledRecord | Row | None]
    weight: int


class Handout:
    """Answers hello, pull and compare; `pace` is what pushes have shown of each phone's link."""

    def __init__(
        self, store: Store, school: str, clock: Callable[[], dt.datetime], lives: Lives, tree: TreeLog,
        push_batch: int, chunk_bytes: int,
    ) -> None:  # fmt: skip
        self._tree = tree
        self._store, self._confidential = store, Confidential(Answers(school, clock))
        self._messenger = Messenger(school, lives, clock)
        self._clock = clock
        self.pace = Pace(Wishes(push_batch, chunk_bytes))

    def hello(self, device: Device, wm: Watermark | None = None) -> HelloReply:
        """Versions, clock, the device's standing, the server's wishes, and the log where it goes beyond `wm`."""
        note = self._tree.given(self._store, device.school)
        with self._store.read() as conn:
            told = self._tree.told(conn, device.school, note, wm)
            gen, size = schools.gen_of(conn, device.school), schools.size(conn, device.school)
            owner = accounts.by_id(conn, device.school, device.account)
            safe_upto = keeping.safe_upto(conn, device.school, device.dev)
            forked = wm is not None and forks.disagrees(conn, device.school, wm)
        if wm is not None and forked:
            at = self._clock().isoformat(timespec="seconds")
            self._store.run_tx(lambda conn: forks.note(conn, device.school, device.dev, wm, at))
        wishes = self.pace.wishes(device.dev)
        return HelloReply(
            server=SERVER_MARK, version=VERSION, oldest_version=OLDEST_VERSION, school=device.school, gen=gen,
            size=size, time=self._clock().isoformat(timespec="milliseconds"),
            standing="active" if device.active and owner and owner.active else "revoked",
            push_batch=wishes.push_batch, chunk_bytes=wishes.chunk_bytes, safe_upto=safe_upto,
            checkpoint=told[0], consistency=told[1], offers=OFFERS,
        )  # fmt: skip

    def pull(self, device: Device, after: int, limit: int, wm: Watermark | None = None) -> PullReply:
        """What is new after the cursor for the person who carries this device.

        `next` also moves over what this person may not see; a device that says `wm` gets the log beyond it with every
        page, so that it will notice if what it has just read is ever missing. Raises DeviceRevoked.
        """
        limit = max(1, min(limit, MAX_PULL))
        with self._store.read() as conn:
            upto, account = schools.size(conn, device.school), _owner(conn, device)
            gen = schools.gen_of(conn, device.school)
            items, known = self._items(conn, account, after, upto, limit)
            page = _page(items, limit)
            if len(page) < len(items):
                known = page[-1].sseq
            more = known < upto
            told = [] if more else self._messenger.rows(conn, account)
            found = [item.open() for item in page]
        records = [one for one in found if isinstance(one, PulledRecord)]
        down = [one for one in found if isinstance(one, Row)]
        log = self._beyond(device.school, wm) if wm else (None, None)
        return PullReply(records, [*down, *told], known, more, gen, *log)

    def compare(self, device: Device, request: CompareRequest) -> CompareReply:
        """In which parts a phone's copy differs from what its owner should have. Raises DeviceRevoked."""
        with self._store.read() as conn:
            account = _owner(conn, device)
            sight = Sight(conn, account, self._confidential)
            return copies.compare(sight, self._messenger.rows(conn, account), request)

    def _beyond(self, school: str, wm: Watermark) -> tuple[str | None, list[str] | None]:
        note = self._tree.given(self._store, school)
        with self._store.read() as conn:
            return self._tree.told(conn, school, note, wm)

    def _items(self, conn: Connection, account: Account, after: int, upto: int, limit: int) -> tuple[list[Item], int]:
        """The next places of the sequence, and up to where they are all there are for this person."""
        sight, few = Sight(conn, account, self._confidential), min(limit, RECORDS_AT_ONCE)
        school, of_records, of_rows = account.school, reach.records_for(account), reach.rows_for(account)
        found, upto = _at_most(few, archive.after(conn, school, after, upto, few + 1, of_records), upto)
        news, upto = _at_most(few, reach.backfill_after(conn, account, after, upto, few + 1), upto)
        kept, upto = _at_most(limit, rows.after(conn, school, after, upto, limit + 1, of_rows), upto)
        items = [_record_item(row.sseq, row, sight) for row in found if row.sseq <= upto]
        items += [_told(sight, one) for one in news if one.sseq <= upto]
        items += [Item(row.sseq, partial(_row, sight, row), _weight(row.value)) for row in kept]
        return sorted(items, key=lambda item: item.sseq), upto


def _owner(conn: Connection, device: Device) -> Account:
    """Whose device it is. Raises NotEnrolled, DeviceRevoked."""
    account = accounts.by_id(conn, device.school, device.account)
    if account is None:
        raise NotEnrolled()
    if not (device.active and account.active):
        raise DeviceRevoked()
    return account


def _told(sight: Sight, news: reach.Backfill) -> Item:
    """What a change of reach left to be told, as it stands now."""
    conn, account = sight.conn, sight.account
    if news.kind in (reach.GONE, reach.ROW):
        kept = rows.visible(conn, account.school, news.feed, news.key, reach.rows_for(account))
        if news.kind == reach.GONE and kept is None:  # else another scope reaches it still
            return Item(news.sseq, lambda: Row(news.feed, news.key, None), 0)
        return Item(news.sseq, partial(_row, sight, kept) if kept else _nothing, _weight(kept.value if kept else None))
    row = archive.visible(conn, account.school, news.key, reach.records_for(account))
    return _record_item(news.sseq, row, sight) if row else Item(news.sseq, _nothing, 0)


def _row(sight: Sight, kept: rows.Kept) -> Row:
    return sight.row(kept.row)


def _weight(value: str | None) -> int:
    return len(value or "") // ROW_PACKS


def _at_most(number: int, found: list[Any], upto: int) -> tuple[list[Any], int]:
    """So many of what was found, one more of which was asked for, and up to where nothing is missing among them."""
    return (found[:number], found[number - 1].sseq) if len(found) > number else (found, upto)


def _nothing() -> None:
    """What was to be told is gone."""


def _record_item(sseq: int, row: Any, sight: Sight) -> Item:
    return Item(sseq, partial(sight.record, row), len(row.payload) // RECORD_PACKS)


def _page(items: list[Item], limit: int) -> list[Item]:
    page: list[Item] = []
    weight = 0
    for item in items[:limit]:
        weight += item.weight
        if page and weight > PAGE_BYTES:
            break
        page.append(item)
    return page
