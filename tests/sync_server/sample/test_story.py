"""The planned past fits every day on which somebody may plant it."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from casebook.rules.calendar import SchoolCalendar
from sync_server.sample.calendar import demonstration_terms
from sync_server.sample.casting import Days, choose_children
from sync_server.sample.rollcalls import Caller
from sync_server.sample.school import SEED, build
from sync_server.sample.story import Away, Correction, Moment, PlannedVisit, roll_calls, stories

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
    assert all(calendar.is_school_day(days.day(offset)) for offset in range(1 - roll_calls().days, 3))


@pytest.mark.parametrize("time", [dt.time(0, 1), dt.time(7, 0), dt.time(12, 0), dt.time(23, 59)], ids=str)
def test_nothing_is_planned_later_than_now(time):
    days = days_at(dt.date(2026, 11, 22), time)
    now = dt.datetime.combine(dt.date(2026, 11, 22), time, CHINA)
    for story in stories():
        moments = [event.moment for event in story.events if not isinstance(event, Away)]
        moments += [event.sync for event in story.events if isinstance(event, PlannedVisit)]
        assert all(days.instant(moment) < now for moment in moments)


def test_events_of_a_child_follow_each_other_and_absences_come_first():
    days = days_at(dt.date(2026, 11, 20))
    for story in stories():
        instants = [days.instant(event.moment) for event in story.events if not isinstance(event, Away)]
        assert all(one < two for one, two in pairwise(instants)), story.key
        assert isinstance(story.events[0], Away) or not story.away, story.key
        assert all(away.first > -roll_calls().days and away.first <= away.last <= 0 for away in story.away), story.key


def test_a_moment_of_today_waits_for_nobody():
    days = days_at(dt.date(2026, 11, 20), dt.time(7, 0))
    assert days.instant(Moment(0, "07:50")) == dt.datetime(2026, 11, 20, 6, 58, tzinfo=CHINA)


def cast():
    roster = build(SEED, dt.date(2026, 11, 20)).roster
    return roster, choose_children(stories(), roster.students, roster.villages)


def test_every_story_finds_a_child_of_its_own():
    _, children = cast()
    assert len({child.id for child in children.values()}) == len(stories()) == 26
    assert {child.class_id for key, child in children.items() if key.startswith("visit_")} == {"class82"}


def test_a_story_without_a_fitting_child_is_named():
    roster = build(SEED, dt.date(2026, 11, 20)).roster
    with pytest.raises(LookupError, match="absent_today"):
        choose_children(stories(), [], roster.villages)


def test_every_class_is_counted_every_school_day_and_the_heads_add_up():
    roster, children = cast()
    caller = Caller(roll_calls(), days_at(dt.date(2026, 11, 20)), roster.students, stories(), children)
    calls = [call for _, batch in caller.batches() for call in batch]
    days = {call.body["day"] for call in calls}
    assert len(days) == roll_calls().days == 15
    assert len(calls) == 24 * len(days) - len(roll_calls().silent)
    sizes = {call.class_id: call.body["expected"] for call in calls}
    assert sum(sizes.values()) == len(roster.students) == 1200
    for call in calls:
        away = [one for one in call.body["absent"] if one["kind"] not in ("late", "left_early")]
        assert call.body["expected"] == call.body["present"] + len(away)


def test_the_headcounts_name_exactly_those_whom_the_stories_send_away():
    roster, children = cast()
    days = days_at(dt.date(2026, 11, 20))
    caller = Caller(roll_calls(), days, roster.students, stories(), children)
    named = {
        (one["student"], call.body["day"]): one["kind"]
        for _, batch in caller.batches() for call in batch for one in call.body["absent"]
    }  # fmt: skip
    planned = {
        (children[story.key].id, days.day(offset).isoformat()): away.kind
        for story in stories() for away in story.away for offset in range(away.first, away.last + 1)
    }  # fmt: skip
    assert {key: kind for key, kind in named.items() if kind not in ("late", "home_taught")} == planned
    taught_at_home = {child.id for child in roster.students if child.placement == "home_teaching"}
    assert {student for (student, _), kind in named.items() if kind == "home_taught"} == taught_at_home != set()


def test_a_correction_says_the_former_count_again_with_another_kind_and_a_reason():
    roster, children = cast()
    caller = Caller(roll_calls(), days_at(dt.date(2026, 11, 20)), roster.students, stories(), children)
    story = next(story for story in stories() if story.key == "count_corrected")
    event = next(event for event in story.events if isinstance(event, Correction))
    child = children[story.key]
    corrected = caller.corrected(child, event)
    former = next(
        call for _, batch in caller.batches() for call in batch
        if (call.class_id, call.body["day"]) == (corrected.class_id, corrected.body["day"])
    )  # fmt: skip
    assert corrected.at > former.at
    assert corrected.body["present"] == former.body["present"] + 1
    assert {"student": child.id, "kind": "late"} in corrected.body["absent"]
    assert corrected.body["reason"]
