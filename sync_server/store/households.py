"""Pairs of children of whom somebody said that they are not of one household."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from sync_server.store import schema as t

n = t.no_household.c


def apart(conn: Connection, school: str) -> set[str]:
    """Every such pair."""
    return set(conn.execute(select(n.pair).where(n.school == school)).scalars())


def keep_apart(conn: Connection, school: str, pair: str, account: str, at: str) -> None:
    """Notes a pair; once is enough."""
    if pair not in apart(conn, school):
        conn.execute(insert(t.no_household).values(school=school, pair=pair, account=account, at=at))
