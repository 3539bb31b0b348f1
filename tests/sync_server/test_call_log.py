"""Walks through the log of calls and messages: who was reached, what was said, what a call that fails leads to."""

from __future__ import annotations

import pytest

from tests.sync_server.form_effort import Walked, effort
from tests.sync_server.form_walk import Walk

NO_ANSWER = {"call_result": "no_answer", "next_action": "visit", "next_when": "tomorrow"}
AGREED = {"call_result": "answered", "speaker": "guardian", "call_topics": "promise", "promise_when": "monday"}
THEY_CALLED = {"channel": "in", "speaker": "guardian", "call_topics": "school"}
MESSAGE = {"channel": "sent", "replied": "no", "next_action": "call", "next_when": "tomorrow"}
PATHS = (
    Walked("no answer", NO_ANSWER),
    Walked("the guardian promises a day", AGREED),
    Walked("the guardian calls", THEY_CALLED, {"guardian_phone": "12000001701"}),
    Walked("a message without reply", MESSAGE),
)
TODAY = {"last_contact_on": "2025-11-21"}


def call(language: str = "zh", **on_file: str) -> Walk:
    return Walk("call_log", language=language, **on_file)


def told(walk: Walk, *names: str) -> list[str]:
    return [walk.session.value(walk.session.ref_of(name) or "") for name in names]


@pytest.mark.parametrize(("place", "taps"), list(enumerate((5, 7, 6, 6))))
def test_a_call_is_noted_in_a_few_taps_without_typing(place: int, taps: int) -> None:
    cost = effort(PATHS[place].walk("call_log"))
    assert (cost.taps, cost.keystrokes) == (taps, 0)


def test_a_call_that_reached_nobody_counts_as_an_attempt_by_phone() -> None:
    walk = call().answer(**NO_ANSWER)
    assert walk.open() == []
    assert walk.pages() == ["contact", "wrap_up"]
    assert told(walk, "mode", "contact_result") == ["phone", "no_one_home"]
    assert walk.saved() == {"next_action": "visit", "next_date": "2025-11-22", "outcome": "not_found"}


def test_after_a_call_that_failed_somebody_goes_there_today() -> None:
    """R25: the visit of an absence is made the same day."""
    walk = call().answer(**NO_ANSWER | {"next_when": "today"})
    assert (walk.open(), walk.saved()["next_date"]) == ([], "2025-11-21")


@pytest.mark.parametrize(
    ("result", "contact"),
    [("no_answer", "no_one_home"), ("off", "no_one_home"), ("wrong", "wrong_address"), ("blocked", "refused")],
)
def test_every_way_to_fail_asks_for_the_next_step(result: str, contact: str) -> None:
    walk = call().answer(call_result=result)
    assert told(walk, "contact_result") == [contact]
    assert walk.open() == ["next_action"]
    assert walk.saved().get("attitude") == ("7" if result == "blocked" else None)


@pytest.mark.parametrize(("before", "advised"), [("", False), ("1", False), ("2", True), ("4", True)])
def test_the_third_call_of_a_day_that_fails_advises_a_visit(before: str, advised: bool) -> None:
    walk = call(calls_failed_today=before).answer(call_result="off")
    assert ("go_there" in walk.asked()) is advised
    assert not advised or f"{int(before) + 1}次没打通" in walk.asked()["go_there"].label
    assert "go_there" not in walk.answer(call_result="answered").asked()


def test_a_promise_on_the_phone_reaches_the_case_file() -> None:
    walk = call().answer(**AGREED)
    assert walk.open() == []
    assert walk.saved() == TODAY | {"promise_date": "2025-11-24", "outcome": "promised"}
    assert told(walk, "contact_result") == ["met_guardian"]


def test_neither_a_failed_call_nor_small_talk_touches_a_standing_promise() -> None:
    assert "outcome" not in call(outcome="promised").answer(**NO_ANSWER).saved()
    assert call(outcome="promised").answer(**THEY_CALLED).saved() == TODAY


