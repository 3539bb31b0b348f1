"""Walks through the routine visit: contact card, family, talk, signs of leaving school, what the guardian hears."""

from __future__ import annotations

import pytest

from tests.sync_server.form_effort import Walked
from tests.sync_server.form_walk import PHOTO, STROKES, Walk

MET = {
    "with_whom": "leader", "covisitors": "李主任", "contact_result": "met_guardian", "met_same": "same",
    "card_ok": "right", "caretaker_now": "on_file", "here_now": "seen", "guardianship": "good", "strengths": "kind",
}  # fmt: skip
CLOSING = {
    "worry": "none", "photos_1": PHOTO, "summary_points": "cooperative", "read_aloud": "OK",
    "sign_mode": "handwritten", "guardian_signature": STROKES,
}  # fmt: skip
CALM = MET | {"signs": "none"} | CLOSING
CALM_SAVED = {
    "card_checked_on": "2025-11-21", "guardianship": "good", "seen": "seen", "strengths": "kind",
    "sign_level": "none", "outcome": "info_only",
}  # fmt: skip
SIGNS = {
    "signs": "slight", "reason_topics": "learning", "judged": "LE2", "will_asked": "willing",
    "key_category": "KS06", "next_action": "talk", "next_when": "monday",
}  # fmt: skip
NOBODY = {
    "with_whom": "alone", "alone_why": "busy", "contact_result": "no_one_home", "informant": "none",
    "left_note": "yes", "photos_door": PHOTO, "next_action": "visit", "next_when": "monday",
}  # fmt: skip
PATHS = (
    Walked("no signs, guardian signs", CALM),
    Walked("slight signs, guardian signs", MET | SIGNS | CLOSING),
    Walked("nobody at home", NOBODY),
)


def routine(language: str = "zh", **on_file: str) -> Walk:
    return Walk("routine_visit", language=language, **on_file)


def test_a_calm_visit_takes_16_answers() -> None:
    walk = routine().answer(**CALM)
    assert (walk.open(), walk.taps) == ([], 16)
    assert walk.saved() == CALM_SAVED
    assert walk.pages() == [
        "visit", "meeting", "card", "family", "learning", "conversation", "outlook", "safety", "photos", "wrap_up",
        "readback", "signing",
    ]  # fmt: skip


def test_the_card_is_shown_as_it_stands_and_only_changes_are_proposed() -> None:
    walk = routine().answer(**CALM)
    told = [question.label for question in walk.page("card") if question.kind == "note"]
    assert told == ["监护人：王建国 12000001701", "住址：石桥村3组12号 小卖部后面", "登记的照看人：李桂花"]
    walk.answer(card_ok="changed")
    assert walk.open() == ["card_changed"]
    walk.answer(card_changed="phone", guardian_phone="12000001701")
    assert "和原来一样" in walk.message("guardian_phone")
    walk.answer(guardian_phone="12000001702", caretaker_now="other")
    assert walk.open() == ["new_caretaker", "new_caretaker_relation"]
    walk.answer(new_caretaker="王秀英", new_caretaker_relation="62")
    assert walk.saved() == CALM_SAVED | {
        "guardian_phone": "12000001702", "caretaker_name": "王秀英", "caretaker_relation": "62",
    }  # fmt: skip
    assert "您的新电话：12000001702。" in walk.read_back()


def test_the_guardian_may_be_the_one_who_looks_after_the_child() -> None:
    saved = routine().answer(**CALM | {"caretaker_now": "guardian"}).saved()
    assert (saved["caretaker_name"], saved["caretaker_relation"]) == ("王建国", "51")
    offered = routine(caretaker_name="").answer(contact_result="met_guardian").asked()["caretaker_now"].choices
    assert [choice.value for choice in offered] == ["guardian", "other"]


def test_parents_away_are_asked_about() -> None:
    walk = routine().answer(
        **CALM, parents_away="both", parents_work="factory", parents_work_place="广东", parents_back="newyear"
    )
    assert walk.saved() == CALM_SAVED | {
        "parents_away": "both", "parents_work": "factory", "parents_work_place": "广东", "parents_back": "newyear",
    }  # fmt: skip
    assert not {"parents_work", "parents_back"} & walk.answer(parents_away="none").asked().keys()


