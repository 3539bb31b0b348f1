"""School days: terms, holidays and make-up days, as data of the school (domain 3.3, clock rules)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Term:
    """One term: first and last day inclusive, days off, and weekend days on which school is held (调休)."""

    term: str
    first: dt.date
    last: dt.date
    off: frozenset[dt.date] = frozenset()
    on: frozenset[dt.date] = frozenset()

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Term:
        """A row of the calendar feed. Raises KeyError or ValueError for a broken row."""
        days = {name: frozenset(map(dt.date.fromisoformat, row[name])) for name in ("off", "on")}
        first, last = dt.date.fromisoformat(row["first"]), dt.date.fromisoformat(row["last"])
        return cls(row["term"], first, last, days["off"], days["on"])


@dataclass(frozen=True)
class SchoolCalendar:
    """All terms known. Days outside every term are no school days."""

    terms: tuple[Term, ...] = ()

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> SchoolCalendar:
        """The calendar of the rows of the calendar feed."""
        return cls(tuple(sorted((Term.from_row(row) for row in rows), key=lambda term: term.first)))

    def is_school_day(self, day: dt.date) -> bool:
        """Whether class is held: a weekday or make-up day of a term that is not off."""
        for term in self.terms:
            if term.first <= day <= term.last:
                return day in term.on or (day.weekday() < 5 and day not in term.off)
        return False

    def next_school_day(self, day: dt.date) -> dt.date | None:
        """The first school day after `day`, None when no known term has one."""
        last = max((term.last for term in self.terms), default=day)
        while day < last:
            day += _DAY
            if self.is_school_day(day):
                return day
        return None

    def school_days(self, first: dt.date, last: dt.date) -> int:
        """Number of school days from `first` to `last`, both included."""
        return sum(self.is_school_day(first + n * _DAY) for n in range((last - first).days + 1))

    def nth_school_day(self, first: dt.date, n: int) -> dt.date | None:
        """The n-th school day counted from `first` (itself the 1st if class is held then), None when unknown."""
        day: dt.date | None = first if self.is_school_day(first) else self.next_school_day(first)
        for _ in range(n - 1):
            day = self.next_school_day(day) if day else None
        return day
