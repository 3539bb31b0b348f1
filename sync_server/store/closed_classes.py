"""Closes classes that are taught no more: their rows leave the phones, and nobody reaches them any longer."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from casebook.feeds import CLASSES, class_scope
from sync_server.store import accounts, reach, rows


def close(conn: Connection, school: str, classes: Iterable[str], at: str) -> None:
    """Takes the rows back and ends the reach of everybody who had these classes; their children are told elsewhere."""
    for class_id in classes:
        if rows.one(conn, school, CLASSES, class_id) is None:
            continue
        rows.take_back(conn, school, CLASSES, [class_id])
        for account in sorted(accounts.who_reaches(conn, school, [class_scope(class_id)])):
            reach.revoke(conn, school, account, class_scope(class_id))
            rows.put_me(conn, school, account, at)
