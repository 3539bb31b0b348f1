"""Walks through the persuasion visit: three voices, whereabouts, promise, what comes next."""

from __future__ import annotations

import pytest

from tests.sync_server.form_effort import Walked
from tests.sync_server.form_walk import PHOTO, STROKES, Walk

CARRIED_ON = {"absent_since": "2025-11-10", "absent_days": "10", "attempts_phone": "2", "attempts_door": "1"}
OPENING = {
    "with_whom": "teacher cadre", "covisitors": "李老师", "contact_result": "met_guardian",
    "met_same": "same", "news": "none",
}  # fmt: skip
TALK = {
    "here_now": "seen", "reason_topics": "learning family", "reasons_guardian": "LE2 FA5",
    "reasons_student": "LE1",
    "judged": "LE1 LE2 FA5", "main_reason": "FA5", "attitude_asked": "3", "will_asked": "conditional",
    "needs": "learning", "offer": "tutoring aid", "explained": "law deadline", "learning_solver": "school",
    "learning_by": "week",
}  # fmt: skip
CLOSING = {
    "worry": "none", "photos_1": PHOTO, "photos_2": PHOTO, "summary_points": "cooperative",
    "next_action": "fetch",
    "next_when": "monday", "read_aloud": "OK", "sign_mode": "handwritten", "guardian_signature": STROKES,
}  # fmt: skip
AGREED = {"commitment": "date", "promise_when": "monday"}
SAVED = {
    "situation": "没有变化", "seen": "seen", "whereabouts": "D1", "whereabouts_confidence": "seen",
    "reasons_guardian": "LE2 FA5", "reasons_student": "LE1", "reasons_judged": "FA5 LE1 LE2",
    "will": "conditional",
    "attitude": "3", "needs": "learning", "promise_date": "2025-11-24", "next_action": "fetch",
    "next_date": "2025-11-24", "outcome": "promised",
}  # fmt: skip
NOBODY = {
    "with_whom": "alone", "alone_why": "busy", "contact_result": "moved", "informant": "neighbour",
    "left_note": "yes", "photos_door": PHOTO, "joint_next": "village", "next_action": "visit",
    "next_when": "tomorrow",
}  # fmt: skip
ROLE = {"role": "class_teacher"}
UNASKED = {"needs", "offer", "learning_solver", "learning_by"}  # may stay empty
SHORTEST = {name: value for name, value in TALK.items() if name not in UNASKED}
PATHS = (
    Walked("a day is agreed, guardian signs", OPENING | SHORTEST | AGREED | CLOSING, CARRIED_ON, ROLE),
    Walked("nobody met", NOBODY, CARRIED_ON, ROLE),
)


def persuasion(language: str = "zh", role: str = "class_teacher", **on_file: str) -> Walk:
    return Walk("persuasion_visit", language=language, prefill={"role": role}, **CARRIED_ON | on_file)


def test_a_full_visit_takes_29_answers_and_updates_the_case() -> None:
    walk = persuasion().answer(**OPENING, **TALK, **AGREED, **CLOSING)
    assert walk.open() == []
    assert walk.taps == 29
    assert walk.saved() == SAVED
    assert walk.pages() == [
        "visit",
        "meeting",
        "child",
        "reasons",
        "stance",
        "solving",
        "promise",
        "safety",
        "photos",
        "wrap_up",
        "readback",
        "signing",
    ]


def test_the_guardian_hears_plain_sentences() -> None:
    assert persuasion().answer(**OPENING, **TALK, **AGREED, **CLOSING).read_back() == [
        "11月21日，老师和您谈了王小明上学的事。",
        "孩子从11月10日起没有到校。",
        "您说的原因：厌学 / 觉得读书没用。",
        "要先解决的困难：学习辅导。",
        "学校可以帮：补课辅导 / 帮办资助。",
        "说好了：孩子11月24日返校。",
        "接下来，学校会：接孩子返校（11月24日）。",
        "说得不对的地方，请告诉老师，现在就改。",
    ]


def test_the_same_in_english() -> None:
    assert persuasion("en", label="Wang Xiaoming").answer(
        **OPENING, **TALK, **AGREED, **CLOSING
    ).read_back() == [
        "On 2025-11-21, we talked about Wang Xiaoming and school.",
        "Your child has not been at school since 2025-11-10.",
        "Your reasons: Dislikes school / Thinks school is useless.",
        "Difficulties to be solved: Help with learning.",
        "The school can offer: Tutoring / Aid.",
        "Agreed: the child returns on 2025-11-24.",
        "Next, the school will: Fetch the child (2025-11-24).",
        "If anything is wrong, please tell us now and we will change it.",
    ]


def test_the_one_reason_that_weighs_most_leads_the_list() -> None:
    walk = persuasion().answer(
        **OPENING, here_now="said_home", reason_topics="family", reasons_guardian="FA1", judged="FA5"
    )
    assert "main_reason" not in walk.asked()
    assert walk.saved()["reasons_judged"] == "FA5"
    walk.answer(judged="FA1 FA5 FA2")
    assert "main_reason" in walk.open()
    assert walk.answer(main_reason="FA2").saved()["reasons_judged"] == "FA2 FA1 FA5"


def test_each_voice_is_heard_for_itself() -> None:
    walk = persuasion().answer(**OPENING, here_now="not_here", reason_topics="learning")
    assert {"reasons_guardian", "judged"} <= set(walk.open())
    assert "reasons_student" not in walk.asked()
    assert "will_asked" not in walk.asked()
    assert walk.saved()["will"] == "not_seen"


