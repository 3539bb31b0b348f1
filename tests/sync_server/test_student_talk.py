"""Walks through the talk with a student: one page, under a minute, a confidential page only when asked for."""

from __future__ import annotations

import pytest

from casebook.forms.marks import restricted_paths
from tests.sync_server.form_effort import Walked, effort
from tests.sync_server.form_walk import Walk

SHORTEST = {"talk_topics": "study", "student_feelings": "hard", "mood": "2"}
NEXT = {"next_action": "talk", "next_when": "monday"}
TOLD = {
    "private_told": "yes", "worry": "child", "alert_kinds": "self_harm", "alert_urgency": "now",
    "alert_told": "principal",
}  # fmt: skip
PATHS = (Walked("a talk", SHORTEST), Walked("something confidential", SHORTEST | TOLD))


def talk(language: str = "zh", **on_file: str) -> Walk:
    return Walk("student_talk", language=language, **on_file)


def test_three_taps_on_one_page_are_a_talk() -> None:
    walk = talk().answer(**SHORTEST)
    assert walk.open() == []
    assert walk.pages() == ["talk"]
    assert (effort(walk).taps, effort(walk).keystrokes) == (4, 0)
    assert walk.saved() == {"student_feelings": "hard", "mood": "2"}


def test_a_next_step_and_the_childs_words_go_to_the_case_file() -> None:
    walk = talk().answer(**SHORTEST | NEXT, student_voice="数学听不懂。")
    assert walk.open() == []
    assert walk.saved() == {
        "student_feelings": "hard", "mood": "2", "student_voice": "数学听不懂。",
        "next_action": "talk", "next_date": "2025-11-24",
    }  # fmt: skip
    assert talk().answer(**SHORTEST, next_action="talk").open() == ["next_when"]


def test_a_talk_counts_as_contact_at_school_and_breaks_no_promise() -> None:
    walk = talk(outcome="promised").answer(**SHORTEST)
    told = {name: walk.session.value(walk.session.ref_of(name) or "") for name in ("mode", "contact_result")}
    assert told == {"mode": "school", "contact_result": "met_student_only"}
    assert "outcome" not in walk.saved()


def test_something_confidential_opens_its_own_page() -> None:
    walk = talk().answer(**SHORTEST, private_told="yes")
    assert (walk.pages(), walk.open()) == (["talk", "safety", "counsel"], ["worry"])
    walk.answer(**TOLD)
    assert walk.open() == []
    assert "110" in walk.asked()["alert_now"].label
    assert walk.saved()["protection_note"] == "伤害自己 / 现在就危险"
    assert "protection_note" not in walk.answer(private_told="no").saved()


def test_a_note_of_counselling_is_kept_for_few_and_never_goes_to_the_case_file() -> None:
    """R57: nobody but the author, the principal and moral education opens its page."""
    walk = talk().answer(**SHORTEST, private_told="yes", worry="none", counsel_note="睡不好，怕考试。", counsel_refer="county")
    assert walk.open() == []
    assert set(walk.saved()) == {"student_feelings", "mood"}
    form = walk.session.form
    assert {"/data/counsel/counsel_note", "/data/counsel/counsel_refer"} <= restricted_paths(form)
    assert "/data/talk/student_voice" not in restricted_paths(form)


@pytest.mark.parametrize(("feelings", "fits"), [("likes friends", True), ("silent", True), ("silent hard", False)])
def test_who_says_little_says_nothing_else(feelings: str, fits: bool) -> None:
    walk = talk().answer(**SHORTEST | {"student_feelings": feelings})
    assert (walk.open() == []) is fits
    assert fits or "不要再选别的" in walk.message("student_feelings")
