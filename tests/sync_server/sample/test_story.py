"""The planned past fits every day on which somebody may plant it."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from casebook.rules.calendar import SchoolCalendar
from sync_server.sample.calendar import demonstration_terms
from sync_server.sample.school import SEED, build
from sync_server.sample.story import Absence, Days, Moment, PlannedVisit, choose_children, stories

CHINA = dt.timezone(dt.timedelta(hours=8))
DAYS = [dt.date(2025, 8, 1) + dt.timedelta(days=3 * n) for n in range(260)]


def days_at(today: dt.date, time: dt.time = dt.time(10, 30)) -> Days:
    calendar = SchoolCalendar.from_rows(demonstration_terms(today))
    return Days(calendar, dt.datetime.combine(today, time, CHINA))


def planned_day(days: Days, answer: str) -> dt.date:
    return days.day(int(answer.removeprefix("@")))


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_promises_and_next_steps_keep_the_limits_of_the_forms(today):
    days = days_at(today)
    for story in stories():
        for event in story.events:
            if isinstance(event, PlannedVisit):
                visited = days.day(event.moment.day)
                for name, first, last in (("promise_pick", 0, 30), ("back_pick", 0, 30), ("next_pick", 1, 60)):
                    if name in event.answers:
                        ahead = (planned_day(days, event.answers[name]) - visited).days
                        assert first <= ahead <= last, (story.key, event.label, name)


@pytest.mark.parametrize("today", DAYS[::5], ids=str)
def test_school_days_of_the_story_are_school_days_of_the_published_calendar(today):
    days, calendar = days_at(today), SchoolCalendar.from_rows(demonstration_terms(today))
    assert all(calendar.is_school_day(days.day(offset)) for offset in range(-12, 3))


@pytest.mark.parametrize("time", [dt.time(0, 1), dt.time(7, 0), dt.time(12, 0), dt.time(23, 59)], ids=str)
def test_nothing_is_planned_later_than_now(time):
    days = days_at(dt.date(2026, 11, 22), time)
    now = dt.datetime.combine(dt.date(2026, 11, 22), time, CHINA)
    for story in stories():
        moments = [event.moment for event in story.events]
        moments += [event.sync for event in story.events if isinstance(event, PlannedVisit)]
        assert all(days.instant(moment) < now for moment in moments)


def test_events_of_a_child_follow_each_other():
    days = days_at(dt.date(2026, 11, 20))
    for story in stories():
        instants = [days.instant(event.moment) for event in story.events]
        assert all(one < two for one, two in pairwise(instants)), story.key
        assert isinstance(story.events[0], Absence)


def test_a_moment_of_today_waits_for_nobody():
    days = days_at(dt.date(2026, 11, 20), dt.time(7, 0))
    assert days.instant(Moment(0, "07:50")) == dt.datetime(2026, 11, 20, 6, 58, tzinfo=CHINA)


def test_every_story_finds_a_child_of_its_own():
    roster = build(SEED, dt.date(2026, 11, 20)).roster
    children = choose_children(stories(), roster.students, roster.villages)
    assert len({child.id for child in children.values()}) == len(stories()) == 17
    assert {child.class_id for key, child in children.items() if key.startswith("visit_")} == {"class82"}


def test_a_story_without_a_fitting_child_is_named():
    roster = build(SEED, dt.date(2026, 11, 20)).roster
    with pytest.raises(LookupError, match="absent_today"):
        choose_children(stories(), [], roster.villages)
