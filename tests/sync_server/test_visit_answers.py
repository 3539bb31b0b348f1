"""Which answers a visit form takes, and what it says to those it does not."""

from __future__ import annotations

import datetime as dt

import pytest

from casebook.forms.environment import CHINA
from tests.sync_server.form_walk import Walk
from tests.sync_server.test_absence_visit import HAPPY, HAPPY_SAVED, absence


def test_changed_contact_data_is_proposed_only_where_it_changed() -> None:
    walk = absence().answer(
        **HAPPY
        | {
            "contact_changed": "phone landmark",
            "guardian_phone": "12000001710",
            "home_landmark": "桥头第二家",
        }
    )
    assert walk.saved() == HAPPY_SAVED | {"guardian_phone": "12000001710", "home_landmark": "桥头第二家"}
    walk.answer(guardian_phone="12000001701")
    assert walk.open() == ["guardian_phone"]
    walk.answer(guardian_phone="1200000171")
    assert "11位" in walk.message("guardian_phone")
    assert walk.answer(guardian_phone="0991-2345678").open() == []


def test_who_looks_after_the_child_can_be_proposed() -> None:
    walk = absence().answer(
        **HAPPY | {"contact_changed": "caretaker", "caretaker_name": "王秀英", "caretaker_relation": "62"}
    )
    assert walk.saved() == HAPPY_SAVED | {"caretaker_name": "王秀英", "caretaker_relation": "62"}


@pytest.mark.parametrize(
    ("day", "fits"),
    [("2025-11-20", False), ("2025-11-21", True), ("2025-12-21", True), ("2025-12-22", False)],
)
def test_the_day_of_return_lies_within_thirty_days(day: str, fits: bool) -> None:
    walk = absence().answer(
        contact_result="met_guardian",
        reason_topics="temporary",
        excuse="illness",
        back_when="date",
        back_pick=day,
    )
    assert ("back_pick" not in walk.open()) is fits
    assert fits or "30天以内" in walk.message("back_pick")


@pytest.mark.parametrize("weekday", range(7))
def test_next_monday_is_the_monday_after_today(weekday: int) -> None:
    today = dt.datetime(2025, 11, 17, 23, 50, tzinfo=CHINA) + dt.timedelta(days=weekday)
    walk = Walk("absence_visit", now=today).answer(
        contact_result="no_one_home", next_action="visit", next_when="monday"
    )
    assert walk.saved()["next_date"] == "2025-11-24"


def test_a_long_leave_points_to_the_formal_way() -> None:
    walk = absence().answer(
        contact_result="met_guardian",
        reason_topics="temporary",
        excuse="illness",
        back_when="date",
        back_pick="2025-12-08",
    )
    assert "休学" in walk.asked()["long_leave"].label


def test_contradictions_are_explained() -> None:
    walk = absence().answer(
        with_whom="teacher alone",
        contact_result="met_guardian",
        here_now="seen",
        reason_topics="learning family",
        reasons_guardian="LE1 LE2 FA1 FA2",
        worry="none child",
    )
    assert "不要再选别人" in walk.message("with_whom")
    assert "最多选3个" in walk.message("reasons_guardian")
    assert "不能和别的一起选" in walk.message("worry")


def test_a_summary_is_a_few_chips_or_ten_characters() -> None:
    walk = absence().answer(**{name: value for name, value in HAPPY.items() if name != "summary_points"})
    assert walk.open() == ["summary"]
    walk.answer(summary="家长配合")
    assert "10到2000个字" in walk.message("summary")
    assert walk.answer(summary="家长很配合，孩子下周一来上学。").open() == []
