"""What is to be done is derived: offline on the phone and at school the same list."""

from __future__ import annotations

import datetime as dt

from casebook.casefile import Entry, fold
from casebook.rules.calendar import SchoolCalendar
from casebook.rules.tasks import Task, todo
from tests.casebook.builders import CASE, at, entry, make_incident, make_record, make_review, make_visit

TERM = {"term": "2025-1", "first": "2025-09-01", "last": "2026-01-23"}
TERM |= {"off": [f"2025-10-0{n}" for n in range(1, 9)], "on": ["2025-09-28", "2025-10-11"]}  # type: ignore[dict-item]
CALENDAR = SchoolCalendar.from_rows([TERM])
THURSDAY = dt.date(2025, 10, 9)


def tasks(*entries: Entry, today: dt.date = THURSDAY) -> list[Task]:
    """The open tasks of the case that these records make."""
    return todo(fold(CASE, entries), CALENDAR, today)


def kinds(*entries: Entry, today: dt.date = THURSDAY) -> list[tuple[str, str]]:
    """Their kinds and urgencies."""
    return [(task.kind, task.urgency) for task in tasks(*entries, today=today)]


def test_an_absence_demands_a_visit_the_same_day() -> None:
    """R25: due today, overdue tomorrow, done by a visit that began that day, whenever it is synced."""
    absent = entry(make_incident("2025-10-09"))
    assert kinds(absent) == [("same_day_visit", "today")]
    assert kinds(absent, today=dt.date(2025, 10, 10)) == [("same_day_visit", "overdue")]
    assert tasks(absent)[0].clause == "R25"
    visited = entry(make_visit(at=at("2025-10-09T23:50:00+08:00"), hlc=(2, 0)))
    assert kinds(absent, visited, today=dt.date(2025, 10, 12)) == []


def test_a_visit_before_the_absence_does_not_count() -> None:
    """Last week's visit says nothing about today."""
    old = entry(make_visit(at=at("2025-10-08T16:00:00+08:00")))
    assert kinds(entry(make_incident("2025-10-09")), old) == [("same_day_visit", "today")]


def test_an_open_case_demands_a_visit_at_the_door() -> None:
    """R27: due the school day after opening; Saturday 11 October is a make-up day."""
    opened = entry(make_record(type="case", body={"act": "open"}, set={"state": "C1", "case_opened_on": "2025-10-10"}))
    found = tasks(opened, today=dt.date(2025, 10, 10))
    assert [(t.kind, t.due) for t in found] == [("persuasion_visit", dt.date(2025, 10, 11))]
    visited = entry(make_visit("v2", ("persuade",), at=at("2025-10-11T10:00:00+08:00"), hlc=(2, 0)))
    assert kinds(opened, visited, today=dt.date(2025, 10, 12)) == []


def test_a_returned_visit_is_a_task_until_the_supplement() -> None:
    """R28: it carries the principal's remark."""
    visit = entry(make_visit())
    returned = entry(make_review(visit, "returned", "请补拍房屋照片", hlc=(2, 0)))
    assert [t.facts for t in tasks(visit, returned)] == [{"remark": "请补拍房屋照片"}]
    assert kinds(visit, returned, entry(make_visit(amends=(visit.rid,), hlc=(3, 0)))) == []


def test_a_promise_is_checked_on_its_day() -> None:
    """R31: soon, today, overdue; a later visit settles it."""
    promised = entry(make_visit(set={"promise_date": "2025-10-13", "outcome": "promised"}, at=at("2025-10-09T16:00:00+08:00")))
    by_day = {day: kinds(promised, today=dt.date(2025, 10, day)) for day in (9, 12, 13, 14)}
    assert [by_day[day] for day in (9, 12, 13, 14)] == [
        [("promise_due", "later")], [("promise_due", "soon")], [("promise_due", "today")], [("promise_due", "overdue")],
    ]  # fmt: skip
    later = entry(make_visit("v2", at=at("2025-10-14T16:00:00+08:00"), hlc=(9, 0)))
    assert kinds(promised, later, today=dt.date(2025, 10, 15)) == []


def test_a_shut_door_or_a_census_settles_nothing() -> None:
    """An honest attempt is recorded, and the promise is still to be checked."""
    promised = entry(make_visit(set={"promise_date": "2025-10-13", "outcome": "promised"}, at=at("2025-10-09T16:00:00+08:00")))
    attempt = make_visit("v2", ("attempt",), at=at("2025-10-13T16:00:00+08:00"), hlc=(9, 0), set={"outcome": "not_found"})
    assert kinds(promised, entry(attempt), today=dt.date(2025, 10, 14)) == [("promise_due", "overdue")]


def test_the_next_step_has_its_day() -> None:
    """R39: every open case has a next action."""
    step = entry(make_visit(set={"next_date": "2025-10-10", "next_action": "call"}))
    assert [(t.kind, t.facts["action"]) for t in tasks(step)] == [("next_step", "call")]


def test_the_most_urgent_comes_first() -> None:
    """What burns first is at the top."""
    step = entry(make_visit("v0", ("routine",), set={"next_date": "2025-10-20"}, at=at("2025-10-01T10:00:00+08:00")))
    assert [u for _, u in kinds(step, entry(make_incident("2025-10-09")))] == ["today", "later"]


def test_school_days_know_holidays_and_make_up_days() -> None:
    """Story B: the 3rd school day from Thu 9 October is Sat 11 October, the 5th is Tue 14 October."""
    assert CALENDAR.nth_school_day(THURSDAY, 3) == dt.date(2025, 10, 11)
    assert CALENDAR.nth_school_day(THURSDAY, 5) == dt.date(2025, 10, 14)
    assert CALENDAR.school_days(dt.date(2025, 10, 9), dt.date(2025, 10, 21)) == 10
    assert not CALENDAR.is_school_day(dt.date(2025, 10, 1))
    assert not CALENDAR.is_school_day(dt.date(2026, 2, 2))
    assert CALENDAR.next_school_day(dt.date(2026, 1, 23)) is None
