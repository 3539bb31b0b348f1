"""The visits of one going to one door: those of an outing, and those of colleagues who went along and wrote as well."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from casebook.feeds import STUDENTS
from casebook.kinds.visit import outing_of
from sync_server import access
from sync_server.access import Actor, Verb
from sync_server.store import homes, rows, visits
from sync_server.store.engine import Connection
from sync_server.store.visits import VisitRow
from sync_server.visits import VisitFile, Visits

AROUND = dt.timedelta(days=2)  # days are compared as text, so that a margin covers every time zone
ONE_GOING = dt.timedelta(hours=4)  # between two visits of one going, also where a clock is an hour off


@dataclass(frozen=True)
class FellowVisit:
    """Another visit of the same outing: whose, and with which form."""

    visit: str
    student: str
    class_name: str
    form_id: str


def fellow_visits(conn: Connection, school: str, opened: Visits, file: VisitFile, reader: Actor) -> list[FellowVisit]:
    """The other visits of this going whose child the reader may see, in the order of their beginning."""
    others = (row for row in one_going(conn, school, opened, file.row) if row.visit != file.row.visit)
    return [_drawn(conn, school, row) for row in others if _may_see(conn, opened, row, reader)]


def one_going(conn: Connection, school: str, opened: Visits, visit: VisitRow) -> list[VisitRow]:
    """All visits of the going that a visit belongs to, itself included, in the order of their beginning.

    What one phone wrote is joined by the outing's id. Two phones without a signal cannot agree on an id: their visits
    belong together if they were to one home within few hours, and each author says that the other went along.
    """
    day = dt.datetime.fromisoformat(visit.started).date()
    span = ((day - AROUND).isoformat(), (day + AROUND).isoformat())
    child = rows.one(conn, school, STUDENTS, visit.case) or {}
    at_home = visits.of_cases_between(conn, school, (visit.case, *homes.siblings(child)), *span)
    near = {row.visit: row for row in (*visits.by_author_between(conn, school, visit.author, *span), *at_home)}
    goings = {row.visit: _Going.of(conn, opened, row) for row in near.values()}
    found, waiting = {visit.visit}, [visit.visit]
    while waiting:
        here = goings[waiting.pop()]
        more = {name for name, other in goings.items() if name not in found and here.goes_on_with(other)}
        found |= more
        waiting += more
    return sorted((near[name] for name in found), key=lambda row: (row.started, row.visit))


@dataclass(frozen=True)
class _Going:
    """A visit as far as it tells who was at which door when."""

    outing: str
    case: str
    author: str
    fellows: frozenset[str]
    started: dt.datetime

    @classmethod
    def of(cls, conn: Connection, opened: Visits, row: VisitRow) -> _Going:
        record, (_, subject) = opened.first_record(conn, row.visit), opened.subject(conn, row.visit)
        outing = outing_of(record) if record else row.visit
        return cls(outing, row.case, row.author, frozenset(subject.joined_by), dt.datetime.fromisoformat(row.started))

    def goes_on_with(self, other: _Going) -> bool:
        """Whether both are of one outing, or of two colleagues at one door who name each other."""
        together = other.author in self.fellows and self.author in other.fellows
        return self.outing == other.outing or (together and abs(self.started - other.started) <= ONE_GOING)


def _may_see(conn: Connection, opened: Visits, row: VisitRow, reader: Actor) -> bool:
    _, subject = opened.subject(conn, row.visit)
    return access.allows(reader, Verb.READ_EVIDENCE, subject)


def _drawn(conn: Connection, school: str, row: VisitRow) -> FellowVisit:
    child = rows.one(conn, school, STUDENTS, row.case) or {}
    return FellowVisit(row.visit, str(child.get("name", "")), str(child.get("class_name", "")), row.form_id)