def test_a_leave_is_checked_by_phone() -> None:
    walk = call().answer(call_result="answered", speaker="caretaker", call_topics="leave", excuse="illness")
    assert walk.open() == ["back_when"]
    walk.answer(back_when="monday")
    assert walk.open() == []
    assert walk.saved() == TODAY | {"excuse": "illness", "back_on": "2025-11-24", "outcome": "present_or_excused"}


@pytest.mark.parametrize(("speaker", "voice"), [("guardian", "guardian"), ("other", "guardian"), ("child", "student")])
def test_each_voice_is_kept_for_itself(speaker: str, voice: str) -> None:
    walk = call().answer(
        call_result="answered", speaker=speaker, call_topics="absence", excuse="none", reason_topics="learning"
    )
    walk.answer(**{f"reasons_{voice}": "LE2"})
    assert walk.saved()[f"reasons_{voice}"] == "LE2"
    assert {"reasons_guardian", "reasons_student"} & walk.asked().keys() == {f"reasons_{voice}"}
    assert "next_action" in walk.open()


def test_messages_and_calls_received_are_no_attempts_by_phone() -> None:
    for answers in (THEY_CALLED, MESSAGE, {"channel": "got", "speaker": "guardian", "call_topics": "home"}):
        walk = call().answer(**answers)
        assert walk.open() == []
        assert told(walk, "mode") == ["other"]


def test_a_new_number_is_proposed_only_when_it_is_to_be_kept() -> None:
    walk = call().answer(
        number_used="other", number_other="12000001710", call_result="answered", speaker="guardian", call_topics="home"
    )
    assert walk.open() == ["keep_number"]
    assert walk.answer(keep_number="no").saved() == TODAY
    assert walk.answer(keep_number="yes").saved() == TODAY | {"guardian_phone": "12000001710"}
    walk.answer(number_other="1200")
    assert "11位" in walk.message("number_other")


def test_without_a_number_on_file_the_number_is_asked() -> None:
    walk = call(guardian_phone="").answer(**NO_ANSWER)
    assert walk.open() == ["number_other"]
    assert walk.answer(number_other="0991-2345678").open() == []


def test_who_is_not_on_file_is_asked_for_by_name() -> None:
    walk = call().answer(call_result="answered", speaker="other", call_topics="home")
    assert walk.open() == ["speaker_name", "speaker_relation"]
    assert told(walk, "contact_result") == ["other_person"]
    assert "speaker_name" in call(guardian_name="").answer(call_result="answered", speaker="guardian").open()


def test_a_confidential_matter_opens_its_own_page() -> None:
    walk = call().answer(call_result="answered", speaker="child", call_topics="private")
    assert walk.open() == ["worry"]
    walk.answer(worry="none")
    assert "worry" in walk.open()
    walk.answer(worry="teacher", teacher_reasons="TE1", teacher_about="other")
    assert walk.open() == []
    assert walk.saved() == TODAY | {"teacher_reason": "打骂、体罚 / 别的老师"}
    assert "safety" not in call().answer(**AGREED).pages()


def test_a_child_under_16_at_work_opens_the_protection_sheet_by_itself() -> None:
    answers = {"call_result": "answered", "speaker": "guardian", "call_topics": "absence", "excuse": "none"}
    walk = call(age="15").answer(**answers, reason_topics="work", reasons_guardian="WO4", worry="none")
    assert "labour_note" in walk.asked()
    assert {"alert_urgency", "alert_told"} <= set(walk.open())
    grown = call(age="16").answer(**answers, reason_topics="work", reasons_guardian="WO4")
    assert "safety" not in grown.pages()


def test_something_else_is_said_in_a_sentence() -> None:
    walk = call().answer(call_result="answered", speaker="guardian", call_topics="other")
    assert walk.open() == ["call_note"]
    assert walk.answer(call_note="问周末有没有补课").open() == []


def test_the_same_in_english() -> None:
    assert call("en", calls_failed_today="2").answer(call_result="off").asked()["go_there"].label == (
        "3 calls failed today: please visit the home today."
    )
