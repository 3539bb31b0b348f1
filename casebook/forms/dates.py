"""Days and instants of answers; the zone is always handed in, the machine's own is never asked."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?\Z", re.ASCII
)
_TIME = re.compile(r"(?:.*T)?(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?\Z", re.ASCII)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_A_DAY = 86400


@lru_cache(maxsize=512)
def parse_moment(text: str, zone: tzinfo) -> date | datetime | None:
    """A day, or an aware instant (in `zone` unless the text names its offset); None if it is neither."""
    match = _MOMENT.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        micros = int(((fraction or "0") + "000000")[:6])
        where = _offset(offset) if offset else zone
        clock = (int(hour), int(minute), int(second or 0), micros)
        return datetime(int(year), int(month), int(day), *clock, tzinfo=where)
    except ValueError:
        return None


def _offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + (int(text[-2:]) if len(text) > 3 else 0)
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def day_number(moment: date | datetime) -> float:
    """Days since 1970-01-01: calendar days for a day, fractions counted in UTC for an instant."""
    if isinstance(moment, datetime):
        return (moment - _EPOCH).total_seconds() / _SECONDS_A_DAY
    return float(moment.toordinal() - _EPOCH_DAY)


def moment_of(days: float, zone: tzinfo) -> date | datetime | None:
    """What `day_number` made: a whole number is a day, a fraction an instant in `zone`; None out of range."""
    if not math.isfinite(days):
        return None
    try:
        if days == math.floor(days):
            return date.fromordinal(int(days) + _EPOCH_DAY)
        return (_EPOCH + timedelta(days=days)).astimezone(zone)
    except (ValueError, OverflowError):
        return None


def as_instant(moment: date | datetime, zone: tzinfo) -> datetime:
    """The instant itself, or midnight in `zone` of a day."""
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day, tzinfo=zone)


def as_day(moment: date | datetime, zone: tzinfo) -> date:
    """The calendar day in `zone`."""
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def moment_text(moment: date | datetime) -> str:
    """ISO 8601; instants with milliseconds and offset."""
    return moment.isoformat(timespec="milliseconds") if isinstance(moment, datetime) else moment.isoformat()


def day_fraction(text: str, zone: tzinfo) -> float:
    """The share of the day that has passed at a time of day, or at the time of an instant in `zone`; else NaN."""
    match = _TIME.match(text)
    if match is None:
        return math.nan
    if match[5]:
        moment = parse_moment(text if "T" in text else f"1970-01-01T{text}", zone)
        if not isinstance(moment, datetime):
            return math.nan
        moment = moment.astimezone(zone)
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6
        return seconds / _SECONDS_A_DAY
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return math.nan
    return (hour * 3600 + minute * 60 + second + float(f"0.{match[4] or 0}")) / _SECONDS_A_DAY