def test_news_in_words() -> None:
    walk = persuasion().answer(**OPENING | {"news": "better moved"}, news_text="妈妈回来了")
    assert walk.saved()["situation"] == "家里松口了 / 搬家、外出 / 妈妈回来了"
    assert "news" in walk.answer(news="none ill").open()


@pytest.mark.parametrize(
    ("commitment", "outcome"),
    [("returned_now", "returned_now"), ("conditional", "conditional"), ("refused", "refused")],
)
def test_what_was_agreed_is_the_outcome(commitment: str, outcome: str) -> None:
    walk = persuasion().answer(**OPENING, **TALK, commitment=commitment)
    assert walk.saved()["outcome"] == outcome
    assert "promise_date" not in walk.saved()


def test_a_promise_after_the_deadline_is_noted_not_blocked() -> None:
    walk = persuasion(return_by="2025-11-22").answer(**OPENING, **TALK, **AGREED)
    assert "争取早些" in walk.asked()["after_deadline"].label
    assert "promise_when" not in walk.open()
    assert "after_deadline" not in walk.answer(promise_when="tomorrow").asked()


def test_every_difficulty_gets_somebody_and_a_time() -> None:
    walk = persuasion().answer(**OPENING, **TALK | {"needs": "learning aid transport"})
    assert {"aid_solver", "aid_by", "transport_solver", "transport_by"} <= set(walk.open())
    walk.answer(needs="")
    assert "solving" not in walk.pages()


def test_a_child_at_another_school_asks_for_the_certificate() -> None:
    walk = persuasion().answer(
        **OPENING,
        here_now="not_here",
        where_kind="study",
        whereabouts_asked="D5",
        confidence_asked="document",
        where_since="term",
        school_proof="certificate",
    )
    assert "photos_certificate" in walk.open()
    assert "改选" in walk.message("photos_certificate")
    walk.answer(school_proof="said", attitude_asked="5", commitment="refused")
    assert "photos_certificate" not in walk.open()
    saved = walk.saved()
    assert (saved["whereabouts"], saved["whereabouts_confidence"], saved["outcome"]) == (
        "D5",
        "document",
        "transferred_claim",
    )


def test_a_missing_child_calls_for_the_police() -> None:
    walk = persuasion().answer(
        **OPENING,
        here_now="not_here",
        where_kind="unknown",
        whereabouts_asked="D12",
        confidence_asked="statement",
        where_since="week",
    )
    assert "24小时" in walk.asked()["missing_child"].label
    assert "police_report" in walk.open()
    assert "police_report" not in walk.answer(police_report="principal").open()


def test_work_is_asked_about_and_opens_protection_under_16() -> None:
    walk = persuasion(age="14").answer(
        **OPENING,
        here_now="not_here",
        where_kind="work",
        whereabouts_asked="D2",
        confidence_asked="phone",
        where_since="month",
    )
    assert {"work_kind", "introduced_by", "alert_urgency"} <= set(walk.open())


def test_illness_leads_to_the_papers() -> None:
    walk = persuasion().answer(
        **OPENING,
        here_now="seen",
        reason_topics="health",
        reasons_guardian="HE1",
        reasons_student="HE1",
        judged="HE1",
    )
    assert "medical_claim" in walk.open()
    walk.answer(medical_claim="yes", papers_left="yes", commitment="conditional")
    assert "县级以上医院" in walk.asked()["papers"].label
    assert walk.saved()["outcome"] == "unfit_claim"


def test_two_photos_at_the_door_unless_there_is_a_reason() -> None:
    without = {name: value for name, value in CLOSING.items() if not name.startswith("photos")}
    walk = persuasion().answer(**OPENING, **TALK, **AGREED, **without)
    assert walk.open() == ["photos_1", "photos_2"]
    assert walk.answer(photos_1=PHOTO).open() == ["photos_2"]
    assert walk.answer(photo_why="unwilling").open() == []
    assert persuasion().answer(mode="committee", **OPENING, **TALK, **AGREED, **without).open() == []


def test_nobody_met_asks_who_should_come_along_next_time() -> None:
    walk = persuasion().answer(**NOBODY)
    assert walk.open() == []
    assert walk.taps == 9
    assert walk.saved() == {"next_action": "visit", "next_date": "2025-11-22", "outcome": "not_found"}


REFUSED = {**OPENING, **TALK, "commitment": "refused"}


@pytest.mark.parametrize(
    ("role", "phone", "door", "offered"),
    [
        ("academic_office", "1", "1", True),
        ("subject_teacher", "1", "1", True),
        ("class_teacher", "1", "1", False),
        ("class_teacher subject_teacher", "1", "1", False),
        ("", "1", "1", False),
        ("academic_office", "0", "3", False),
        ("academic_office", "3", "0", False),
    ],
)
def test_only_others_than_the_class_teacher_propose_failure_and_only_after_enough_attempts(
    role: str, phone: str, door: str, offered: bool
) -> None:
    walk = persuasion(role=role, attempts_phone=phone, attempts_door=door).answer(**REFUSED)
    assert ("ineffective" in walk.asked()) is offered


def test_the_third_closed_door_may_be_proposed_as_failure() -> None:
    for door, offered in (("1", False), ("2", True)):
        walk = persuasion(role="principal", attempts_door=door).answer(contact_result="no_one_home")
        assert ("ineffective" in walk.asked()) is offered


def test_a_bereaved_family_is_asked_nothing_more() -> None:
    walk = persuasion().answer(
        **OPENING,
        here_now="not_here",
        where_kind="away",
        whereabouts_asked="D13",
        confidence_asked="statement",
        where_since="week",
        summary="向家人表示了慰问，已告诉校长。",
    )
    assert walk.open() == []
    assert not {"reasons", "stance", "promise", "safety", "readback", "signing"} & set(walk.pages())
