"""Days and instants as a person reads them: 10月16日（周四）, 16:20."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from casebook.wording import Wording

MISSING = "—"
_TERM = re.compile(r"(\d{4})-(\d{4})-([12])\Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")


class Dates:
    """Says days and instants in one language, local to the school; the year only where it is not this year."""

    def __init__(self, wording: Wording, zone: dt.tzinfo, today: dt.date) -> None:
        self._wording, self._zone, self._today = wording, zone, today

    def day(self, value: str | dt.date | None) -> str:
        """A day, or the day of an instant: 10月16日（周四）. What is no date is shown as it is."""
        try:
            day = value if isinstance(value, dt.date) else self._local(str(value)).date()
        except ValueError:
            return str(value) if value else MISSING
        weekday = self._wording(f"console.weekday.{day.isoweekday()}")
        month = self._wording(f"console.month.{day.month}")
        key = "console.date.day" if day.year == self._today.year else "console.date.day_with_year"
        return self._wording(key, year=day.year, month=month, day=day.day, weekday=weekday)

    def time(self, value: str | None) -> str:
        """The time of day of an instant, 16:20."""
        try:
            return self._local(str(value)).strftime("%H:%M")
        except ValueError:
            return MISSING

    def moment(self, value: str | None) -> str:
        """Day and time of an instant."""
        try:
            self._local(str(value))
        except ValueError:
            return MISSING
        return f"{self.day(value)} {self.time(value)}"

    def span(self, started: str, ended: str) -> str:
        """From when to when; the second day only where it is another one."""
        same_day = self.day(started) == self.day(ended)
        return f"{self.moment(started)}–{self.time(ended) if same_day else self.moment(ended)}"

    def term(self, code: str) -> str:
        """A term of the calendar, 2025-2026-1, as people call it; what is no term is shown as it is."""
        found = _TERM.match(code)
        if found is None:
            return code
        first, second, number = found.groups()
        return self._wording(f"console.date.term.{number}", first=first, second=second)

    def told(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The same facts with every written day as a person reads it."""
        return {name: self.day(fact) if _DAY.match(str(fact)) else fact for name, fact in facts.items()}

    def _local(self, value: str) -> dt.datetime:
        instant = dt.datetime.fromisoformat(value)
        return instant.astimezone(self._zone) if instant.tzinfo else instant
