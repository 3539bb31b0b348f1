"""School days: terms, holidays and make-up days, as data of the school (domain 3.3, clock rules)."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
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

    @cached_property
    def days(self) -> tuple[dt.date, ...]:
        """All school days known, in order: weekdays and make-up days of a term that are not off."""
        return tuple(sorted({day for term in self.terms for day in _held(term)}))

    @cached_property
    def _held_on(self) -> frozenset[dt.date]:
        return frozenset(self.days)

    def is_school_day(self, day: dt.date) -> bool:
        """Whether class is held."""
        return day in self._held_on

    def next_school_day(self, day: dt.date) -> dt.date | None:
        """The first school day after `day`, None when no known term has one."""
        return self._at(bisect_right(self.days, day))

    def previous_school_day(self, day: dt.date) -> dt.date | None:
        """The last school day before `day`, None when no known term has one."""
        return self._at(bisect_left(self.days, day) - 1)

    def school_days(self, first: dt.date, last: dt.date) -> int:
        """Number of school days from `first` to `last`, both included."""
        return max(0, bisect_right(self.days, last) - bisect_left(self.days, first))

    def between(self, first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
        """The school days from `first` to `last`, both included."""
        return self.days[bisect_left(self.days, first) : bisect_right(self.days, last)]

    def nth_school_day(self, first: dt.date, n: int) -> dt.date | None:
        """The n-th school day counted from `first` (itself the 1st if class is held then), None when unknown."""
        return self._at(bisect_left(self.days, first) + n - 1)

    def term_of(self, day: dt.date) -> Term | None:
        """The term that `day` lies in."""
        return next((term for term in self.terms if term.first <= day <= term.last), None)

    def _at(self, place: int) -> dt.date | None:
        return self.days[place] if 0 <= place < len(self.days) else None


def _held(term: Term) -> Iterator[dt.date]:
    for n in range((term.last - term.first).days + 1):
        day = term.first + n * _DAY
        if day in term.on or (day.weekday() < 5 and day not in term.off):
            yield day
