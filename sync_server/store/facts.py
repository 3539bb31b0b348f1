"""What the rules read out of the archive: the records of one child or of all, headcounts, clocks that were off."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, literal, select

from casebook.casefile import Entry
from casebook.kinds import class_survey
from casebook.records import Record, intact
from sync_server.store import schema as t
from sync_server.store.archive import COUNTS
from sync_server.store.direct import Among, Direct

HEADCOUNT = "headcount"
#: Kinds of records that are about a class on a day.
OF_CLASS = (HEADCOUNT, class_survey.TYPE)
#: Kinds of records from which a child's life is worked out; incidents and cases are of former times.
OF_CHILD = ("visit", "leave", "act", "roll", "entry", "incident", "case")

r, h, o = t.record.c, t.headcount.c, t.clock_offset.c
_ENTRY = select(r.rid, r.payload, r.received_at, r.sseq)


def _listed(kinds: Iterable[str]) -> list[Any]:
    """Kinds as a statement that is made once holds them."""
    return [literal(kind, literal_execute=False) for kind in kinds]


# What runs for every record is built once.
_NOTE = Direct(insert(t.headcount))
_OFFSET = Direct(insert(t.clock_offset))
_OF_SCHOOL = r.school == bindparam("of_school")
_ACTS = Among(
    lambda cases: select(r.rid, r.payload, r.case).where(_OF_SCHOOL, r.case.in_(cases), r.type == "act", COUNTS)
)
_CASES = Among(lambda rids: select(r.case).distinct().where(_OF_SCHOOL, r.rid.in_(rids), COUNTS))
_OF_CASES = Among(lambda cases: _ENTRY.where(_OF_SCHOOL, r.case.in_(cases), r.type.in_(_listed(OF_CHILD)), COUNTS))
_NEW = (_OF_SCHOOL, r.sseq > bindparam("after"), r.sseq <= bindparam("upto"))
_CHANGED_CASES = Direct(select(r.case).distinct().where(*_NEW, r.type.in_(_listed(OF_CHILD)), COUNTS))
_FRESH = Direct(_ENTRY.where(*_NEW, r.type.in_(_listed(OF_CHILD)), COUNTS))
_CHANGED_ROOMS = Direct(
    select(h.class_id, h.day).where(
        *_NEW, r.type.in_(_listed(OF_CLASS)), h.school == r.school, h.rid == r.rid
    )
)
_OFFSETS = Direct(select(o.rid, o.seconds).where(*_NEW, o.school == r.school, o.rid == r.rid))


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
        _NOTE.run(conn, school=school, rid=rid, **of)


def changed_cases(conn: Connection, school: str, after: int, upto: int) -> set[str | None]:
    """Children of whom a record arrived with after < sseq <= upto; None stands for the school itself."""
    return {row[0] for row in _CHANGED_CASES.all(conn, of_school=school, after=after, upto=upto)}


def fresh(conn: Connection, school: str, after: int, upto: int) -> dict[str | None, list[Entry]]:
    """These very records, child by child, in no order."""
    return _by_case(_read(_FRESH.all(conn, of_school=school, after=after, upto=upto)))


def cases_of(conn: Connection, school: str, rids: Iterable[str]) -> set[str | None]:
    """Children that these records are about, of those that count; None stands for what is not about one child."""
    return {row[0] for row in _CASES.all(conn, list(rids), of_school=school)}


def changed_rooms(conn: Connection, school: str, after: int, upto: int) -> set[Room]:
    """Classes and days that were counted, or surveyed, by a record with after < sseq <= upto."""
    return {Room(*row) for row in _CHANGED_ROOMS.all(conn, of_school=school, after=after, upto=upto)}


def headcounts(conn: Connection, school: str, rooms: Iterable[Room] | None = None) -> list[Entry]:
    """All headcounts and surveys of classes, or those of some classes and days, in no order."""
    found = _ENTRY.where(h.school == school, r.school == h.school, r.rid == h.rid)
    if rooms is None:
        return _entries(conn, found)
    entries = []
    for room in rooms:
        entries += _entries(conn, found.where(h.class_id == room.class_id, h.day == room.day))
    return entries


def of_school(conn: Connection, school: str) -> list[Entry]:
    """The records of the school itself, which belong to no child, that the rules read; in no order."""
    return _entries(conn, _facts(school).where(r.case.is_(None)))


def of_cases(conn: Connection, school: str, cases: Collection[str]) -> dict[str | None, list[Entry]]:
    """The records of some children that the rules read, child by child, in no order."""
    return _by_case(_read(_OF_CASES.all(conn, list(cases), of_school=school)))


def of_all(conn: Connection, school: str) -> dict[str | None, list[Entry]]:
    """The same for all children at once."""
    return _by_case(_entries(conn, _facts(school)))


def keep_offset(conn: Connection, school: str, rid: str, seconds: int) -> None:
    """Notes how far the clock of the device was ahead when the record arrived."""
    _OFFSET.run(conn, school=school, rid=rid, seconds=seconds)


def offset_of(conn: Connection, school: str, rid: str) -> int:
    """Seconds the clock was ahead when this record arrived; 0 when it was about right."""
    found = conn.execute(select(o.seconds).where(o.school == school, o.rid == rid)).scalar()
    return int(found or 0)


def offsets(conn: Connection, school: str, after: int, upto: int) -> dict[str, int]:
    """Seconds a clock was ahead, by record, of those with after < sseq <= upto."""
    return dict(_OFFSETS.all(conn, of_school=school, after=after, upto=upto))


def of_classes(school: str, classes: Any) -> Any:
    """The condition that lets the headcounts of these classes (ids, or a query for them) through."""
    return r.rid.in_(select(h.rid).where(h.school == school, h.class_id.in_(classes)))


def rids_of_class(conn: Connection, school: str, class_id: str) -> list[str]:
    """All headcounts of a class, the oldest first."""
    found = select(h.rid).where(h.school == school, h.class_id == class_id).order_by(h.day, h.session, h.rid)
    return list(conn.execute(found).scalars())


def closed_once(conn: Connection, school: str, cases: Collection[str]) -> set[str]:
    """Those of the cases that an act ever closed; only their state must be worked out to know whether it is closed."""
    acts = ((case, intact(rid, payload)) for rid, payload, case in _ACTS.all(conn, sorted(cases), of_school=school))
    return {case for case, act in acts if act is not None and closes(act)}


def closes(record: Record) -> bool:
    """Whether the record is an act that closes its case."""
    return record.type == "act" and record.body["act"] == "closed"


def _facts(school: str) -> Any:
    return _ENTRY.where(r.school == school, r.type.in_(OF_CHILD), COUNTS)


def _entries(conn: Connection, found: Any) -> list[Entry]:
    return _read(conn.execute(found))


def _read(rows: Iterable[Any]) -> list[Entry]:
    """What was tampered with is no fact; the pages that show a record's seal say so."""
    read = ((row, intact(row[0], row[1])) for row in rows)
    return [Entry(row[0], record, row[2], row[3]) for row, record in read if record is not None]


def _by_case(entries: Iterable[Entry]) -> dict[str | None, list[Entry]]:
    found: dict[str | None, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.record.case, []).append(entry)
    return found
