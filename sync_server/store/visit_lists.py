"""Lists for the console: visits and conflicts, each only as far as its reader may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select, true

from sync_server.access import Reach
from sync_server.store import schema as t

v = t.visit.c
s = t.student.c
k = t.class_room.c
p = t.case_value.c
r = t.record.c

#: Filters of the list of visits: submitted splits into those whose files are all here and those still on their way.
WAITING, UNDERWAY, RETURNED, ACCEPTED = "waiting", "underway", "returned", "accepted"
ALL, SUBMITTED = "all", "submitted"
_COMPLETE = v.files_present >= v.files_total
_FILTERS = {
    WAITING: and_(v.status == "submitted", _COMPLETE),
    UNDERWAY: and_(v.status == "submitted", ~_COMPLETE),
    RETURNED: v.status == "returned",
    ACCEPTED: v.status == "accepted",
    SUBMITTED: v.status == "submitted",
}
FILTERS = (WAITING, UNDERWAY, RETURNED, ACCEPTED)


@dataclass(frozen=True)
class VisitLine:
    """A visit in a list, with the child's name and class."""

    visit: str
    case: str
    head: str
    versions: int
    form_id: str
    author: str
    started: str
    received_at: str
    status: str
    files_total: int
    files_present: int
    student: str
    class_name: str

    @property
    def complete(self) -> bool:
        """Whether every file the visit names has arrived."""
        return self.files_present >= self.files_total


@dataclass(frozen=True)
class Side:
    """How many values of a property stand side by side for one child, or for the home that it shares with `others`."""

    case: str
    prop: str
    values: int
    student: str
    class_name: str
    others: tuple[str, ...] = ()


def visits(
    conn: Connection, school: str, within: Reach, chosen: str, *, limit: int, offset: int = 0
) -> list[VisitLine]:
    """Visits of one filter, the newest arrival first; "submitted" is a queue: complete ones, longest waiting first."""
    queue = (case((_COMPLETE, 0), else_=1), v.received_at, v.visit)
    by = queue if chosen == SUBMITTED else (v.received_at.desc(), v.visit)
    found = _visit_columns().where(_reach(school, within, v.case, v.author), _FILTERS.get(chosen, true()))
    rows = conn.execute(found.where(v.school == school).order_by(*by).limit(limit).offset(offset))
    return [VisitLine(**row._mapping) for row in rows]


def visit_counts(conn: Connection, school: str, within: Reach) -> dict[str, int]:
    """Number of visits per filter, and of "all"."""
    columns = [func.coalesce(func.sum(case((_FILTERS[name], 1), else_=0)), 0).label(name) for name in FILTERS]
    found = select(func.count().label(ALL), *columns).where(v.school == school)
    return dict(conn.execute(found.where(_reach(school, within, v.case, v.author))).one()._mapping)


def sides(conn: Connection, school: str, within: Reach, props: Iterable[str]) -> list[Side]:
    """Properties among `props` with more than one different value, by class and child."""
    count = func.count(p.value.distinct())
    columns = select(p.case, p.prop, count.label("values"), s.name.label("student"), k.name.label("class_name"))
    found = columns.join(t.student, _child(p.school, p.case)).join(t.class_room, _room())
    found = found.where(p.school == school, p.prop.in_(list(props)), _reach(school, within, p.case))
    grouped = found.group_by(p.case, p.prop, s.name, k.name, s.class_id).having(count > 1)
    return [Side(**row._mapping) for row in conn.execute(grouped.order_by(s.class_id, s.name, p.prop))]


def newest_by_case(conn: Connection, school: str, cases: Iterable[str]) -> dict[str, str]:
    """When each of these children was visited last."""
    found = select(v.case, func.max(v.started).label("started")).where(v.school == school, v.case.in_(list(cases)))
    return {row.case: row.started for row in conn.execute(found.group_by(v.case))}


def newest_by_device(conn: Connection, school: str, devs: Iterable[str]) -> dict[str, tuple[str, int]]:
    """When the school last got a record from each of these devices, and the greatest number the device has used."""
    columns = select(r.dev, func.max(r.received_at).label("at"), func.max(r.seq).label("seq"))
    found = conn.execute(columns.where(r.school == school, r.dev.in_(list(devs))).group_by(r.dev))
    return {row.dev: (row.at, row.seq) for row in found}


def _visit_columns() -> Any:
    names = [field.name for field in fields(VisitLine) if field.name not in ("student", "class_name")]
    columns = [t.visit.c[name] for name in names]
    found = select(*columns, s.name.label("student"), k.name.label("class_name"))
    return found.join(t.student, _child(v.school, v.case)).join(t.class_room, _room())


def _child(school: Any, child: Any) -> Any:
    return and_(s.school == school, s.student == child)


def _room() -> Any:
    return and_(k.school == s.school, k.class_id == s.class_id)


def _reach(school: str, within: Reach, child: Any, author: Any = None) -> Any:
    if within.whole_school:
        return true()
    taught = select(s.student).where(s.school == school, s.class_id.in_(within.classes))
    mine = [child.in_(taught), child.in_(within.cases)]
    return or_(*mine, author == within.author) if author is not None and within.author else or_(*mine)
