"""The classes of the school."""

from __future__ import annotations

from sqlalchemy import Connection, select

from casebook.feeds import CLASSES
from sync_server.store import schema as t

c = t.class_room.c
f = t.feed_row.c


def ids(conn: Connection, school: str) -> list[str]:
    """All classes that are taught, by id."""
    taught = f.school == school, f.feed == CLASSES, f.value.is_not(None)
    return list(conn.execute(select(f.key).where(*taught).order_by(f.key)).scalars())


def is_class(conn: Connection, school: str, class_id: str) -> bool:
    """Whether the school knows this class, or knew it."""
    return conn.execute(select(c.class_id).where(c.school == school, c.class_id == class_id)).first() is not None
