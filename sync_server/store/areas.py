"""Where children live: by this the children of a village belong to who leads it (R03)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import JSON, Connection, select, type_coerce

from casebook.feeds import STUDENTS
from sync_server.store import schema as t

f = t.feed_row.c
VILLAGE = type_coerce(f.value, JSON)["village"].as_string()


def homes(conn: Connection, school: str, villages: Collection[str]) -> dict[str, str]:
    """Child -> village of every child that lives in one of these villages, by id of the child."""
    if not villages:
        return {}
    live = (f.school == school, f.feed == STUDENTS, f.value.is_not(None))
    found = select(f.key, VILLAGE.label("village")).where(*live, VILLAGE.in_(list(villages)))
    return {row.key: row.village for row in conn.execute(found.order_by(f.key))}
