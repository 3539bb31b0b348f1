"""Story D (domain 9.2), what rules say of it: two phones in one house, one 35 minutes slow, offline for two days."""

from __future__ import annotations

import datetime as dt

from casebook.casefile import fold
from casebook.rules.duties import file_duties
from casebook.rules.reading import chronicle
from tests.casebook.builders import CASE, entry, make_record, make_visit
from tests.casebook.builders import at as span
from tests.casebook.rules.tale import Tale, book

SATURDAY = dt.date(2025, 11, 8)


def told() -> Tale:
    """Teacher 1's clock is 35 minutes slow; both record in the village without signal and sync on Monday."""
    tale = Tale()
    tale.visit("2025-11-08 10:20", "routine", author="one", offset=-35 * 60, received="2025-11-10 07:40", covisitors="two")
    tale.visit("2025-11-08 10:25", "persuade", author="two", received="2025-11-10 07:41", covisitors="one")
    return tale


def test_corrected_times_put_the_visits_in_their_order_and_the_slow_clock_is_flagged() -> None:
    tale = told()
    first, second = chronicle("boy", tale.entries, tale.offsets).contacts
    minutes = book().on(SATURDAY).number("clock_offset_flag")
    assert (first.stamp.captured.strftime("%H:%M"), first.stamp.at.strftime("%H:%M")) == ("09:45", "10:20")
    assert [contact.stamp.off_by_more_than(minutes) for contact in (first, second)] == [True, False]
    assert (first.stamp.day, first.fellows, second.fellows) == (SATURDAY, {"two"}, {"one"})


def test_a_routine_visit_is_no_attempt_at_persuasion() -> None:
    first, second = chronicle("boy", told().entries).contacts
    assert (first.is_attempt, second.is_attempt, second.is_door) == (False, True, True)


def test_two_phones_and_two_landmarks_are_two_questions_for_the_office() -> None:
    """The old value shows until it is decided; sending everything twice changes nothing."""
    when = {"at": span("2025-11-08T10:00:00+08:00")}
    old = entry(make_record(set={"guardian_phone": "12000001000", "home_landmark": "well"}))
    base = {"guardian_phone": (old.rid,), "home_landmark": (old.rid,)}
    one = entry(make_visit("v1", set={"guardian_phone": "12000001701", "home_landmark": "bridge"}, base=base, hlc=(2, 0), **when))
    two = entry(make_visit("v2", set={"guardian_phone": "12000001710", "home_landmark": "mill"}, base=base, hlc=(2, 1), **when))
    file = fold(CASE, [one, two, old, two, one])
    duties = file_duties(file, dt.date(2025, 11, 10))
    assert sorted(duty.facts["property"] for duty in duties) == ["guardian_phone", "home_landmark"]
    assert {duty.kind for duty in duties} == {"answer_conflict"}
    assert (file.text("guardian_phone"), file.text("home_landmark"), len(file.visits)) == ("12000001000", "well", 2)
