"""Functions on days and times; the clock and the zone come from the form's host."""

from __future__ import annotations

import re
from datetime import date, datetime, time

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

    def part(sign: re.Match[str]) -> str:
        return _part(context, when, sign[1]) or sign[0]

    return re.sub(r"%(.)", part, to_text(pattern))


FUNCTIONS["format-date-time"] = FUNCTIONS["format-date"]
_PLAIN_PARTS = {
    "Y": "{0.year:04}",
    "m": "{0.month:02}",
    "n": "{0.month}",
    "d": "{0.day:02}",
    "e": "{0.day}",
    "H": "{0.hour:02}",
    "h": "{0.hour}",
    "M": "{0.minute:02}",
    "S": "{0.second:02}",
    "%": "%",
}


def _part(context: Context, when: datetime, sign: str) -> str:
    """One %-part; names of months and weekdays come from the catalogue. Blank if unknown."""
    if sign == "b":
        return context.host.term(f"forms.month.{when.month}")
    if sign == "a":
        return context.host.term(f"forms.weekday.{when.isoweekday()}")
    if sign == "y":
        return f"{when.year % 100:02}"
    if sign == "3":
        return f"{when.microsecond // 1000:03}"
    return _PLAIN_PARTS.get(sign, "").format(when)

