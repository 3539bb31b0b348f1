"""Forms of the program, filled in on a phone: what they leave behind for the next visit."""

from __future__ import annotations

import time

import pytest

from casebook import feeds
from fieldapp.caselist import CaseList
from fieldapp.desk import Desk
from fieldapp.visiting import VisitDraft
from tests.fieldapp.fake_school import FakeSchool
from tests.fieldapp.phone import CHILD, OTHER_CHILD, clean, filled, picture, publish_bundled, student

FORMS = ("call_log", "nobody_home", "spot_check")
FAILED_CALL = {"call_result": "off", "next_action": "visit", "next_when": "tomorrow"}


@pytest.fixture
def offered(desk: Desk, school: FakeSchool) -> Desk:
    """A phone that knows these forms."""
    publish_bundled(school, *FORMS)
    clean(desk.sync())
    return desk


def begun(desk: Desk, form_id: str, **answers: str) -> VisitDraft:
    """A draft of the form with these answers."""
    draft = desk.open_draft(desk.start(CHILD, form_id))
    for name, value in answers.items():
        draft.answer(draft.session.ref_of(name) or name, value)
    return draft


def known(desk: Desk) -> dict[str, str]:
    """What the next form will read about the child."""
    desk.today()
    return CaseList(desk._work).row(desk._work.student(CHILD))


def test_calls_that_fail_are_counted_and_the_third_of_a_day_advises_a_visit(offered: Desk, school: FakeSchool) -> None:
    school.headcount("2026-11-20", {CHILD: "unexcused"})
    clean(offered.sync())
    for failed in (1, 2):
        begun(offered, "call_log", **FAILED_CALL).finish()
        row = known(offered)
        assert (row["attempts_phone"], row["calls_failed_today"]) == (str(failed), str(failed))
    assert row["attempts_text"].splitlines()[0] == "11月21日 打电话：没人在，没人接，没有见到"
    draft = begun(offered, "call_log", call_result="off")
    note = draft.session.question(draft.session.ref_of("go_there") or "")
    assert note.relevant and "3次没打通" in note.label


def test_yesterdays_calls_do_not_count_today(offered: Desk, clock) -> None:
    begun(offered, "call_log", **FAILED_CALL).finish()
    clock.pass_time(days=1)
    assert known(offered)["calls_failed_today"] == "0"


def test_an_attempt_is_told_as_such_and_leaves_the_promise_standing(offered: Desk) -> None:
    filled(offered).finish()
    assert known(offered)["outcome"] == "promised"
    draft = begun(
        offered, "nobody_home", met_nobody="no_one_home", with_whom="alone", alone_why="busy", informant="none",
        left_note="yes", next_when="tomorrow",
    )  # fmt: skip
    draft.attach_photo(draft.session.ref_of("photos_door") or "", picture(3), "camera")
    draft.finish()
    row = known(offered)
    assert row["outcome"] == "promised"
    assert row["attempts_text"].splitlines()[-1] == "11月21日 上门：没人在，没人接，没有见到"
    told = [item.facts for item in offered.student(CHILD).timeline if item.kind == "visit"]
    assert {fact["outcome"] for fact in told} == {"承诺返校", "没有见到"}


def test_a_spot_check_offers_the_class_and_stays_quick_in_a_large_school(offered: Desk, school: FakeSchool) -> None:
    for number in range(1200):
        pupil = student(f"d{number:031d}", f"样生{number}", "yangsheng", "ys", class_name=f"{number % 24}班")
        school.publish(feeds.STUDENTS, pupil["id"], pupil)
    clean(offered.sync())
    started = time.perf_counter()
    draft = begun(offered, "spot_check", check_time="noon", counted="1", count_done="OK", on_roll="2")
    asked = draft.session.question(draft.session.ref_of("absent_pupils") or "")
    assert time.perf_counter() - started < 2
    assert {choice.value for choice in asked.choices} == {CHILD, OTHER_CHILD}
    draft.answer(asked.ref, OTHER_CHILD)
    draft.answer(draft.session.ref_of("missing_why") or "", "unknown")
    draft.finish()
    visit = offered.student(CHILD).timeline[0]
    assert visit.facts["contact"] == "只见到孩子"
