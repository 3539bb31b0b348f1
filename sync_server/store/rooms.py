"""The classes of the school."""

from __future__ import annotations

from sqlalchemy import Connection, select

from sync_server.store import schema as t

c = t.class_room.c


def ids(conn: Connection, school: str) -> list[str]:
    """All classes, by id."""
    return list(conn.execute(select(c.class_id).where(c.school == school).order_by(c.class_id)).scalars())


def is_class(conn: Connection, school: str, class_id: str) -> bool:
    """Whether the school knows this class."""
    return conn.execute(select(c.class_id).where(c.school == school, c.class_id == class_id)).first() is not None
