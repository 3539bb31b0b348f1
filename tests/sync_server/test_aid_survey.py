"""Walks through the assistance survey: consent, household and aid as tables, proofs, what the family may be missing."""

from __future__ import annotations

import pytest

from tests.sync_server.form_effort import Walked
from tests.sync_server.form_walk import PHOTO, STROKES, Walk

OPENING = {
    "with_whom": "teacher", "covisitors": "李老师", "contact_result": "met_guardian", "met_same": "same",
    "consent": "yes",
}  # fmt: skip
GRANDMOTHER = {
    "member[1]/member_kin": "grandparent", "member[1]/member_work": "farm", "member[1]/member_health": "good",
}  # fmt: skip
ALONE_WITH_HER = {
    "others": "1", **GRANDMOTHER, "income_sources": "farm", "income_band": "b", "burdens": "children",
    "certificates": "none", "aid_count": "0",
}  # fmt: skip
CLOSING = {
    "worry": "none", "photos_1": PHOTO, "summary_points": "cooperative", "read_aloud": "OK",
    "sign_mode": "handwritten", "guardian_signature": STROKES,
}  # fmt: skip
PLAIN = OPENING | ALONE_WITH_HER | CLOSING
SAVED = {
    "household_size": "2", "income_sources": "farm", "income_band": "b", "burdens": "children",
    "aid_surveyed_on": "2025-11-21", "outcome": "info_only",
}  # fmt: skip
SUBSIDY = {
    "aid_item[1]/aid_kind": "living", "aid_item[1]/aid_year": "this", "aid_item[1]/aid_paid_to": "guardian",
}  # fmt: skip
ENTITLED = PLAIN | {
    "certificates": "FM03", "photos_fm03": PHOTO, "aid_count": "1", **SUBSIDY,
}  # fmt: skip
DECLINED = OPENING | {"consent": "no", "consent_why": "private", "next_action": "call", "next_when": "monday"} | CLOSING
PATHS = (
    Walked("one other member, no certificate, no aid", PLAIN),
    Walked("one certificate, one kind of aid", ENTITLED),
    Walked("the family does not agree", DECLINED),
)


def survey(language: str = "zh", **on_file: str) -> Walk:
    return Walk("aid_survey", language=language, **on_file)


def test_the_shortest_survey_takes_20_answers() -> None:
    walk = survey().answer(**PLAIN)
    assert (walk.open(), walk.taps) == ([], 20)
    assert walk.saved() == SAVED


def test_the_household_is_a_table_as_long_as_the_family() -> None:
    walk = survey().answer(**OPENING, others="3")
    lines = [q.label for q in walk.page("members") if q.kind == "heading"]
    assert lines == ["家人（1）", "家人（2）", "家人（3）"]
    assert {"member[3]/member_kin", "member[3]/member_work"} <= set(walk.open())
    walk.answer(**{"member[1]/member_age": "121"})
    assert "0到120" in walk.message("member[1]/member_age")
    walk.answer(others="0")
    assert [q.kind for q in walk.page("members")] == ["select_one"]
    assert walk.saved()["household_size"] == "1"


def test_a_sick_member_is_not_forgotten_among_the_burdens() -> None:
    walk = survey().answer(**PLAIN | {"member[1]/member_health": "chronic"})
    assert "1位身体不好" in walk.asked()["sick_note"].label
    assert "sick_note" not in walk.answer(burdens="illness").asked()


def test_who_does_not_agree_is_asked_nothing_about_the_family() -> None:
    walk = survey().answer(**DECLINED)
    assert walk.open() == []
    assert not {"members", "income", "papers_held", "proofs", "aid", "pairing"} & set(walk.pages())
    assert walk.saved() == {"next_action": "call", "next_date": "2025-11-24", "outcome": "info_only"}
    assert "您不想登记家里的情况，我们尊重您。" in walk.read_back()


def test_who_agrees_in_part_may_leave_anything_open() -> None:
    walk = survey().answer(**OPENING | {"consent": "partly"} | CLOSING, income_sources="labour")
    assert walk.open() == []
    assert walk.saved() == {
        "income_sources": "labour", "aid_surveyed_on": "2025-11-21", "outcome": "info_only",
    }  # fmt: skip


def test_every_certificate_wants_its_photo_or_a_reason() -> None:
    walk = survey().answer(**PLAIN | {"certificates": "FM01 FM08"}, next_action="aid", next_when="monday")
    assert walk.open() == ["photos_fm01", "photos_fm08"]
    assert walk.answer(proof_why="elsewhere").open() == []
    assert walk.saved()["family_flags_proposed"] == "FM01 FM08"
    walk.answer(number_fm08="110101200001011237")
    assert "身份证号" in walk.message("number_fm08")
    assert walk.answer(number_fm08="残0231").open() == []


GAPS = [
    ("FM03", "", "living", "困难学生生活补助"),
    ("FM05", "", "living orphan", "困难学生生活补助 孤儿生活费"),
    ("FM01 FM08", "living", "disabled", "残疾补贴"),
    ("FM08", "disabled", "living", "困难学生生活补助"),
    ("FM03", "living", "", ""),
    ("none", "", "", ""),
]


@pytest.mark.parametrize(("held", "received", "gap", "told"), GAPS)
def test_what_the_family_may_be_missing_is_worked_out(held: str, received: str, gap: str, told: str) -> None:
    aid = SUBSIDY | {"aid_item[1]/aid_kind": received, "aid_count": "1"} if received else {"aid_count": "0"}
    walk = survey().answer(**PLAIN | {"certificates": held} | aid)
    assert walk.saved().get("aid_gap", "") == gap
    noted = walk.asked()["entitled_note"].label if gap else "possibly nothing"
    assert told in noted
    assert ("next_action" in walk.open()) is bool(gap)


def test_aid_of_former_years_does_not_close_the_gap() -> None:
    walk = survey().answer(**ENTITLED)
    assert (walk.open(), walk.saved().get("aid_gap")) == ([], None)
    assert walk.answer(**{"aid_item[1]/aid_year": "last"}).saved()["aid_gap"] == "living"


def test_aid_is_told_in_words() -> None:
    walk = survey().answer(
        **ENTITLED | {"aid_count": "2"},
        **{"aid_item[1]/aid_amount": "625", "aid_item[2]/aid_kind": "goods", "aid_item[2]/aid_year": "last",
           "aid_item[2]/aid_paid_to": "kind"},
    )  # fmt: skip
    assert walk.saved()["aid_received"] == "困难学生生活补助 今年 625 / 衣物、用品 去年"
    assert walk.read_back() == [
        "11月21日，老师和您谈了王小明上学的事。",
        "您家连孩子一共2口人。",
        "收入主要靠：种地养殖。",
        "您家的难处：几个孩子上学。",
        "您家有的证明：低保。",
        "得到过的资助：困难学生生活补助 今年 625 / 衣物、用品 去年。",
        "说得不对的地方，请告诉老师，现在就改。",
    ]


def test_pairing_asks_for_subjects() -> None:
    walk = survey().answer(**PLAIN, want_pair="yes")
    assert walk.open() == ["pair_subjects"]
    assert walk.answer(pair_subjects="maths english").saved()["pair_subjects"] == "maths english"


def test_what_is_on_file_is_shown_first() -> None:
    walk = survey(family_flags_text="低保 / 大病").answer(**OPENING)
    assert walk.asked()["flags_known"].label == "档案里已有：低保 / 大病"
    assert "flags_known" not in survey().answer(**OPENING).asked()
