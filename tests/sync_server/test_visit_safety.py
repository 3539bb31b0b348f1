"""The confidential page: child labour opens it by itself, what concerns a teacher stays on it."""

from __future__ import annotations

import pytest

from tests.sync_server.test_absence_visit import absence

AT_WORK = {
    "here_now": "not_here",
    "where_kind": "work",
    "whereabouts_asked": "D3",
    "confidence_asked": "statement",
}


def test_a_child_under_16_at_work_opens_the_protection_sheet_by_itself() -> None:
    walk = absence(age="15").answer(contact_result="met_guardian", **AT_WORK, worry="none")
    assert "未满16周岁" in walk.asked()["labour_note"].label
    assert {"alert_urgency", "alert_told", "work_kind", "work_since", "work_pay"} <= set(walk.open())
    walk.answer(alert_urgency="today", alert_told="principal", alert_facts="住在厂里")
    assert walk.saved()["protection_note"] == "未满16岁做工 / 今天要处理 / 住在厂里"


@pytest.mark.parametrize("reason", ["WO1", "WO3", "WO4"])
def test_work_named_as_a_reason_opens_it_too(reason: str) -> None:
    walk = absence(age="13").answer(
        contact_result="met_guardian", here_now="seen", reason_topics="work", reasons_guardian=reason
    )
    assert "labour_note" in walk.asked()


@pytest.mark.parametrize(("age", "reason"), [("16", "WO4"), ("14", "WO2"), ("", "WO4")])
def test_who_is_of_age_or_helps_at_home_opens_nothing(age: str, reason: str) -> None:
    walk = absence(age=age).answer(
        contact_result="met_guardian", here_now="seen", reason_topics="work", reasons_guardian=reason
    )
    assert "labour_note" not in walk.asked()
    assert "work" in walk.pages()


def test_a_matter_about_a_teacher_stays_on_the_confidential_page() -> None:
    walk = absence().answer(
        contact_result="met_guardian", met_same="same", reason_topics="private", excuse="none"
    )
    assert "reasons_guardian" not in walk.asked()
    assert "单独一页" in walk.asked()["private_ahead"].label
    walk.answer(worry="none")
    assert "worry" in walk.open()
    walk.answer(worry="teacher", teacher_reasons="TE1 TE3", teacher_about="unsaid")
    assert walk.saved()["teacher_reason"] == "打骂、体罚 / 和老师起冲突 / 没说是谁"
    told = " ".join(walk.read_back())
    assert not any(word in told for word in ("体罚", "冲突", "保密"))
