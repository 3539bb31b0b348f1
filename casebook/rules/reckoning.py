"""Counts from a day to a due day by one row of the rulebook, and says how it was counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from casebook.rules.calendar import SchoolCalendar
from casebook.rules.rulebook import DAY_OF_MONTH, DAYS, HOURS, SCHOOL_DAYS, Rule

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Because:
    """One step of an explanation: its code and its facts; the sentence is in the catalogue."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reckoned:
    """A due day, None when the calendar does not reach so far, with the steps that led to it."""

    day: dt.date | None
    steps: tuple[Because, ...]


def reckon(rule: Rule, start: dt.date, calendar: SchoolCalendar, value: int | None = None) -> Reckoned:
    """Counts `rule` (or its one `value`, where the row holds several) from `start`."""
    length = rule.value if value is None else value
    reached = _reach(rule, start, length, calendar)
    code = f"{rule.unit}_{rule.counted}"
    steps = [Because(code, {"start": start.isoformat(), "n": length, "day": _text(reached)})]
    if reached is not None and rule.roll and not calendar.is_school_day(reached):
        rolled = calendar.next_school_day(reached)
        steps.append(Because("rolled", {"from": reached.isoformat(), "day": _text(rolled)}))
        reached = rolled
    if reached is None:
        steps.append(Because("calendar_ends"))
    return Reckoned(reached, tuple(steps))


def warn_day(rule: Rule, due: dt.date | None, calendar: SchoolCalendar) -> dt.date | None:
    """The school day on which people are warned, so many school days before the due day."""
    day = due
    for _ in range(rule.warn):
        day = calendar.previous_school_day(day) if day else None
    return day if rule.warn else None


def monthly(rule: Rule, month: dt.date, calendar: SchoolCalendar) -> Reckoned:
    """The day of a month's report: its last school day, or the day that the county sets (R47)."""
    first = month.replace(day=1)
    last = (first + 31 * _DAY).replace(day=1) - _DAY
    held = calendar.between(first, last)
    if rule.value == "last_school_day":
        day = held[-1] if held else None
        return Reckoned(day, (Because("last_school_day_of_month", {"day": _text(day)}),))
    day = first.replace(day=min(int(rule.value), last.day)) if held else None
    return Reckoned(day, (Because(DAY_OF_MONTH, {"n": rule.value, "day": _text(day)}),))


def _reach(rule: Rule, start: dt.date, length: int, calendar: SchoolCalendar) -> dt.date | None:
    if rule.unit == SCHOOL_DAYS:
        return _by_school_days(rule.counted, start, length, calendar)
    if rule.unit in (DAYS, HOURS):
        days = length if rule.unit == DAYS else length // 24
        return start + {"from": days - 1, "after": days, "before": -days}[rule.counted] * _DAY
    return start


def _by_school_days(counted: str, start: dt.date, length: int, calendar: SchoolCalendar) -> dt.date | None:
    if counted == "from":
        return calendar.nth_school_day(start, length)
    if counted == "after":
        return calendar.nth_school_day(start + _DAY, length) if length else start
    day: dt.date | None = start
    for _ in range(length):
        day = calendar.previous_school_day(day) if day else None
    return day


def _text(day: dt.date | None) -> str:
    return day.isoformat() if day else ""
