"""Walks through the absence visit: what is asked, what reaches the case file, what the guardian hears."""

from __future__ import annotations

import pytest

from tests.sync_server.form_effort import Walked
from tests.sync_server.form_walk import PHOTO, STROKES, Walk

UNTIL_SIGNING = {
    "with_whom": "teacher", "covisitors": "李老师", "contact_result": "met_guardian", "met_same": "same",
    "here_now": "seen", "reason_topics": "learning", "reasons_guardian": "LE2", "reasons_student": "LE1 LE2",
    "excuse": "none", "sign_level": "slight", "will_asked": "willing", "attitude_asked": "1",
    "explained": "law leaflet", "promise_when": "monday", "worry": "none", "photos_1": PHOTO,
    "summary_points": "cooperative", "next_action": "call", "next_when": "monday", "read_aloud": "OK",
}  # fmt: skip
HAPPY = UNTIL_SIGNING | {"sign_mode": "handwritten", "guardian_signature": STROKES}
HAPPY_SAVED = {
    "seen": "seen", "whereabouts": "D1", "whereabouts_confidence": "seen", "reasons_guardian": "LE2",
    "reasons_student": "LE1 LE2", "excuse": "none", "sign_level": "slight", "will": "willing",
    "attitude": "1",
    "promise_date": "2025-11-24", "next_action": "call", "next_date": "2025-11-24", "outcome": "promised",
}  # fmt: skip
NOBODY = {
    "with_whom": "alone", "alone_why": "busy", "contact_result": "no_one_home", "informant": "none",
    "left_note": "yes", "photos_door": PHOTO, "next_action": "visit", "next_when": "tomorrow",
}  # fmt: skip
PATHS = (Walked("no proper reason, guardian signs", HAPPY), Walked("nobody at home", NOBODY))

OPENING_OTHERS = {
    "with_whom": {"covisitors"}, "next_action": {"next_when"}, "sign_mode": {"guardian_signature"},
    "contact_result": HAPPY.keys() - {"with_whom", "covisitors"},
}  # fmt: skip


def absence(language: str = "zh", **on_file: str) -> Walk:
    return Walk("absence_visit", language=language, **on_file)


def test_the_usual_visit_takes_22_answers_and_updates_the_case() -> None:
    walk = absence().answer(**HAPPY)
    assert walk.open() == []
    assert walk.taps == 22
    assert walk.saved() == HAPPY_SAVED
    assert walk.pages() == [
        "visit",
        "meeting",
        "child",
        "reasons",
        "stance",
        "safety",
        "photos",
        "wrap_up",
        "readback",
        "signing",
    ]


@pytest.mark.parametrize(
    "name", sorted(HAPPY.keys() - OPENING_OTHERS.keys() - {"reason_topics", "here_now", "excuse"})
)
def test_none_of_these_answers_could_be_spared(name: str) -> None:
    walk = absence().answer(**{key: value for key, value in HAPPY.items() if key != name})
    assert walk.open() == [{"summary_points": "summary"}.get(name, name)]


@pytest.mark.parametrize(("name", "opened"), OPENING_OTHERS.items())
def test_nor_these_which_open_others(name: str, opened: set[str]) -> None:
    walk = absence().answer(**{key: value for key, value in HAPPY.items() if key not in opened | {name}})
    assert walk.open() == [name]


def test_the_guardian_hears_plain_sentences() -> None:
    assert absence().answer(**HAPPY).read_back() == [
        "11月21日，老师和您谈了王小明上学的事。",
        "孩子从11月20日起没有到校。",
        "您说的原因：厌学。",
        "说好了：孩子11月24日返校。",
        "接下来，学校会：打电话（11月24日）。",
        "说得不对的地方，请告诉老师，现在就改。",
    ]


def test_the_same_in_english() -> None:
    assert absence("en", label="Wang Xiaoming").answer(**HAPPY).read_back() == [
        "On 2025-11-21, we talked about Wang Xiaoming and school.",
        "Your child has not been at school since 2025-11-20.",
        "Your reasons: Dislikes school.",
        "Agreed: the child returns on 2025-11-24.",
        "Next, the school will: Phone (2025-11-24).",
        "If anything is wrong, please tell us now and we will change it.",
    ]


def test_switching_the_language_changes_the_words_and_no_answer() -> None:
    walk = absence().answer(**HAPPY)
    walk.session.set_language("en")
    assert walk.saved() == HAPPY_SAVED
    assert "Your reasons: Dislikes school." in walk.read_back()


def test_what_the_child_says_is_not_read_to_the_guardian() -> None:
    walk = absence().answer(
        **HAPPY | {"reason_topics": "family peers", "reasons_guardian": "FA1", "reasons_student": "FA6 PE1"}
    )
    assert not any("家庭矛盾" in text or "同学欺负" in text for text in walk.read_back())


