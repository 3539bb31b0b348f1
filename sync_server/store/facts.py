"""What the rules read out of the archive: the records of one child or of all, headcounts, clocks that were off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from casebook.casefile import Entry
from casebook.kinds import class_survey
from casebook.records import Record, intact
from sync_server.store import schema as t
from sync_server.store.archive import COUNTS

HEADCOUNT = "headcount"
#: Kinds of records that are about a class on a day.
OF_CLASS = (HEADCOUNT, class_survey.TYPE)
#: Kinds of records from which a child's life is worked out; incidents and cases are of former times.
OF_CHILD = ("visit", "leave", "act", "roll", "entry", "incident", "case")

r, h, o = t.record.c, t.headcount.c, t.clock_offset.c
_ENTRY = select(r.rid, r.payload, r.received_at, r.sseq)
# What runs for every record is built once.
_NOTE = insert(t.headcount)
_ACTS = select(r.rid, r.payload).where(
    r.school == bindparam("of_school"), r.case == bindparam("of_case"), r.type == "act", COUNTS
)
_CASES = (
    select(r.case)
    .distinct()
    .where(r.school == bindparam("of_school"), r.rid.in_(bindparam("of_rids", expanding=True)), COUNTS)
)


@dataclass(frozen=True)
class Room:
    """One class on one day."""

    class_id: str
    day: str


def note(conn: Connection, school: str, rid: str, record: Record) -> None:
    """Notes which class and day a headcount or survey is of, so that those who reach the class get it."""
    if record.type in OF_CLASS:
        body = record.body
        of = {"class_id": body["class"], "day": body["day"], "session": body.get("session", record.type)}
        conn.execute(_NOTE, {"school": school, "rid": rid, **of})


def changed_cases(conn: Connection, school: str, after: int, upto: int) -> set[str | None]:
    """Children of whom a record arrived with after < sseq <= upto; None stands for the school itself."""
    found = select(r.case).where(
        r.school == school, r.type.in_(OF_CHILD), r.sseq > after, r.sseq <= upto, COUNTS
    )
    return set(conn.execute(found).scalars())


def cases_of(conn: Connection, school: str, rids: Iterable[str]) -> set[str | None]:
    """Children that these records are about, of those that count; None stands for what is not about one child."""
    return set(conn.execute(_CASES, {"of_school": school, "of_rids": list(rids)}).scalars())


def changed_rooms(conn: Connection, school: str, after: int, upto: int) -> set[Room]:
    """Classes and days that were counted, or surveyed, by a record with after < sseq <= upto."""
    found = select(h.class_id, h.day).where(
        r.school == school, r.type.in_(OF_CLASS), r.sseq > after, r.sseq <= upto, h.school == r.school, h.rid == r.rid
    )
    return {Room(row.class_id, row.day) for row in conn.execute(found)}


def headcounts(conn: Connection, school: str, rooms: Iterable[Room] | None = None) -> list[Entry]:
    """All headcounts and surveys of classes, or those of some classes and days, in no order."""
    found = _ENTRY.where(h.school == school, r.school == h.school, r.rid == h.rid)
    if rooms is None:
        return _entries(conn, found)
    entries = []
    for room in rooms:
        entries += _entries(conn, found.where(h.class_id == room.class_id, h.day == room.day))
    return entries


def of_case(conn: Connection, school: str, case: str | None) -> list[Entry]:
    """The records of one child (None: of the school itself) that the rules read, in no order."""
    one = r.case.is_(None) if case is None else r.case == case
    return _entries(conn, _facts(school).where(one))


def of_all(conn: Connection, school: str) -> dict[str | None, list[Entry]]:
    """The same for all children at once."""
    found: dict[str | None, list[Entry]] = {}
    for entry in _entries(conn, _facts(school)):
        found.setdefault(entry.record.case, []).append(entry)
    return found


def keep_offset(conn: Connection, school: str, rid: str, seconds: int) -> None:
    """Notes how far the clock of the device was ahead when the record arrived."""
    conn.execute(insert(t.clock_offset), {"school": school, "rid": rid, "seconds": seconds})


def offsets(conn: Connection, school: str, after: int, upto: int) -> dict[str, int]:
    """Seconds a clock was ahead, by record, of those with after < sseq <= upto."""
    found = select(o.rid, o.seconds).where(
        r.school == school, r.sseq > after, r.sseq <= upto, o.school == r.school, o.rid == r.rid
    )
    return {row.rid: row.seconds for row in conn.execute(found)}


def of_classes(school: str, classes: Any) -> Any:
    """The condition that lets the headcounts of these classes (ids, or a query for them) through."""
    return r.rid.in_(select(h.rid).where(h.school == school, h.class_id.in_(classes)))


def rids_of_class(conn: Connection, school: str, class_id: str) -> list[str]:
    """All headcounts of a class, the oldest first."""
    found = select(h.rid).where(h.school == school, h.class_id == class_id).order_by(h.day, h.session, h.rid)
    return list(conn.execute(found).scalars())


def closed_once(conn: Connection, school: str, case: str) -> bool:
    """Whether an act ever closed the case; only then its state must be worked out to know whether it is closed."""
    acts = (intact(row.rid, row.payload) for row in conn.execute(_ACTS, {"of_school": school, "of_case": case}))
    return any(act is not None and act.body["act"] == "closed" for act in acts)


def _facts(school: str) -> Any:
    return _ENTRY.where(r.school == school, r.type.in_(OF_CHILD), COUNTS)


def _entries(conn: Connection, found: Any) -> list[Entry]:
    """What was tampered with is no fact; the pages that show a record's seal say so."""
    read = ((row, intact(row.rid, row.payload)) for row in conn.execute(found))
    return [Entry(row.rid, record, row.received_at, row.sseq) for row, record in read if record is not None]
