"""The calendar and the rulebook as this phone knows them: rows of the feeds, else the defaults that ship with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from assets import read_bytes
from casebook import feeds
from casebook.rules.calendar import SchoolCalendar
from casebook.rules.rulebook import Rulebook
from fieldapp.store.roster import Roster

_ADDED = "id"  # what the roster adds to every row


class Rulework:
    """Calendar and rulebook of the newest rows. `refresh` before reading."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._revision: int | None = None
        self._rows: list[dict[str, Any]] | None = None
        self.calendar = SchoolCalendar()
        self.book = book_of(())

    def refresh(self) -> bool:
        """Takes over what has changed; whether anything has."""
        if self._revision == self._roster.revision:
            return False
        self._revision = self._roster.revision
        calendar, rows = SchoolCalendar.from_rows(self._roster.rows(feeds.CALENDAR)), self._roster.rows(feeds.RULES)
        same = calendar == self.calendar and rows == self._rows
        if not same:
            self.calendar, self._rows, self.book = calendar, rows, book_of(rows)
        return not same


@cache
def default_rows() -> tuple[Mapping[str, Any], ...]:
    """The rows that ship with the app."""
    return tuple(json.loads(read_bytes("rules/rulebook.json")))


def book_of(rows: Iterable[Mapping[str, Any]]) -> Rulebook:
    """The rules of one school: its rows, and the defaults for what it does not say.

    A row that only a newer app can read is passed over.
    """
    plain = [{name: value for name, value in row.items() if name != _ADDED} for row in rows]
    return Rulebook.of_school([*default_rows(), *filter(_readable, plain)])


def _readable(row: Mapping[str, Any]) -> bool:
    try:
        Rulebook.of_school([row])
    except ValueError:  # RuleBroken, or a scope of another kind
        return False
    return True
