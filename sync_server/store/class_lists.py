"""Which children are on the list of a class now, as the phones know it too."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from casebook.feeds import STUDENTS, class_scope
from sync_server.store import schema as t

f = t.feed_row.c
s = t.student.c
CHUNK = 400  # stays below SQLite's limit of bound values
SUSPENDED = "suspended"  # on the roll, not on the list
_SUSPENDED = json.dumps({"roll_status": SUSPENDED})[1:-1]


def of_class(conn: Connection, school: str, class_id: str) -> list[Mapping[str, Any]]:
    """The rows of its children, by their names as they are spelt in letters."""
    found = _values(school).where(f.scope == class_scope(class_id))
    return sorted(_listed(conn.execute(found).scalars()), key=lambda one: (one.get("pinyin", ""), one["id"]))


def sizes(conn: Connection, school: str) -> Mapping[str, int]:
    """Class -> heads on its list."""
    away = f.value.contains(_SUSPENDED, autoescape=True)  # rows are written in one way, so their text tells
    listed = select(f.scope, func.count().label("heads")).where(*_live(school), ~away)
    found = conn.execute(listed.where(f.scope.startswith(class_scope(""))).group_by(f.scope))
    return {row.scope.removeprefix(class_scope("")): row.heads for row in found}


def names(conn: Connection, school: str, children: Collection[str]) -> dict[str, tuple[str, str]]:
    """Child -> its name and its class, of those among `children` that have a row."""
    wanted = sorted(children)
    found: dict[str, tuple[str, str]] = {}
    columns = select(s.student, s.name, s.class_id).where(s.school == school, *_live(school), f.key == s.student)
    for start in range(0, len(wanted), CHUNK):
        part = columns.where(s.student.in_(wanted[start : start + CHUNK]))
        found |= {row.student: (row.name, row.class_id) for row in conn.execute(part)}
    return found


def _live(school: str) -> tuple[Any, ...]:
    return f.school == school, f.feed == STUDENTS, f.value.is_not(None)


def _values(school: str) -> Any:
    return select(f.value).where(*_live(school))


def _listed(values: Any) -> list[Mapping[str, Any]]:
    rows = [json.loads(text) for text in values]
    return [row for row in rows if row.get("roll_status") != SUSPENDED]
