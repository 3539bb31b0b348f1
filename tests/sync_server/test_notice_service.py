"""Walks through the service of a notice: who received it, what proves it, from when the time to return runs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

import assets
from tests.sync_server.form_effort import Walked, effort
from tests.sync_server.form_walk import PHOTO, STROKES, Walk

NUMBER = "劝学〔2025〕12号"
DOOR = {"with_whom": "teacher", "covisitors": "李老师", "doc_no": NUMBER}
CLOSING = {
    "worry": "none", "letter_state": "before", "server_1_signature": STROKES, "server_2_signature": STROKES,
}  # fmt: skip
DIRECT = DOOR | {
    "receiver": "guardian", "met_same": "same", "read_aloud": "OK", "receipt_mode": "handwritten",
    "guardian_signature": STROKES,
} | CLOSING  # fmt: skip
REFUSED = DOOR | {
    "receiver": "refuses", "read_aloud": "OK", "refuse_why": "afraid", "left_at_home": "yes", "left_where": "堂屋桌上",
    "photos_notice": PHOTO, "photos_scene": PHOTO, "witness_count": "1", "witness_1_name": "赵组长",
    "witness_1_post": "cadre", "witness_1_signature": STROKES,
} | CLOSING  # fmt: skip
ABSENT = {
    "with_whom": "teacher", "covisitors": "李老师", "doc_no": "A000123", "receiver": "absent", "other_way": "again",
    "informant": "none", "left_note": "yes", "photos_door": PHOTO, "letter_state": "before", "next_action": "visit",
    "next_when": "tomorrow",
}  # fmt: skip
COHABITING = DIRECT | {
    "receiver": "cohabiting_adult", "can_read": "yes", "lives_together": "yes", "agent_why": "away",
}  # fmt: skip
THUMB = {name: value for name, value in DIRECT.items() if name != "guardian_signature"} | {
    "receipt_mode": "thumb_on_paper", "photos_thumb": PHOTO, "witness_count": "2", "witness_1_name": "赵组长",
    "witness_1_post": "cadre", "witness_2_name": "李老师", "witness_2_post": "teacher",
}  # fmt: skip
UNSEEN = {name: value for name, value in REFUSED.items() if not name.startswith("witness")} | {
    "witness_count": "0", "witness_why": "unwilling",
}  # fmt: skip
PATHS = (
    Walked("the guardian signs", DIRECT),
    Walked("left at the home, photos and no witness", UNSEEN),
    Walked("nobody met", ABSENT),
)
SERVED = {
    "service_status": "served", "service_way": "direct", "served_on": "2025-11-21", "service_doc_no": NUMBER,
}  # fmt: skip


def notice(language: str = "zh", **on_file: str) -> Walk:
    return Walk("notice_service", language=language, **{"return_by_proposed": "2025-11-28"} | on_file)


def without(answers: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in answers.items() if name not in names}


def test_the_guardian_signs_and_the_time_runs() -> None:
    walk = notice().answer(**DIRECT)
    assert walk.open() == []
    assert walk.saved() == SERVED
    assert walk.asked()["check_served"].label == (
        "送达日期：11月21日。\n返校期限：11月28日（含当天），按本校规则和校历算。"
    )
    assert walk.pages() == [
        "visit", "notice", "readback", "signing", "photos", "safety", "village_letter", "servers", "check",
    ]  # fmt: skip
    assert effort(walk).answers == 12


@pytest.mark.parametrize(("rule", "said"), [("2025-10-23", "10月23日"), ("2025-12-22", "12月22日"), ("2026-01-05", "1月5日")])
def test_the_day_of_return_is_the_one_that_the_rules_gave(rule: str, said: str) -> None:
    """K's notice of story F: seven days end on Saturday 12月20日, so Monday 12月22日 is told at the door."""
    walk = notice(return_by_proposed=rule).answer(**DIRECT)
    assert f"返校期限：{said}（含当天）" in walk.asked()["check_served"].label
    assert f"请在{said}以前（含当天）让孩子回学校。" in walk.read_back()


def test_without_rules_on_the_phone_no_day_is_invented() -> None:
    walk = notice(return_by_proposed="").answer(**DIRECT)
    assert walk.open() == []
    assert walk.saved() == SERVED
    assert "请按通知书上写的期限，让孩子回学校。" in walk.read_back()
    assert "同步后看得到" in walk.asked()["check_served_no_day"].label
    assert "check_served" not in walk.asked()


def test_no_phone_form_moves_the_state_or_the_deadline_of_a_case() -> None:
    for answers in (DIRECT, COHABITING, THUMB, REFUSED, ABSENT):
        assert not {"state", "return_by", "notice_no"} & notice().answer(**answers).saved().keys()


