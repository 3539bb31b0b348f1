"""The list of visits: one row per visit, kept up as versions, reviews and files arrive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, exists, func, insert, select, update

from casebook.casefile import Entry, Visit, fold
from sync_server.store import archive
from sync_server.store import schema as t
from sync_server.store.direct import Among, Direct

v, named, file = t.visit.c, t.record_file.c, t.file.c
SCHOOL: BindParameter[str] = bindparam("of_school")
DROP, ADD = Direct(delete(t.visit).where(v.school == SCHOOL, v.visit == bindparam("of_visit"))), Direct(insert(t.visit))
IN_VISITS = select(named.visit).distinct().where(named.school == SCHOOL, named.visit.is_not(None))
NAMING = Among(lambda hashes: IN_VISITS.where(named.sha256.in_(hashes)))
THERE = exists().where(file.school == named.school, file.sha256 == named.sha256)
ARRIVED = select(func.count(named.sha256.distinct())).where(named.school == v.school, named.rid == v.head, THERE)
COUNT = update(t.visit).where(v.school == SCHOOL).values(files_present=ARRIVED.scalar_subquery())
COUNT_FILES = Among(lambda visits: COUNT.where(v.visit.in_(visits)))


@dataclass(frozen=True)
class VisitRow:
    """A visit at a glance; `head` is the rid of the version that counts, `status` submitted, accepted or returned."""

    visit: str
    case: str
    head: str
    versions: int
    form_id: str
    author: str
    started: str
    ended: str
    received_at: str
    status: str
    files_total: int
    files_present: int

    @property
    def complete(self) -> bool:
        """Whether every file the visit names has arrived."""
        return self.files_present >= self.files_total


def refresh(conn: Connection, school: str, visit: str, newest: Entry | None = None) -> None:
    """Writes the row of one visit anew from its few versions and reviews; `newest` is what has just come of it."""
    alone = newest is not None and archive.is_alone(conn, school, visit, newest.rid)
    said = _row_of(visit, [newest]) if newest and alone else row_of(conn, school, visit)
    if said is None:
        return
    if not alone:
        DROP.run(conn, of_school=school, of_visit=visit)
    ADD.run(conn, school=school, **said, files_present=0)
    _count_files(conn, school, [visit])


def row_of(conn: Connection, school: str, visit: str) -> dict[str, Any] | None:
    """What the row of a visit should say, but for the files that are here; None when there is no such visit.

    A visit belongs to the child its first version named; what came later under the same id for another is left out.
    """
    return _row_of(visit, archive.of_visit(conn, school, visit))


def _row_of(visit: str, entries: list[Entry]) -> dict[str, Any] | None:
    case = next((entry.record.case for entry in entries if entry.record.type == "visit"), None)
    own = [entry for entry in entries if entry.record.case == case]
    found = fold(case, own).visit(visit) if case else None
    return _values(found) if found else None


def miscounted(conn: Connection, school: str) -> list[str]:
    """Visits whose row counts other files than those that are here."""
    found = select(v.visit).where(v.school == school, v.files_present != ARRIVED.scalar_subquery())
    return sorted(conn.execute(found).scalars())


def note_files(conn: Connection, school: str, hashes: Iterable[str]) -> list[str]:
    """Files have arrived whole: counts them for every visit that names one of them; returns those visits."""
    visits = sorted({row[0] for row in NAMING.all(conn, list(hashes), of_school=school)})
    _count_files(conn, school, visits)
    return visits


def sharing_photos(conn: Connection, school: str, visits: Iterable[str]) -> list[str]:
    """All visits that name a photo of one of these visits, themselves included."""
    own = t.record_file.alias("own").c
    same = (named.school == own.school, named.sha256 == own.sha256, named.visit.is_not(None))
    asked = (own.school == school, own.visit.in_(list(visits)), own.role == "photo")
    found = conn.execute(select(named.visit).distinct().where(*asked, *same)).scalars()
    return [visit for visit in found if visit is not None]


def whole_photos(conn: Connection, school: str, visits: Iterable[str]) -> list[tuple[str, str]]:
    """Visit and hash of every photo of these visits that has arrived, in the order of the records that name them."""
    r = t.record.c
    same = (r.school == named.school, r.rid == named.rid)
    asked = (named.school == school, named.visit.in_(list(visits)), named.role == "photo", THERE)
    found = conn.execute(select(named.visit, named.sha256).where(*asked, *same).order_by(r.sseq, named.sha256))
    return [(str(visit), sha256) for visit, sha256 in found]


def by_author_between(conn: Connection, school: str, author: str, first: str, last: str) -> list[VisitRow]:
    """An author's visits begun between two texts of time, in the order in which they were begun."""
    found = _rows(conn, v.school == school, v.author == author, v.started >= first, v.started <= last, limit=200)
    return sorted(found, key=lambda row: row.started)


def of_cases_between(conn: Connection, school: str, cases: Iterable[str], first: str, last: str) -> list[VisitRow]:
    """Visits to these children begun between two texts of time."""
    return _rows(conn, v.school == school, v.case.in_(list(cases)), v.started >= first, v.started <= last, limit=200)


def one(conn: Connection, school: str, visit: str) -> VisitRow | None:
    """The row of one visit."""
    rows = _rows(conn, v.school == school, v.visit == visit)
    return rows[0] if rows else None


def listed(
    conn: Connection,
    school: str,
    *,
    status: str | None = None,
    cases: Iterable[str] | None = None,
    author: str | None = None,
    limit: int = 200,
) -> list[VisitRow]:
    """Visits, the newest arrival first, narrowed by what is given."""
    conditions = [v.school == school]
    if status is not None:
        conditions.append(v.status == status)
    if cases is not None:
        conditions.append(v.case.in_(list(cases)))
    if author is not None:
        conditions.append(v.author == author)
    return _rows(conn, *conditions, limit=limit)


def counts(conn: Connection, school: str) -> dict[str, int]:
    """Number of visits per status."""
    rows = conn.execute(select(v.status, func.count()).where(v.school == school).group_by(v.status))
    return {status: count for status, count in rows}


def counts_by_form(conn: Connection, school: str) -> dict[tuple[str, str | None], int]:
    """(form id, version) -> number of visits whose newest version was made with it."""
    rows = conn.execute(
        select(v.form_id, v.form_version, func.count()).where(v.school == school).group_by(v.form_id, v.form_version)
    )
    return {(form_id, version): count for form_id, version, count in rows}


def _values(found: Visit) -> dict[str, Any]:
    head, record = found.head, found.head.record
    begun = found.versions[0].record.at  # a supplement is written days later, and the visit was when it was
    return {
        "visit": found.visit, "case": record.case, "head": head.rid, "versions": len(found.versions),
        "form_id": record.form.id if record.form else "", "form_version": record.form.version if record.form else None,
        "author": record.author,
        "started": begun.started, "ended": begun.ended, "received_at": head.received_at,
        "status": found.status, "files_total": len({att.sha256 for att in record.att}),
    }  # fmt: skip


def _count_files(conn: Connection, school: str, visits: list[str]) -> None:
    COUNT_FILES.run(conn, visits, of_school=school)


def _rows(conn: Connection, *conditions: Any, limit: int = 1) -> list[VisitRow]:
    names = [field.name for field in fields(VisitRow)]
    found = select(*(t.visit.c[name] for name in names)).where(*conditions)
    rows = conn.execute(found.order_by(v.received_at.desc(), v.visit).limit(limit))
    return [VisitRow(**row._mapping) for row in rows]
