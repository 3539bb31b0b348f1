"""School days are data: holidays, make-up days, and nothing outside the terms."""

from __future__ import annotations

import datetime as dt

from casebook.rules.calendar import SchoolCalendar

TERM = {
    "term": "2025-2026-1", "first": "2025-09-01", "last": "2026-01-23",
    "off": [f"2025-10-0{n}" for n in range(1, 9)], "on": ["2025-09-28", "2025-10-11"],
}  # fmt: skip
CALENDAR = SchoolCalendar.from_rows([TERM])
THURSDAY = dt.date(2025, 10, 9)


def test_school_days_know_holidays_and_make_up_days() -> None:
    """Story B: the 3rd school day from Thu 9 October is Sat 11 October, the 5th is Tue 14 October."""
    assert CALENDAR.nth_school_day(THURSDAY, 3) == dt.date(2025, 10, 11)
    assert CALENDAR.nth_school_day(THURSDAY, 5) == dt.date(2025, 10, 14)
    assert CALENDAR.school_days(THURSDAY, dt.date(2025, 10, 21)) == 10
    assert not CALENDAR.is_school_day(dt.date(2025, 10, 1))


def test_what_no_term_knows_is_no_school_day() -> None:
    assert not CALENDAR.is_school_day(dt.date(2026, 2, 2))
    assert CALENDAR.next_school_day(dt.date(2026, 1, 23)) is None
    assert CALENDAR.previous_school_day(dt.date(2025, 9, 1)) is None


def test_the_day_before_a_holiday_and_the_term_of_a_day() -> None:
    assert CALENDAR.previous_school_day(THURSDAY) == dt.date(2025, 9, 30)
    term = CALENDAR.term_of(dt.date(2025, 10, 4))
    assert term is not None
    assert term.term == "2025-2026-1"
    assert CALENDAR.term_of(dt.date(2025, 8, 31)) is None
