"""Walks through the follow-up after a return: in class or not, how it goes, causes and help, what comes next."""

from __future__ import annotations

import pytest

from tests.sync_server.form_effort import Walked
from tests.sync_server.form_walk import PHOTO, Walk

BACK = {
    "returned_on": "2025-11-11", "day_since_return": "9", "reasons_judged": "LE2 FA1", "needs": "learning",
    "outcome": "promised",
}  # fmt: skip
AT_SCHOOL = {
    "contact_result": "met_student_only", "in_class_now": "yes", "confirmed_by": "self", "missed_days": "0",
    "lessons": "2", "peers": "3", "mood": "3", "home": "3",
    "cause_1_gone": "solved", "cause_2_gone": "partly", "help_1_given": "late",
}  # fmt: skip
CLOSING = {"worry": "none", "summary_points": "talked"}
NEXT = {"next_action": "talk", "next_when": "monday"}
STEADY = AT_SCHOOL | {"relapse_risk": "mid", "measures": "tutoring"} | CLOSING | NEXT
OVER = AT_SCHOOL | {"relapse_risk": "low", "follow_plan": "end"} | CLOSING
GONE = {
    "contact_result": "no_one_home", "in_class_now": "no", "confirmed_by": "subject", "cause_1_gone": "no",
    "cause_2_gone": "no", "help_1_given": "done", "relapse_risk": "high", "measures": "talk", "worry": "none",
    "next_action": "visit", "next_when": "tomorrow",
}  # fmt: skip
SAVED = {
    "in_class": "yes", "missed_days": "0", "lessons": "2", "peers": "3", "mood": "3", "home_support": "3",
    "reasons_status": "厌学 解决了 / 经济困难 好一些", "help_status": "学习辅导 还在办", "relapse_risk": "mid",
    "measures": "tutoring", "next_action": "talk", "next_date": "2025-11-24", "outcome": "info_only",
}  # fmt: skip
PATHS = (
    Walked("at school, goes on", STEADY, BACK),
    Walked("at school, may end", OVER, BACK),
    Walked("not in class", GONE, BACK),
)


def followup(language: str = "zh", **on_file: str) -> Walk:
    return Walk("followup_visit", language=language, **BACK | on_file)


def test_a_follow_up_at_school_asks_for_no_place_photo_or_signature() -> None:
    walk = followup().answer(**STEADY)
    assert (walk.open(), walk.taps) == ([], 17)
    assert walk.saved() == SAVED
    assert walk.pages() == [
        "visit", "meeting", "classroom", "adaptation", "causes", "help_given", "plan", "safety", "wrap_up",
    ]  # fmt: skip
    assert not {"place", "with_whom", "photos_1"} & walk.asked().keys()


def test_at_the_door_it_is_a_visit_with_companions_photo_and_signature() -> None:
    walk = followup().answer(
        **STEADY | {"contact_result": "met_guardian"}, mode="door", with_whom="teacher", met_same="same"
    )
    assert walk.open() == ["covisitors", "photos_1", "read_aloud", "sign_mode"]
    assert walk.answer(covisitors="李老师", photos_1=PHOTO, measures="tutoring boarding").read_back() == [
        "11月21日，老师和您谈了王小明上学的事。",
        "孩子现在在校上课。",
        "学校会这样帮孩子：补课辅导 / 安排住校。",
        "接下来，学校会：找孩子谈心（11月24日）。",
        "说得不对的地方，请告诉老师，现在就改。",
    ]


def test_the_day_of_return_is_asked_once_and_then_counted() -> None:
    told = [question.label for question in followup().page("visit") if question.kind == "note"]
    assert "返校以来第9个上课日（含返校当天）。" in told
    walk = followup(returned_on="", day_since_return="").answer(**STEADY)
    assert "facts_day" not in walk.asked()
    assert walk.open() == ["returned_when"]
    assert walk.answer(returned_when="yesterday").saved() == SAVED | {"returned_on": "2025-11-20"}
    walk.answer(returned_when="date", returned_pick="2025-11-22")
    assert "不会在今天以后" in walk.message("returned_pick")
    assert walk.answer(returned_pick="2025-11-10").saved()["returned_on"] == "2025-11-10"


def test_the_class_teacher_alone_does_not_confirm() -> None:
    walk = followup().answer(**STEADY | {"confirmed_by": "class_teacher"})
    assert "再找一位" in walk.message("confirmed_by")
    assert walk.answer(confirmed_by="class_teacher subject").open() == []


def test_a_child_not_in_class_is_told_at_once_and_not_asked_how_lessons_go() -> None:
    walk = followup().answer(**GONE)
    assert walk.open() == []
    assert "按未到校处理" in walk.asked()["not_in_class"].label
    assert "adaptation" not in walk.pages()
    saved = walk.saved()
    assert (saved["in_class"], saved["relapse_risk"], saved["measures"]) == ("no", "high", "talk")
    assert "outcome" not in saved


@pytest.mark.parametrize(
    ("on_file", "pages"),
    [
        ({"reasons_judged": "", "reasons_guardian": "HE1"}, {"causes", "help_given"}),
        ({"reasons_judged": "", "needs": ""}, set()),
        ({"needs": "aid documents"}, {"causes", "help_given"}),
    ],
)
def test_causes_and_promised_help_come_from_the_case_file(on_file: dict[str, str], pages: set[str]) -> None:
    walk = followup(**on_file).answer(in_class_now="yes")
    assert {"causes", "help_given"} & set(walk.pages()) == pages
    if on_file.get("reasons_guardian"):
        assert walk.asked()["cause_1_gone"].label == "生病：解决了吗？"
    if on_file.get("needs"):
        assert [walk.asked()[f"help_{n}_given"].label for n in (1, 2)] == ["经济资助：办好了吗？", "证件、学籍：办好了吗？"]


def test_high_risk_wants_a_measure_and_a_week() -> None:
    walk = followup().answer(**AT_SCHOOL, relapse_risk="high", **CLOSING, next_action="visit", next_when="date")
    assert walk.open() == ["measures", "next_pick"]
    assert "每周跟踪" in walk.asked()["weekly"].label
    assert "weekly_late" in walk.answer(measures="psych", next_pick="2025-11-29").asked()
    assert "weekly_late" not in walk.answer(next_pick="2025-11-28").asked()


def test_only_low_risk_may_end_the_follow_up() -> None:
    assert followup().answer(**OVER).saved()["follow_plan"] == "end"
    walk = followup().answer(**OVER | {"follow_plan": "continue"})
    assert walk.open() == ["measures", "next_action"]
    assert "follow_plan" not in walk.answer(relapse_risk="mid").asked()
