"""The rows of the rulebook as this school holds them: the same rows are read here and sent to every phone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from assets import read_bytes
from casebook.feeds import RULES, SCHOOL_SCOPE
from casebook.rules.rulebook import EVERYWHERE, Rule, Rulebook
from sync_server.store import rows
from sync_server.store.engine import Connection
from sync_server.store.rows import ScopedRow

Row = Mapping[str, Any]


def key_of(row: Row) -> str:
    """The key of a row in its feed: for whom, what, from which day on."""
    return f"{row.get('scope', EVERYWHERE)}|{row['key']}|{row.get('effective_from', '')}"


@cache
def default_rows() -> tuple[Row, ...]:
    """The rows that ship with the program."""
    return tuple(json.loads(read_bytes("rules/rulebook.json")))


@cache
def default_book() -> Rulebook:
    """The book of a school that has no rows of its own."""
    return Rulebook.of_school(default_rows())


def rows_of(conn: Connection, school: str) -> list[Row]:
    """All rows that may hold at this school; the defaults while none were published."""
    return list(rows.of_feed(conn, school, RULES).values()) or list(default_rows())


def book(conn: Connection, school: str) -> Rulebook:
    """The book of these rows. Raises RuleBroken for a row that cannot be right."""
    return Rulebook.of_school(rows_of(conn, school))


def publish(conn: Connection, school: str, added: Iterable[Row], at: str) -> int:
    """Sends rows to all phones; returns how many were new or changed. Raises RuleBroken, then nothing is sent."""
    scoped = [ScopedRow(RULES, key_of(row), SCHOOL_SCOPE, row) for row in added if Rule.from_row(row)]
    return rows.put(conn, school, scoped, at)


def publish_defaults(conn: Connection, school: str, at: str) -> int:
    """Sends the rows that ship with the program: when a school is founded, and when the program was renewed."""
    return publish(conn, school, default_rows(), at)
