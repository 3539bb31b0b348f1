"""The rows of the rulebook as this school holds them: the same rows are read here and sent to every phone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from assets import read_bytes
from casebook.feeds import RULES, SCHOOL_SCOPE
from casebook.rules.rulebook import EVERYWHERE, Rule, Rulebook, RuleBroken
from sync_server import counties
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


class RuleForeign(RuleBroken):
    """A row of another county, or of another school; `field` is its scope."""


def publish(conn: Connection, school: str, added: Iterable[Row], at: str) -> int:
    """Sends rows to all phones; returns how many were new or changed.

    Raises RuleBroken, or RuleForeign for a row of another county or school: then nothing is sent.
    """
    own, scoped = counties.own_scopes(conn, school), []
    for row in added:
        rule = Rule.from_row(row)
        if rule.scope not in own:
            raise RuleForeign(rule.key, rule.scope)
        scoped.append(ScopedRow(RULES, key_of(row), SCHOOL_SCOPE, row))
    return rows.put(conn, school, scoped, at)


def take_back_foreign(conn: Connection, school: str) -> None:
    """Takes rows of other counties and schools from the phones, which came before this was checked."""
    own = counties.own_scopes(conn, school)
    foreign = [key for key in rows.of_feed(conn, school, RULES) if key.partition("|")[0] not in own]
    if foreign:
        rows.take_back(conn, school, RULES, foreign)


def publish_defaults(conn: Connection, school: str, at: str) -> int:
    """Sends the rows that ship with the program: when a school is founded, and when the program was renewed."""
    return publish(conn, school, default_rows(), at)
