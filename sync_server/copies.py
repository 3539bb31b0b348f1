"""What a person's phone should have by now, for its owner to compare: a digest of every part, and the records' ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from casebook.comparing import NOT_COMPARED, PREFIX, RECORDS, Part, differing, form_mark, part_of, row_mark
from casebook.feeds import FORMS
from casebook.protocol import CompareReply, CompareRequest, Row
from sync_server.sight import Sight
from sync_server.store import archive, reach, rows, schools
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection


def compare(sight: Sight, told: Iterable[Row], request: CompareRequest) -> CompareReply:
    """The parts in which a phone differs from what it was given, as the school has them.

    `told` is what every pull says besides; the ids of all records are named only when it is they that differ.
    """
    conn, account = sight.conn, sight.account
    rids = archive.rids(conn, account.school, reach.records_for(account))
    ours = [*_feeds(_rows(sight, told)), part_of(RECORDS, rids)]
    found = differing(ours, request.parts)
    named = [rid[:PREFIX] for rid in rids] if any(part.name == RECORDS for part in found) else None
    gen, size = schools.gen_of(conn, account.school), schools.size(conn, account.school)
    return CompareReply(gen, size, found, named)


def _rows(sight: Sight, told: Iterable[Row]) -> Iterable[Row]:
    """Every row as this person sees it; of two with one key the one that is told with every pull."""
    kept = {(row.feed, row.key): row for row in map(sight.row, _live(sight.conn, sight.account))}
    kept |= {(row.feed, row.key): row for row in told}
    return (row for row in kept.values() if row.value is not None)


def _live(conn: Connection, account: Account) -> Iterable[Row]:
    return (one.row for one in rows.live(conn, account.school, reach.rows_for(account)))


def _feeds(live: Iterable[Row]) -> list[Part]:
    marks: dict[str, list[str]] = defaultdict(list)
    for row in live:
        value = row.value or {}
        if row.feed == FORMS:
            if value.get("offered", True) is not False:
                marks[FORMS].append(form_mark(str(value["id"]), str(value["version"]), str(value["sha256"])))
        elif row.feed not in NOT_COMPARED:
            marks[row.feed].append(row_mark(row.key, value))
    return [part_of(feed, listed) for feed, listed in marks.items()]
