"""Walks through the spot check: heads are counted before names are asked, and the count stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from assets import load_wording
from casebook.errors import AnswerInvalid
from casebook.forms import Env, Session, TableSource
from casebook.forms.environment import CHINA
from tests.sync_server.form_effort import Walked, effort
from tests.sync_server.form_walk import CHILD, FRIDAY, ON_FILE, Walk, definition

COUNT = {"check_time": "morning", "counted": "53", "count_done": "OK"}
ALL_HERE = COUNT | {"on_roll": "53"}
ONE_MISSING = COUNT | {"on_roll": "54", "absent_pupils": CHILD, "missing_why": "unknown"}
PATHS = (Walked("all are here", ALL_HERE), Walked("one is missing", ONE_MISSING))
TODAY = {"spot_check_on": "2025-11-21"}


CLASSMATE = ON_FILE | {"name": "9" * 32, "label": "孙小强"}
STRANGER = ON_FILE | {"name": "8" * 32, "label": "赵小红", "class_name": "七年级(1)班"}


def check(language: str = "zh", role: str = "duty", **on_file: str) -> Walk:
    return Walk("spot_check", language=language, prefill={"role": role}, **on_file)


def opened(**how: Any) -> Session:
    """The form on a phone that knows three children."""
    env = Env(now=lambda: FRIDAY, uuid=lambda: "0", random=lambda: 0.5, tz=CHINA)
    lists = {"cases": TableSource([ON_FILE, CLASSMATE, STRANGER])}
    return Session(definition("spot_check"), lists, env, wording=load_wording("zh_CN"), **how)


@pytest.mark.parametrize(("place", "taps", "keys"), [(0, 6, 4), (1, 9, 4)])
def test_a_check_takes_a_few_taps_and_two_numbers(place: int, taps: int, keys: int) -> None:
    cost = effort(PATHS[place].walk("spot_check"))
    assert (cost.taps, cost.keystrokes) == (taps, keys)


def test_no_name_is_seen_before_the_count_is_locked() -> None:
    walk = check().answer(check_time="morning", counted="53")
    assert walk.pages() == ["counting"]
    assert walk.open() == ["count_done"]
    assert walk.answer(count_done="OK").pages() == ["counting", "comparing"]
    assert "王小明" not in " ".join(walk.texts())


def test_a_locked_count_stays() -> None:
    walk = check().answer(**COUNT)
    assert {name for name, question in walk.asked().items() if question.readonly and question.kind != "note"} == {
        "counted", "count_done",
    }  # fmt: skip
    for name, value in (("counted", "54"), ("count_done", "")):
        with pytest.raises(AnswerInvalid):
            walk.session.set(walk.session.ref_of(name) or "", value)
    assert "已锁定：53人" in walk.asked()["locked_note"].label
    assert "gap_note" in walk.answer(on_roll="54").asked()


def test_the_lock_survives_closing_the_form() -> None:
    again = opened(draft=check().answer(**COUNT).session.draft())
    assert again.question(again.ref_of("counted") or "").readonly
    assert again.value(again.ref_of("counted_locked") or "") == "53"


@pytest.mark.parametrize("counted", ["-1", "201"])
def test_impossible_numbers_are_refused(counted: str) -> None:
    walk = check().answer(check_time="noon", counted=counted)
    assert "0到200" in walk.message("counted")


def test_everybody_is_here() -> None:
    walk = check().answer(**ALL_HERE)
    assert walk.open() == []
    assert walk.pages() == ["counting", "comparing"]
    assert walk.asked()["full_note"].label == "人到齐了。"
    assert walk.saved() == TODAY | {"spot_check": "present"}


def test_a_gap_asks_who_and_why() -> None:
    walk = check().answer(**COUNT, on_roll="54")
    assert walk.open() == ["absent_pupils", "missing_why"]
    assert "少1人" in walk.asked()["gap_note"].label
    walk.answer(absent_pupils=CHILD, missing_why="leave")
    assert walk.open() == ["told_by"]
    walk.answer(told_by="papers")
    assert walk.open() == []
    assert walk.saved() == TODAY | {"spot_check": "missing"}
    assert walk.asked()["absent_pupils"].choices[0].label == "王小明"


def test_only_pupils_of_this_class_are_offered_and_no_more_than_are_missing() -> None:
    session = opened(prefill={"case": CHILD})
    for name, value in (COUNT | {"on_roll": "54"}).items():
        session.set(session.ref_of(name) or "", value)
    ref = session.ref_of("absent_pupils") or ""
    assert [choice.label for choice in session.question(ref).choices] == ["王小明", "孙小强"]
    session.set(ref, f"{CHILD} {'9' * 32}")
    problem = session.question(ref).problem
    assert problem is not None and "请核对" in problem.message
    session.set(session.ref_of("on_roll") or "", "55")
    assert session.question(ref).problem is None


def test_a_name_not_on_this_phone_is_written_down() -> None:
    walk = check().answer(**COUNT, on_roll="55", missing_others="李四、王五", missing_why="unknown")
    assert walk.open() == []
    assert walk.saved() == TODAY | {"spot_check": "present"}


def test_not_known_stands_alone() -> None:
    walk = check().answer(**COUNT, on_roll="54", absent_pupils=CHILD, missing_why="unknown leave")
    assert "不要再选别的" in walk.message("missing_why")


def test_more_heads_than_names_want_a_word() -> None:
    walk = check().answer(**COUNT, on_roll="52")
    assert walk.open() == ["count_remark"]
    assert walk.answer(count_remark="有一名借读生").open() == []


def test_a_count_that_differs_from_the_class_report_is_pointed_out_and_blocks_nothing() -> None:
    walk = check().answer(**ALL_HERE, reported="54")
    assert "不一样" in walk.asked()["report_note"].label
    assert walk.open() == []
    assert "report_note" not in check().answer(**ALL_HERE, reported="53").asked()


def test_the_own_class_is_for_someone_else_to_check() -> None:
    assert "own_class_note" in check(role="class_teacher").asked()
    assert "own_class_note" not in check(role="duty").asked()


def test_the_same_in_english() -> None:
    assert check("en").answer(**COUNT, on_roll="54").asked()["gap_note"].label == (
        "1 missing. Please say who on the next page."
    )