def test_long_hours_on_the_phone_bring_advice() -> None:
    walk = routine().answer(contact_result="met_guardian", screen_hours="5", chores_hours="2")
    assert "screen_note" in walk.asked()
    assert "screen_note" not in walk.answer(screen_hours="4").asked()


@pytest.mark.parametrize("care", ["poor", "none"])
def test_a_child_without_care_is_proposed_as_left_behind(care: str) -> None:
    walk = routine().answer(**CALM | {"guardianship": care})
    assert walk.saved()["key_flags_proposed"] == "KS07"
    assert "德育老师" in walk.asked()["guardianship_note"].label
    both = routine().answer(**MET | {"guardianship": care} | SIGNS | {"key_category": "KS06 KS07"} | CLOSING)
    assert both.saved()["key_flags_proposed"] == "KS06 KS07"


def test_signs_ask_for_reasons_will_category_and_a_next_step() -> None:
    walk = routine().answer(**MET, signs="slight", **CLOSING)
    assert walk.open() == ["reason_topics", "will_asked", "key_category", "next_action"]
    walk.answer(**{name: value for name, value in SIGNS.items() if name != "signs"})
    assert walk.open() == []
    assert walk.saved() == CALM_SAVED | {
        "sign_level": "slight", "reasons_judged": "LE2", "will": "willing", "key_flags_proposed": "KS06",
        "next_action": "talk", "next_date": "2025-11-24",
    }  # fmt: skip
    assert "今天告诉校长" in walk.answer(signs="strong").asked()["strong_note"].label


def test_what_the_teacher_judges_and_the_child_says_is_not_read_out() -> None:
    walk = routine().answer(
        **MET | SIGNS | CLOSING, student_feelings="worn", guardian_wishes="tutoring", needs="learning"
    )
    assert walk.read_back() == [
        "11月21日，老师和您谈了王小明上学的事。",
        "孩子的优点：懂事孝顺。",
        "您希望：想补补课。",
        "您家需要帮助：学习辅导。老师会报告学校。",
        "接下来，学校会：找孩子谈心（11月24日）。",
        "说得不对的地方，请告诉老师，现在就改。",
    ]


def test_strengths_may_be_written_instead_of_chosen() -> None:
    walk = routine().answer(**CALM | {"strengths": ""})
    assert walk.open() == ["strengths"]
    assert walk.answer(strengths_more="会照顾弟弟").open() == []
    assert "孩子的优点：会照顾弟弟。" in walk.read_back()


def test_work_under_16_opens_the_protection_sheet() -> None:
    walk = routine(age="15").answer(**MET, **SIGNS | {"reason_topics": "work", "judged": "WO4"})
    assert {"alert_urgency", "alert_told"} <= set(walk.open())
    assert "labour_note" not in routine(age="16").answer(**MET, **SIGNS | {"reason_topics": "work", "judged": "WO4"}).asked()


def test_restricted_categories_are_asked_on_the_confidential_page_only() -> None:
    walk = routine().answer(**MET | SIGNS | CLOSING, key_flags_private="KS11")
    assert walk.saved()["key_flags_private"] == "KS11"
    assert not {"KS11", "KS12"} & {choice.value for choice in walk.asked()["key_category"].choices}


def test_a_summary_has_at_least_20_characters() -> None:
    walk = routine().answer(**CALM | {"summary_points": "", "summary": "家长配合，孩子在写作业。"})
    assert "20到2000个字" in walk.message("summary")


def test_a_visit_leaves_a_running_promise_as_it_is() -> None:
    for answers in (CALM, NOBODY):
        assert "outcome" not in routine(outcome="promised").answer(**answers).saved()
    assert routine().answer(**NOBODY).saved()["outcome"] == "not_found"


def test_the_first_page_recalls_the_last_visit() -> None:
    told = [q.label for q in routine(last_visit_on="2025-10-08").page("visit") if q.kind == "note"]
    assert "上次家访：10月8日" in told
