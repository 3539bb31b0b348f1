"""Functions on days and times; the clock and the zone come from the form's host."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache

from casebook.forms.dates import (
    as_instant,
    day_fraction,
    day_number,
    moment_of,
    moment_text,
    parse_moment,
)
from casebook.forms.expressions.context import Context
from casebook.forms.expressions.registry import FUNCTIONS, function
from casebook.forms.values import NAN, NUMBER, Value, to_text


def moment(context: Context, value: Value) -> date | datetime | None:
    """The day or instant a value stands for: ISO text, or a number of days since 1970."""
    zone = context.host.zone
    if isinstance(value, float):
        return moment_of(value, zone)
    text = to_text(value).strip()
    if NUMBER.match(text):
        return moment_of(float(text), zone)
    return parse_moment(text, zone)


@function("today", 0)
def _today(context: Context) -> Value:
    return context.host.instant().date().isoformat()


@function("now", 0)
def _now(context: Context) -> Value:
    return moment_text(context.host.instant())


@function("date", 1)
def _date(context: Context, value: Value) -> Value:
    """A day stays a day, so does its midnight; an instant stays an instant until a date question cuts it to the day."""
    found = moment(context, value)
    if isinstance(found, datetime):
        found = found.astimezone(context.host.zone)
        if found.timetz().replace(tzinfo=None) == time():
            found = found.date()
    return "" if found is None else moment_text(found)


@function("date-time", 1)
def _date_time(context: Context, value: Value) -> Value:
    found = moment(context, value)
    return "" if found is None else moment_text(as_instant(found, context.host.zone))


@function("decimal-date-time", 1)
def _decimal_date_time(context: Context, value: Value) -> Value:
    if isinstance(value, float):
        return value
    found = moment(context, value)
    return NAN if found is None else day_number(as_instant(found, context.host.zone))


@function("decimal-time", 1)
def _decimal_time(context: Context, value: Value) -> Value:
    return day_fraction(to_text(value), context.host.zone)


@function("format-date", 2)
def _format_date(context: Context, value: Value, pattern: Value) -> Value:
    found = moment(context, value)
    if found is None:
        return ""
    when = as_instant(found, context.host.zone).astimezone(context.host.zone)
    return _layout(to_text(pattern)).format(_Parts(when, context.host.term))


FUNCTIONS["format-date-time"] = FUNCTIONS["format-date"]


class _Parts:
    """What a pattern may name of a moment; names of months and weekdays come from the catalogue."""

    __slots__ = ("_term", "when")

    def __init__(self, when: datetime, term: Callable[[str], str]) -> None:
        self.when = when
        self._term = term

    @property
    def month(self) -> str:
        return self._term(f"forms.month.{self.when.month}")

    @property
    def weekday(self) -> str:
        return self._term(f"forms.weekday.{self.when.isoweekday()}")

    @property
    def short_year(self) -> int:
        return self.when.year % 100

    @property
    def milliseconds(self) -> int:
        return self.when.microsecond // 1000


_PARTS = {
    "Y": "{0.when.year:04}",
    "y": "{0.short_year:02}",
    "m": "{0.when.month:02}",
    "n": "{0.when.month}",
    "b": "{0.month}",
    "d": "{0.when.day:02}",
    "e": "{0.when.day}",
    "a": "{0.weekday}",
    "H": "{0.when.hour:02}",
    "h": "{0.when.hour}",
    "M": "{0.when.minute:02}",
    "S": "{0.when.second:02}",
    "3": "{0.milliseconds:03}",
    "%": "%",
}


@lru_cache(maxsize=256)
def _layout(pattern: str) -> str:
    """The pattern as Python formats `_Parts` with it; signs that nobody knows stay as written."""
    braced = pattern.replace("{", "{{").replace("}", "}}")
    return re.sub(r"%(.)", lambda sign: _PARTS.get(sign[1], sign[0]), braced)
