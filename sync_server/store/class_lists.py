"""Which children are on the list of a class now, as the phones know it too."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from casebook.feeds import STUDENTS, class_scope
from sync_server.store import schema as t

f = t.feed_row.c
SUSPENDED = "suspended"  # on the roll, not on the list


def of_class(conn: Connection, school: str, class_id: str) -> list[Mapping[str, Any]]:
    """The rows of its children, by their names as they are spelt in letters."""
    found = _values(school).where(f.scope == class_scope(class_id))
    return sorted(_listed(conn.execute(found).scalars()), key=lambda one: (one.get("pinyin", ""), one["id"]))


def sizes(conn: Connection, school: str) -> Mapping[str, int]:
    """Class -> heads on its list."""
    found = _values(school).where(f.scope.startswith(class_scope("")))
    return Counter(str(one["class_id"]) for one in _listed(conn.execute(found).scalars()))


def _values(school: str) -> Any:
    return select(f.value).where(f.school == school, f.feed == STUDENTS, f.value.is_not(None))


def _listed(values: Any) -> list[Mapping[str, Any]]:
    rows = [json.loads(text) for text in values]
    return [row for row in rows if row.get("roll_status") != SUSPENDED]
