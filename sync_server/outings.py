"""The other visits of one going to one door, as far as a reader may see them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from casebook.feeds import STUDENTS
from casebook.kinds.visit import outing_of
from casebook.records import Record
from sync_server import access
from sync_server.access import Actor, Verb
from sync_server.store import rows, visits
from sync_server.store.engine import Connection
from sync_server.store.visits import VisitRow
from sync_server.visits import VisitFile, Visits

AROUND = dt.timedelta(days=2)  # days are compared as text, so that a margin covers every time zone


@dataclass(frozen=True)
class FellowVisit:
    """Another visit of the same outing: whose, and with which form."""

    visit: str
    student: str
    class_name: str
    form_id: str


def fellow_visits(conn: Connection, school: str, opened: Visits, file: VisitFile, reader: Actor) -> list[FellowVisit]:
    """The author's other visits of this outing whose child the reader may see, in the order of their beginning."""
    first = file.versions[0].record
    if first is None:
        return []
    day = dt.datetime.fromisoformat(first.at.started).date()
    author, span = first.author, ((day - AROUND).isoformat(), (day + AROUND).isoformat())
    near = [row for row in visits.by_author_between(conn, school, author, *span) if row.visit != file.row.visit]
    return [_drawn(conn, school, row) for row in near if _belongs(conn, opened, row, first, reader)]


def _belongs(conn: Connection, opened: Visits, row: VisitRow, record: Record, reader: Actor) -> bool:
    other = opened.first_record(conn, row.visit)
    if other is None or outing_of(other) != outing_of(record):
        return False
    _, subject = opened.subject(conn, row.visit)
    return access.allows(reader, Verb.READ_EVIDENCE, subject)


def _drawn(conn: Connection, school: str, row: VisitRow) -> FellowVisit:
    child = rows.one(conn, school, STUDENTS, row.case) or {}
    return FellowVisit(row.visit, str(child.get("name", "")), str(child.get("class_name", "")), row.form_id)