def test_nobody_at_home_takes_8_answers() -> None:
    walk = absence().answer(**NOBODY)
    assert walk.open() == []
    assert walk.taps == 8
    assert walk.pages() == ["visit", "meeting", "not_met", "photos", "wrap_up"]
    assert walk.saved() == {"next_action": "visit", "next_date": "2025-11-22", "outcome": "not_found"}


@pytest.mark.parametrize("result", ["no_one_home", "refused", "moved", "wrong_address", "unsafe"])
def test_nobody_met_demands_the_door_the_informant_and_the_next_attempt(result: str) -> None:
    walk = absence().answer(with_whom="cadre", contact_result=result)
    noted = [] if result == "unsafe" else ["left_note"]
    assert walk.open() == ["informant", *noted, "photos_door", "next_action"]
    walk.answer(next_action="visit")
    assert walk.open()[-1] == "next_when"


def test_a_door_that_stays_shut_is_an_attitude() -> None:
    saved = absence().answer(contact_result="refused").saved()
    assert (saved["attitude"], saved["outcome"]) == ("7", "refused")


def test_a_sick_child_needs_no_talk_about_leaving_school() -> None:
    walk = absence().answer(
        with_whom="teacher",
        covisitors="李老师、王老师",
        contact_result="met_caretaker",
        met_same="same",
        can_read="no",
        here_now="seen",
        reason_topics="temporary",
        excuse="illness",
        proof="photo",
        photos_proof=PHOTO,
        back_when="date",
        back_pick="2025-11-25",
        worry="none",
        photos_1=PHOTO,
        summary="孩子发烧在家休息，已看过医生。",
        read_aloud="OK",
        sign_mode="thumb_on_paper",
        photos_thumb=PHOTO,
        witness_count="2",
        witness_1_name="李老师",
        witness_1_post="teacher",
        witness_2_name="赵组长",
        witness_2_post="cadre",
    )
    assert walk.open() == []
    assert "stance" not in walk.pages()
    assert walk.saved() == {
        "seen": "seen", "whereabouts": "D1", "whereabouts_confidence": "seen", "excuse": "illness",
        "back_on": "2025-11-25", "outcome": "present_or_excused",
    }  # fmt: skip
    assert "这次没来是因为：生病。" in walk.read_back()
    assert walk.asked()["signer"].value == "李桂花"
    assert "请他在纸上按手印" in walk.asked()["cannot_read_note"].label


def test_a_statement_is_proof_enough() -> None:
    walk = absence().answer(
        contact_result="met_guardian", reason_topics="temporary", excuse="family_event", proof="photo"
    )
    assert "photos_proof" in walk.open()
    assert "口头说明" in walk.message("photos_proof")
    assert "photos_proof" not in walk.answer(proof="statement").asked()


def test_only_the_child_was_met() -> None:
    walk = absence().answer(
        with_whom="teacher",
        covisitors="李老师",
        contact_result="met_student_only",
        reason_topics="learning",
        reasons_student="LE2",
        excuse="none",
        sign_level="strong",
        will_asked="unwilling",
        promise_when="none",
        worry="none",
        photos_1=PHOTO,
        summary_points="talked",
        next_action="visit",
        next_when="tomorrow",
    )
    assert walk.open() == []
    assert not {"readback", "signing"} & set(walk.pages())
    assert walk.saved() == {
        "seen": "seen", "whereabouts": "D1", "whereabouts_confidence": "seen", "reasons_student": "LE2",
        "excuse": "none", "sign_level": "strong", "will": "unwilling", "next_action": "visit",
        "next_date": "2025-11-22", "outcome": "info_only",
    }  # fmt: skip


def test_a_phone_call_asks_for_no_photo_place_or_signature() -> None:
    walk = absence().answer(mode="phone", contact_result="met_guardian", met_same="same")
    assert not {"photos", "readback", "signing"} & set(walk.pages())
    assert not {"place", "with_whom"} & walk.asked().keys()


def test_no_camera_is_no_wall() -> None:
    walk = absence().answer(**{name: value for name, value in HAPPY.items() if name != "photos_1"})
    assert walk.open() == ["photos_1"]
    assert walk.answer(photo_why="broken").open() == []


def test_alone_with_a_girl_gets_advice_and_no_block() -> None:
    walk = absence(gender="2").answer(with_whom="alone", alone_why="urgent")
    assert "alone_with_girl" in walk.asked()
    assert "alone_with_girl" not in absence(gender="1").answer(with_whom="alone").asked()


def test_a_bereaved_family_is_asked_nothing_more() -> None:
    walk = absence().answer(
        with_whom="teacher",
        covisitors="李老师",
        contact_result="met_guardian",
        met_same="same",
        here_now="not_here",
        where_kind="away",
        whereabouts_asked="D13",
        confidence_asked="statement",
        summary="向家人表示了慰问，已告诉校长。",
    )
    assert walk.open() == []
    assert not {"reasons", "stance", "safety", "readback", "signing"} & set(walk.pages())