def test_what_the_guardian_is_read_is_a_school_speaking() -> None:
    assert notice().answer(**DIRECT).read_back() == [
        "11月21日，老师和您谈了王小明上学的事。",
        "这是学校的通知书，文号：劝学〔2025〕12号。",
        "孩子从11月20日起没有到校。",
        "法律规定：监护人要送孩子上学，完成九年义务教育。",
        "请在11月28日以前（含当天）让孩子回学校。",
        "有困难请告诉老师，学校帮您想办法。",
        "到期没有回来，学校会报告乡镇政府和县教育局。",
        "说得不对的地方，请告诉老师，现在就改。",
    ]
    whole = assets.read_bytes("forms/notice_service/survey.csv").decode()
    assert not [word for word in ("责令", "处罚", "罚款") if word in whole]


@pytest.mark.parametrize("number", [NUMBER, "N1-2025-0012", "石桥校劝〔2026〕3号", "A000123", "0001234"])
def test_numbers_of_notices_and_of_pre_printed_paper_are_taken(number: str) -> None:
    assert "doc_no" not in notice().answer(doc_no=number).open()


@pytest.mark.parametrize("number", ["12", "劝学12号", "不知道", "劝学〔1999〕3号"])
def test_what_is_no_number_is_told_how_one_looks(number: str) -> None:
    assert "劝学〔2025〕12号" in notice().answer(doc_no=number).message("doc_no")


def test_the_number_that_the_registrar_gave_stands_there_already_and_may_be_changed() -> None:
    walk = notice(notice_no="劝学〔2025〕7号").answer(**without(DIRECT, "doc_no"))
    assert walk.saved()["service_doc_no"] == "劝学〔2025〕7号"
    assert walk.answer(doc_no="A000123").saved()["service_doc_no"] == "A000123"


def test_an_adult_of_the_same_home_may_receive_it() -> None:
    walk = notice().answer(**COHABITING)
    assert walk.open() == []
    assert walk.saved() == SERVED | {"service_way": "cohabiting_adult"}
    assert (walk.asked()["signer"].value, walk.asked()["signer_relation"].value) == ("李桂花", "62")
    assert notice().answer(**without(COHABITING, "agent_why")).open() == ["agent_why"]


def defective(walk: Walk, *lacks: str) -> None:
    """Never a wall: the reason and the next step are asked, the clock does not run."""
    assert walk.open() == ["defect_why", "next_action"]
    assert {name for name in walk.asked() if name.startswith("miss_")} == {f"miss_{name}" for name in lacks}
    walk.answer(defect_why="again", next_action="visit", next_when="tomorrow")
    assert walk.open() == []
    saved = walk.saved()
    assert (saved["service_status"], saved["service_defects"]) == ("defective", " ".join(lacks))
    assert "served_on" not in saved


def test_who_lives_elsewhere_cannot_receive_it() -> None:
    defective(notice().answer(**COHABITING | {"lives_together": "no"}), "home")


def test_a_minor_cannot_receive_it() -> None:
    walk = notice().answer(
        **DOOR, receiver="guardian", met_same="other", met_name="王小红", met_relation="75", met_adult="no", can_read="yes",
        **CLOSING,
    )  # fmt: skip
    assert "不算送达" in walk.asked()["minor_receiver"].label
    assert not {"signing", "readback", "agent"} & set(walk.pages())
    defective(walk, "adult")
    assert walk.session.value(walk.session.ref_of("sign_mode") or "") == "absent"


def test_one_server_alone_is_recorded_as_such() -> None:
    walk = notice().answer(
        **without(DIRECT, "covisitors", "server_2_signature") | {"with_whom": "alone", "alone_why": "busy"}
    )
    assert "one_server_note" in walk.asked()
    assert "server_2_signature" not in walk.asked()
    defective(walk, "server")


def test_a_second_server_who_does_not_sign_is_missing_too() -> None:
    defective(notice().answer(**without(DIRECT, "server_2_signature")), "server")


def test_a_thumbprint_wants_a_photo_and_two_witnesses() -> None:
    walk = notice(can_read="no").answer(**THUMB)
    assert walk.open() == []
    assert walk.saved() == SERVED
    assert "cannot_read_note" in walk.asked()
    one = without(THUMB, "witness_2_name", "witness_2_post") | {"witness_count": "1", "witness_why": "nobody"}
    defective(notice().answer(**one), "witness")
    assert notice().answer(**without(THUMB, "photos_thumb")).open() == ["photos_thumb"]


def test_a_stamp_is_photographed() -> None:
    walk = notice().answer(**without(DIRECT, "guardian_signature") | {"receipt_mode": "seal"})
    assert walk.open() == ["photos_seal"]
    assert walk.answer(photos_seal=PHOTO).saved() == SERVED


LEFT = SERVED | {"service_way": "left"}


