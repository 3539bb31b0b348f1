"""Story A (domain 9.2): a sick child, a grandmother who cannot write; and what else excuses an absence."""

from __future__ import annotations

import datetime as dt

from casebook.rules.attendance import attendance
from casebook.rules.deadlines import deadlines
from casebook.rules.due import MET, MET_LATE
from casebook.rules.lifecycle import Attempts, Lifecycle
from casebook.rules.weekly import week
from tests.casebook.rules.tale import Tale

CLASS, GIRL = "g7c2", "girl"
MONDAY = dt.date(2025, 9, 15)


def told(*, leave: bool = True) -> Tale:
    """Monday: 53 of 54; two calls fail; a visit without signal; the leave is written down on Tuesday."""
    tale = Tale()
    tale.headcount("2025-09-15", {"boy": "unexcused"}, class_id=CLASS)
    tale.call("2025-09-15 08:05")
    tale.call("2025-09-15 11:40")
    tale.visit("2025-09-15 16:20", "absence", excuse="illness", proof="photo", back_on="2025-09-17",
               contact_result="met_caretaker", sign_mode="thumb_on_paper", received="2025-09-16 07:35")  # fmt: skip
    tale.headcount("2025-09-16", {"boy": "sick"}, class_id=CLASS)
    if leave:
        tale.leave("2025-09-16 08:30", "2025-09-15", "2025-09-16", verified_at="2025-09-16T08:30:00+08:00")
    return tale


def life(tale: Tale, now: str, key: bool = False) -> Lifecycle:
    return tale.life(now, class_id=CLASS, key=key)


def test_the_incident_is_excused_and_no_case_opens() -> None:
    found = life(told(), "2025-09-16")
    (incident,) = found.incidents
    assert (found.state, incident.state, incident.days, found.episode) == ("I1", "I1", (MONDAY,), None)
    assert [(step.state, step.day.day) for step in found.story.steps] == [("I0", 15), ("I1", 15)]
    assert (found.absent_days, found.attempts, found.ledger_class) == ((), Attempts(phone=2, door=1), "none")


def test_the_visit_counts_on_the_day_it_was_made_though_it_came_the_next_day() -> None:
    found = life(told(), "2025-09-16")
    visit = next(one for one in deadlines(found) if one.key == "same_day_visit")
    assert visit.kept and visit.status(found.world.now) == MET
    facts = visit.kept.facts(found.rules)
    assert (facts["captured"][:16], facts["received"][:16]) == ("2025-09-15T16:20", "2025-09-16T07:35")


def test_the_leave_is_back_dated_with_its_author_and_reason() -> None:
    (leave,) = life(told(), "2025-09-16").facts.leaves
    assert leave.stamp.day > leave.first == MONDAY
    assert (leave.author, leave.reason) == ("t" * 32, "fever")


def test_the_week_shows_the_absence_turned_into_sick_leave_with_its_history() -> None:
    tale = told()
    found = week(CLASS, MONDAY, attendance(tale.entries), life(tale, "2025-09-20").world.calendar, tale.leaves())
    monday = found.days[0]
    assert (monday.expected, monday.present, monday.kinds) == (54, 53, {"sick": 1})
    assert [(change.student, change.was, change.now, change.reason) for change in monday.changes] == [
        ("boy", "unexcused", "sick", "fever")]  # fmt: skip
    assert (found.days[1].kinds, found.days[2].reported) == ({"sick": 1}, False)


def test_absent_again_after_the_leave_is_another_incident() -> None:
    tale = told()
    tale.headcount("2025-09-17", {"boy": "unexcused"}, class_id=CLASS)
    found = life(tale, "2025-09-17")
    assert [(one.first.day, one.state) for one in found.incidents] == [(15, "I1"), (17, "I0")]
    assert (found.state, found.absent_days) == ("I0", (dt.date(2025, 9, 17),))


def test_a_proper_reason_proved_at_home_is_enough_until_the_promised_day() -> None:
    assert life(told(leave=False), "2025-09-16").state == "I1"


def test_a_reason_told_without_proof_excuses_nothing() -> None:
    tale = Tale()
    tale.headcount("2025-09-15", {"boy": "unexcused"}, class_id=CLASS)
    tale.visit("2025-09-15 16:20", "absence", excuse="illness", back_on="2025-09-17")
    assert life(tale, "2025-09-15").state == "I0"


def test_an_excuse_that_comes_later_is_no_visit_of_the_same_day() -> None:
    tale = Tale()
    tale.headcount("2025-09-15", {"boy": "unexcused"}, class_id=CLASS)
    tale.leave("2025-09-16 08:30", "2025-09-15", "2025-09-16")
    found = life(tale, "2025-09-17")
    visit = next(one for one in deadlines(found) if one.key == "same_day_visit")
    assert visit.status(found.world.now) == MET_LATE


def test_the_leave_of_a_key_student_stands_for_a_day_without_a_call() -> None:
    """R17: unverified, it counts as unexcused after 24 hours; the call makes it stand again."""
    tale = Tale()
    tale.headcount("2025-09-15", {"boy": "sick"}, class_id=CLASS)
    rid = tale.leave("2025-09-15 07:40", "2025-09-15", "2025-09-15")
    assert life(tale, "2025-09-16 07:00", key=True).incidents == ()
    assert life(tale, "2025-09-16 08:00", key=True).state == "I0"
    assert life(tale, "2025-09-16 08:00").incidents == ()
    tale.leave("2025-09-16 09:00", "2025-09-15", "2025-09-15", verified_at="2025-09-16T09:00:00+08:00", amends=(rid,))
    assert life(tale, "2025-09-16 10:00", key=True).incidents == ()


def test_a_leave_that_is_withdrawn_excuses_nothing_and_the_day_of_coming_back_ends_it() -> None:
    tale = Tale()
    for day in (15, 16, 17):
        tale.headcount(f"2025-09-{day}", {"boy": "unexcused"}, class_id=CLASS)
    first = tale.leave("2025-09-15 08:00", "2025-09-15", "2025-09-17")
    assert life(tale, "2025-09-17").absent_days == ()
    second = tale.leave("2025-09-17 08:00", "2025-09-15", "2025-09-17", returned_on="2025-09-17", amends=(first,))
    assert life(tale, "2025-09-17 12:00").absent_days == (dt.date(2025, 9, 17),)
    tale.leave("2025-09-17 15:00", "2025-09-15", "2025-09-17", withdrawn="nobody asked for it", amends=(second,))
    assert len(life(tale, "2025-09-17").absent_days) == 3
