"""Days and instants, counted in the zone that was handed in."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.forms.dates import as_day, as_instant, day_fraction, day_number, moment_of, moment_text, parse_moment
from casebook.forms.environment import CHINA

zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
days = st.dates(date(1900, 1, 1), date(2200, 1, 1))
instants = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))


@given(days, zones)
def test_a_day_survives_being_counted(day: date, zone: timezone) -> None:
    assert moment_of(day_number(day), zone) == day


@given(days, zones)
def test_a_day_survives_being_written(day: date, zone: timezone) -> None:
    assert parse_moment(moment_text(day), zone) == day


@given(days, zones, st.integers(0, 400))
def test_adding_days_to_a_day_never_slips_in_any_zone(day: date, zone: timezone, more: int) -> None:
    assert moment_of(day_number(day) + more, zone) == day + timedelta(days=more)


@given(instants, zones)
def test_an_instant_survives_being_written(moment: datetime, zone: timezone) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=zone)
    assert parse_moment(moment_text(moment), UTC) == moment


@given(instants, zones)
def test_an_instant_survives_being_counted(moment: datetime, zone: timezone) -> None:
    moment = moment.replace(tzinfo=zone)
    counted = moment_of(day_number(moment), zone)
    assert counted is not None
    assert abs(as_instant(counted, UTC) - moment) < timedelta(milliseconds=1)


def test_a_time_without_offset_is_local() -> None:
    assert parse_moment("2026-11-20T08:30", CHINA) == datetime(2026, 11, 20, 0, 30, tzinfo=UTC)


def test_midnight_and_the_day_are_those_of_the_zone() -> None:
    late = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    assert as_day(late, CHINA) == date(2026, 11, 21)
    assert as_instant(date(2026, 11, 21), CHINA) == datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", [
    "", "2026-02-29", "2026-00-10", "26-01-01", "2026-1-1", "2026-01-01T25:00", "２０２６-01-01", "2026-01-01\n",
    "2026-01-01T10:00+99:00",
])  # fmt: skip
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_moment(text, CHINA) is None


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e12, -1e12])
def test_numbers_beyond_the_calendar_are_none(number: float) -> None:
    assert moment_of(number, CHINA) is None


@pytest.mark.parametrize(("text", "share"), [
    ("06:00", 0.25), ("06:00:00.000+08:00", 0.25), ("2026-11-20T22:00:00Z", 0.25), ("23:59:60", math.nan), ("x", math.nan),
])  # fmt: skip
def test_the_share_of_a_day(text: str, share: float) -> None:
    assert day_fraction(text, CHINA) == pytest.approx(share, nan_ok=True)