def test_what_is_refused_is_left_with_a_witness_and_photos() -> None:
    walk = notice().answer(**REFUSED)
    assert walk.open() == []
    assert walk.saved() == LEFT
    assert "signing" not in walk.pages()


def test_a_witness_or_the_photos_are_enough_neither_is_not() -> None:
    blind = without(REFUSED, "photos_notice", "photos_scene") | {"photo_why": "unwilling"}
    assert notice().answer(**blind).saved() == LEFT
    assert notice().answer(**UNSEEN).saved() == LEFT
    defective(notice().answer(**without(UNSEEN, "photos_scene") | {"photo_why": "dark"}), "proof")


def test_a_teacher_is_no_witness_of_a_refusal() -> None:
    blind = without(REFUSED, "photos_notice", "photos_scene") | {"photo_why": "unwilling", "witness_1_post": "teacher"}
    defective(notice().answer(**blind), "proof")


def test_photos_of_a_refusal_are_asked_for() -> None:
    walk = notice().answer(**without(REFUSED, "photos_notice", "photos_scene"))
    assert walk.open() == ["photos_notice", "photos_scene"]


def test_what_is_taken_along_again_is_not_served() -> None:
    carried = without(REFUSED, "left_where", "photos_notice") | {"left_at_home": "no"}
    defective(notice().answer(**carried), "left")


def test_several_gaps_are_named_together() -> None:
    carried = without(REFUSED, "left_where", "photos_notice", "server_2_signature") | {"left_at_home": "no"}
    defective(notice().answer(**carried), "server", "left")


def test_nobody_met_means_another_way_and_another_day() -> None:
    walk = notice().answer(**ABSENT)
    assert walk.open() == []
    assert walk.saved() == {
        "service_status": "not_served", "next_action": "visit", "next_date": "2025-11-22", "outcome": "not_found",
    }  # fmt: skip
    assert "还没开始算" in walk.asked()["check_not_served"].label
    assert not {"servers", "safety", "readback", "signing"} & set(walk.pages())
    assert "outcome" not in notice(outcome="promised").answer(**ABSENT).saved()


@pytest.mark.parametrize(("way", "said"), [("post", "回执"), ("electronic", "先同意"), ("committee", "不等于")])
def test_other_ways_say_what_they_are_worth(way: str, said: str) -> None:
    assert said in notice().answer(**ABSENT | {"other_way": way}).asked()[f"{way}_note"].label


def test_the_letter_to_the_village_is_receipted_or_planned() -> None:
    walk = notice().answer(**DIRECT | {"letter_state": "now"})
    assert walk.open() == ["letter_to", "letter_signature"]
    assert walk.asked()["letter_village"].value == "石桥村"
    walk.answer(letter_to="赵主任", photos_letter=PHOTO)
    assert walk.open() == []
    assert walk.saved() == SERVED | {"village_letter_on": "2025-11-21"}
    planned = notice().answer(**DIRECT | {"letter_state": "planned"})
    assert planned.open() == ["letter_when"]
    assert planned.answer(letter_when="monday").saved() == SERVED


@pytest.mark.parametrize(("village", "notes"), [
    ("石桥村", {"letter_there"}), ("高岭村", {"letter_there", "letter_moved"}), ("", {"letter_unknown"}),
])  # fmt: skip
def test_the_letter_goes_to_the_registered_village_and_says_which(village: str, notes: set[str]) -> None:
    """R33: not to the village that the child lives in, when they differ; unknown: it is asked for."""
    walk = notice(hukou_village=village).answer(**DIRECT | {"letter_state": "now", "letter_to": "赵主任", "photos_letter": PHOTO})
    told = {name: question.label for name, question in walk.asked().items() if name.startswith("letter_") and question.kind == "note"}
    assert told.keys() == notes
    assert village in told.get("letter_there", "") and (village != "高岭村" or "石桥村" in told["letter_moved"])
    assert walk.open() == ([] if village else ["letter_village"])
    walk.answer(letter_village="坝上村")  # what the family says is written down
    assert (walk.open(), walk.session.value("/data/village_letter/letter_village")) == ([], "坝上村")


def test_reading_aloud_may_be_cut_short_and_is_noted() -> None:
    walk = notice().answer(**without(DIRECT, "read_aloud"), reading_stopped="left")
    assert walk.open() == []
    assert "miss_reading" in walk.asked()
    assert walk.saved() == SERVED


def test_only_ways_of_meeting_in_person_are_offered() -> None:
    assert {choice.value for choice in notice().asked()["mode"].choices} == {"door", "workplace", "school", "committee"}


def test_the_same_in_english() -> None:
    walk = notice("en", label="Wang Xiaoming").answer(**DIRECT)
    assert walk.asked()["check_served"].label == (
        "Served on 2025-11-21.\nReturn by 2025-11-28, that day included, by the school's rules and calendar."
    )
