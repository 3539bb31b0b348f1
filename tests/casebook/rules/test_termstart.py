"""The weeks around term start: key students' families and the survey of a class stay owed until it is done (R41, R43)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from casebook.rules.attendance import attendance
from casebook.rules.due import MET, MET_LATE, OPEN, OVERDUE, WARNED, Deadline
from casebook.rules.duties import child_duties, class_duties
from casebook.rules.lifecycle import Lifecycle, lifecycle
from casebook.rules.termstart import class_survey, key_visits
from tests.casebook.rules.tale import CLASS, Tale


def visited(tale: Tale, now: str) -> list[tuple[str, str]]:
    life = tale.life(now, key=True)
    return [(str(due.due), due.status(life.world.now)) for due in key_visits(life)]


def surveyed(tale: Tale, now: str) -> list[tuple[str, str]]:
    world = tale.world(now)
    known = attendance([one for one in tale.entries if one.record.at.started[:10] <= now[:10]])
    found = list(class_survey(CLASS, replace(world, attendance=known)))
    return [(str(due.due), due.status(world.now)) for due in found]


def survey(tale: Tale, at: str, day: str) -> None:
    body = {"class": CLASS, "day": day, "how": ["cadres"], "found": ""}
    tale.write("class_survey", at, body, case=None)


def test_a_key_family_is_visited_from_a_week_before_the_term_to_the_end_of_its_first_week() -> None:
    tale = Tale()
    assert visited(tale, "2025-08-24") == []
    assert visited(tale, "2025-08-25") == [("2025-09-07", OPEN)]
    assert [(duty.kind, duty.clause) for duty in child_duties(tale.life("2025-09-07", key=True))] == [("key_visits", "R41")]
    tale.visit("2025-08-25 10:00", "term_key")
    assert visited(tale, "2025-09-10") == [("2025-09-07", MET)]
    assert list(key_visits(tale.life("2025-09-10"))) == []  # no key student


def test_who_was_not_visited_stays_overdue_until_somebody_has_been_there() -> None:
    tale = Tale()
    tale.headcount("2025-09-01")
    assert visited(tale, "2025-12-01") == [("2025-09-07", OVERDUE)]
    assert child_duties(tale.life("2025-12-01", key=True))[0].urgency == "overdue"
    tale.visit("2025-12-01 16:00", "routine")
    assert visited(tale, "2025-12-02") == [("2025-09-07", MET_LATE)]
    assert visited(tale, "2026-01-24") == []  # the term is over, the next one is still far


@pytest.mark.parametrize(("purpose", "said"), [
    ("term_key", {"mode": "phone"}), ("term_key", {"contact_result": "no_one_home"}), ("attempt", {}), ("census", {}),
])  # fmt: skip
def test_a_call_or_a_closed_door_is_no_visit(purpose: str, said: dict[str, str]) -> None:
    tale = Tale()
    tale.visit("2025-09-03 16:00", purpose, **said)
    assert visited(tale, "2025-09-04") == [("2025-09-07", WARNED)]


def test_who_became_a_key_student_later_or_joined_later_owes_nothing_for_this_term() -> None:
    tale = Tale()
    tale.headcount("2025-09-01")
    assert statuses(with_child(tale, key_since=dt.date(2025, 11, 3))) == []
    assert statuses(with_child(tale, key_since=dt.date(2025, 9, 3))) == [OVERDUE]
    late = replace(tale.life("2025-12-01", key=True).child.stays[0], first=dt.date(2025, 11, 3))
    assert statuses(with_child(tale, stays=(late,))) == []


def with_child(tale: Tale, **changes: object) -> Lifecycle:
    life = tale.life("2025-12-01", key=True)
    return lifecycle(replace(life.child, **changes), life.facts, life.world)  # type: ignore[arg-type]


def statuses(life: Lifecycle) -> list[str]:
    found: list[Deadline] = list(key_visits(life))
    return [due.status(life.world.now) for due in found]


def test_a_school_that_begins_in_the_middle_of_a_term_owes_nothing_of_its_first_week() -> None:
    tale = Tale()
    tale.headcount("2025-10-09")
    assert (visited(tale, "2025-10-10"), surveyed(tale, "2025-10-10")) == ([], [])


def test_a_class_is_surveyed_in_the_first_week_and_overdue_on_the_eighth_day_until_it_is() -> None:
    tale = Tale()
    assert surveyed(tale, "2025-08-31") == []
    assert surveyed(tale, "2025-09-07") == [("2025-09-07", WARNED)]
    tale.headcount("2025-09-02")
    assert surveyed(tale, "2025-09-08") == [("2025-09-07", OVERDUE)]
    owed = [duty for duty in class_duties(CLASS, dt.date(2025, 9, 8), tale.world("2025-09-08")) if duty.kind == "survey"]
    assert [(duty.urgency, duty.clause, duty.roles[0], bool(duty.because)) for duty in owed] == [
        ("overdue", "R43", "class_teacher", True)]  # fmt: skip
    survey(tale, "2025-09-09 10:00", "2025-09-09")
    assert surveyed(tale, "2025-09-09") == [("2025-09-07", MET_LATE)]


def test_a_survey_of_another_term_keeps_nothing() -> None:
    tale = Tale()
    tale.headcount("2025-09-02")
    survey(tale, "2025-08-20 10:00", "2025-06-20")
    assert surveyed(tale, "2025-09-08") == [("2025-09-07", OVERDUE)]
