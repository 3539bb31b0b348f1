"""The shipped school years, and the sample calendar in which the day of the demonstration is a school day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from casebook.rules.calendar import SchoolCalendar
from sync_server.registry import default_terms
from sync_server.sample.calendar import demonstration_terms


@pytest.fixture(scope="module")
def calendar() -> SchoolCalendar:
    return SchoolCalendar.from_rows(default_terms())


def test_first_term_of_2025_has_100_school_days(calendar):
    assert calendar.school_days(date(2025, 9, 1), date(2026, 1, 23)) == 100


def test_make_up_days_are_school_days_and_holidays_are_not(calendar):
    for day in (date(2025, 9, 28), date(2025, 10, 11), date(2026, 1, 4)):
        assert day.weekday() >= 5 and calendar.is_school_day(day)
    for day in (date(2025, 10, 1), date(2025, 10, 8), date(2026, 1, 1), date(2026, 1, 2)):
        assert day.weekday() < 5 and not calendar.is_school_day(day)


def test_absence_story_of_october_counts_the_make_up_saturday(calendar):
    first = date(2025, 10, 9)
    assert calendar.nth_school_day(first, 3) == date(2025, 10, 11)
    assert calendar.nth_school_day(first, 5) == date(2025, 10, 14)
    assert calendar.school_days(first, date(2025, 10, 21)) == 10


def test_absence_story_of_december_reaches_34_days_at_term_end(calendar):
    first = date(2025, 12, 8)
    assert calendar.nth_school_day(first, 3) == date(2025, 12, 10)
    assert calendar.nth_school_day(first, 5) == date(2025, 12, 12)
    assert calendar.school_days(first, date(2026, 1, 23)) == 34


def test_terms_do_not_overlap_and_lists_hold_only_days_that_matter(calendar):
    for one, following in pairwise(calendar.terms):
        assert one.last < following.first
    for term in calendar.terms:
        assert all(term.first <= day <= term.last for day in term.on | term.off)
        assert all(day.weekday() >= 5 for day in term.on)
        assert not term.on & term.off


@pytest.mark.parametrize("offset", range(0, 1500, 7))
def test_any_day_can_be_shown_as_a_school_day(offset):
    today = date(2025, 6, 1) + timedelta(days=offset)
    calendar = SchoolCalendar.from_rows(demonstration_terms(today))
    assert calendar.is_school_day(today)
    spans = [(term.first, term.last) for term in calendar.terms]
    assert all(one[1] < two[0] for one, two in pairwise(spans))


def test_a_school_day_needs_no_change():
    assert demonstration_terms(date(2026, 11, 20)) == default_terms()


def test_a_sunday_in_term_becomes_a_make_up_day_and_nothing_else_changes():
    sunday = date(2026, 11, 22)
    changed = SchoolCalendar.from_rows(demonstration_terms(sunday))
    plain = SchoolCalendar.from_rows(default_terms())
    assert not plain.is_school_day(sunday)
    others = [sunday + timedelta(days=n) for n in range(-60, 60) if n]
    assert all(changed.is_school_day(day) == plain.is_school_day(day) for day in others)
