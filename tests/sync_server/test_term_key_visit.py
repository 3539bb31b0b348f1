"""Walks through the term-start visit: will the child come, what the holidays changed, goals, risk."""

from __future__ import annotations

import pytest

from tests.sync_server.form_effort import Walked
from tests.sync_server.form_walk import PHOTO, STROKES, Walk

OPENING = {
    "with_whom": "teacher", "covisitors": "李老师", "contact_result": "met_guardian", "met_same": "same",
    "here_now": "seen",
}  # fmt: skip
CLOSING = {"worry": "none", "photos_1": PHOTO, "summary_points": "cooperative"}
COMES = OPENING | {"will_register": "yes", "holiday_changes": "none", "risk_level": "green"} | CLOSING
SAVED = {
    "seen": "seen", "will_register": "yes", "holiday_changes": "none", "risk_level": "green", "outcome": "info_only",
}  # fmt: skip
RED = {"risk_level": "red", "next_action": "visit", "next_when": "tomorrow"}
ELSEWHERE = OPENING | {
    "here_now": "not_here", "will_register": "elsewhere", "school_proof": "certificate", "photos_certificate": PHOTO,
    "holiday_changes": "move", "risk_level": "amber",
} | CLOSING  # fmt: skip
PATHS = (
    Walked("comes on time, not signed", COMES),
    Walked("does not come", COMES | {"will_register": "no"} | RED),
    Walked("already at another school", ELSEWHERE),
)


def term_start(language: str = "zh", **on_file: str) -> Walk:
    return Walk("term_key_visit", language=language, **on_file)


def test_a_child_who_comes_takes_11_answers_and_no_signature() -> None:
    walk = term_start().answer(**COMES)
    assert (walk.open(), walk.taps) == ([], 11)
    assert walk.saved() == SAVED
    assert {"readback", "signing"} <= set(walk.pages())


def test_a_signature_is_welcome_and_then_complete() -> None:
    walk = term_start().answer(**COMES, sign_mode="handwritten")
    assert walk.open() == ["guardian_signature"]
    assert walk.answer(guardian_signature=STROKES).open() == []
    assert (walk.asked()["signer"].value, walk.asked()["signer_relation"].value) == ("王建国", "51")


def test_some_days_later_is_a_promise() -> None:
    walk = term_start().answer(**COMES | {"will_register": "date"})
    assert walk.open() == ["register_when"]
    walk.answer(register_when="date", register_pick="2025-11-20")
    assert "60天以内" in walk.message("register_pick")
    walk.answer(register_pick="2025-11-28")
    assert walk.saved() == SAVED | {"will_register": "date", "promise_date": "2025-11-28", "outcome": "promised"}
    assert "说好了：孩子11月28日来报到。" in walk.read_back()


def test_not_coming_goes_to_the_school_today() -> None:
    walk = term_start().answer(**COMES | {"will_register": "no"})
    assert walk.open() == ["next_action"]
    assert "今天报告学校" in walk.asked()["not_coming"].label
    walk.answer(next_action="report", next_when="tomorrow")
    assert walk.saved() == SAVED | {
        "will_register": "no", "outcome": "refused", "next_action": "report", "next_date": "2025-11-22",
    }  # fmt: skip


def test_a_child_elsewhere_asks_for_the_school_and_its_proof() -> None:
    walk = term_start().answer(**ELSEWHERE, school_name="样例二中")
    assert walk.open() == []
    assert walk.saved() == {
        "seen": "not_here", "will_register": "elsewhere", "whereabouts": "D5", "whereabouts_detail": "样例二中",
        "whereabouts_confidence": "document", "holiday_changes": "move", "risk_level": "amber",
        "outcome": "transferred_claim",
    }  # fmt: skip
    walk.answer(school_proof="said")
    assert walk.saved()["whereabouts_confidence"] == "statement"
    assert "other_school" not in walk.answer(will_register="yes").pages()


@pytest.mark.parametrize(
    ("age", "change", "noted"), [("14", "work", "未满16岁做工"), ("17", "engagement", "被逼婚、怀孕")]
)
def test_work_under_16_and_engagements_open_the_protection_sheet(age: str, change: str, noted: str) -> None:
    walk = term_start(age=age).answer(**COMES | {"holiday_changes": change})
    assert walk.open() == ["alert_urgency", "alert_told"]
    walk.answer(alert_urgency="today", alert_told="principal")
    assert walk.saved()["protection_note"] == f"{noted} / 今天要处理"


def test_who_is_of_age_and_worked_opens_nothing() -> None:
    assert term_start(age="16").answer(**COMES | {"holiday_changes": "work"}).open() == []


def test_a_red_light_wants_a_step_within_three_days() -> None:
    walk = term_start().answer(**COMES | {"risk_level": "red"})
    assert walk.open() == ["next_action"]
    assert "三天内" in walk.asked()["red_note"].label
    walk.answer(next_action="visit", next_when="date", next_pick="2025-11-24")
    assert "red_late" not in walk.asked()
    assert "red_late" in walk.answer(next_pick="2025-11-25").asked()
    assert walk.open() == []


def test_goals_are_few_and_come_back_next_term() -> None:
    walk = term_start().answer(**COMES, term_goals="attend own", own_goal="学会骑车")
    assert walk.open() == []
    assert walk.saved()["term_goals"] == "attend own"
    assert "最想做到" in walk.answer(term_goals="attend phone reading").message("term_goals")
    told = {q.ref.rpartition("/")[2]: q.label for q in term_start(
        term_goals="attend phone", key_flags_text="留守 / 厌学", promises_text="9月1日 承诺 9月3日 返校"
    ).page("visit") if q.kind == "note"}  # fmt: skip
    assert told["facts_goals"] == "上学期目标：每天到校 / 少玩手机"
    assert told["facts_flags"] == "重点类别：留守 / 厌学"
    assert "9月3日" in told["facts_promises"]


def test_a_running_promise_is_left_alone_unless_there_is_news() -> None:
    assert "outcome" not in term_start(outcome="promised").answer(**COMES).saved()
    assert term_start(outcome="promised").answer(**COMES | {"will_register": "no"}).saved()["outcome"] == "refused"


def test_the_guardian_hears_what_was_agreed() -> None:
    walk = term_start().answer(**COMES, term_goals="attend homework", obstacles="fees transport")
    assert walk.read_back() == [
        "11月21日，老师和您谈了王小明上学的事。",
        "说好了：孩子按时来报到。",
        "孩子这学期的目标：每天到校 / 按时交作业。",
        "上学的难处：费用 / 上学路上。老师会报告学校。",
        "说得不对的地方，请告诉老师，现在就改。",
    ]
