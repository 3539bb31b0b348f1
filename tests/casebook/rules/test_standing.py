"""How a child stands in plain texts, which class it belongs to, and until when what was worked out holds."""

from __future__ import annotations

import datetime as dt

import pytest

from casebook.rules.absence import Stay, child_from
from casebook.rules.standing import COLUMNS, is_going_on, standing
from casebook.rules.turning import holds, next_turn
from tests.casebook.rules.tale import BOY, Tale, moment
from tests.casebook.rules.test_deadlines import boy_k
from tests.casebook.rules.test_story_b import told as story_b


def test_a_child_of_whom_nothing_is_said_stands_nowhere() -> None:
    told = standing(Tale().life("2025-10-09"))
    assert tuple(sorted(told)) == tuple(sorted(COLUMNS))
    assert {name: text for name, text in told.items() if text} == {
        "attempts_phone": "0", "attempts_door": "0", "return_by_proposed": "2025-10-16"}  # fmt: skip


def test_an_absence_is_told_while_it_lasts_and_until_it_is_cleared_up() -> None:
    tale = Tale()
    tale.headcount("2025-10-09")
    tale.headcount("2025-10-10", {BOY: "unexcused"})
    told = standing(tale.life("2025-10-10 12:00"))
    assert [told[name] for name in ("state", "incident_state", "absent_since", "absent_days", "last_present")] == [
        "", "I0", "2025-10-10", "1", "2025-10-09"]  # fmt: skip
    tale.leave("2025-10-10 13:00", "2025-10-10", "2025-10-10")
    tale.headcount("2025-10-11")
    life = tale.life("2025-10-11 12:00")
    assert not is_going_on(life)
    assert (standing(life)["absent_since"], standing(life)["incident_state"]) == ("", "")


def test_a_served_notice_has_its_number_and_its_day_of_return() -> None:
    told = standing(boy_k(decided="", sent="").life("2025-12-16"))
    assert [told[name] for name in ("state", "episode", "notice_no", "return_by", "case_opened_on")] == [
        "C4", "1", "K-1", "2025-12-22", "2025-12-10"]  # fmt: skip


def test_a_return_keeps_its_case_in_sight() -> None:
    life = story_b().life("2025-10-23")
    assert (standing(life)["state"], standing(life)["returned_on"]) == ("C6", "2025-10-22")
    assert is_going_on(life)


@pytest.mark.parametrize(("now", "day"), [
    ("2025-10-22 17:00", "1"), ("2025-10-24 08:00", "3"), ("2025-10-26 09:00", "3"), ("2025-11-04 08:00", "10"),
    ("2025-12-02 08:00", "30"),
])  # fmt: skip
def test_days_since_the_return_are_those_by_which_the_follow_ups_are_due(now: str, day: str) -> None:
    """Story B: due on days 3, 10 and 30 of school, which are October 24, November 4 and December 2 (R37)."""
    assert standing(story_b().life(now))["day_since_return"] == day


def test_a_row_of_the_feed_makes_the_child() -> None:
    row = {"id": "c", "class_id": "k1", "key_flags": ["KS07"]}
    child = child_from(row)
    assert (child.case, child.key, child.class_on(dt.date(2025, 10, 9))) == ("c", True, "k1")
    moved = child_from(row | {"key_flags": [], "stays": [["k0", "2025-09-01", "2025-10-08"], ["k1", "2025-10-09", None]]})
    assert moved.stays == (Stay("k0", dt.date(2025, 9, 1), dt.date(2025, 10, 8)), Stay("k1", dt.date(2025, 10, 9)))
    assert not moved.key
    assert child_from({"id": "gone"}).class_on(dt.date(2025, 10, 9)) == ""


@pytest.mark.parametrize(("now", "turn"), [
    ("2025-10-09 08:00", "2025-10-09 10:15"),  # a leave written in two hours, by a clock that is ahead
    ("2025-10-09 11:00", "2025-10-10 00:00"),
    ("2025-10-10 08:00", "2025-10-10 10:15"),  # a day after the leave was written
    ("2025-10-10 10:15", "2025-10-10 10:15"),
    ("2025-10-10 10:16", "2025-10-11 00:00"),
])  # fmt: skip
def test_a_life_holds_until_time_alone_changes_it(now: str, turn: str) -> None:
    from casebook.rules.reading import chronicle

    tale = Tale()
    tale.leave("2025-10-09 10:15", "2025-10-09", "2025-10-10")
    life, facts = tale.life(now, key=True), chronicle(BOY, tale.entries)
    assert next_turn(life, facts) == moment(turn)
    assert holds(life, moment(turn), moment(now)) is (now != turn)
    assert not holds(life, moment(turn), moment(turn))
    assert not holds(life, moment(turn), moment(now) - dt.timedelta(seconds=1))
