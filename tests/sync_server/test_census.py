"""Walks through the census: one household, one line for every child under 18, figures that add up."""

from __future__ import annotations

import pytest

from tests.sync_server.form_effort import Walked, effort
from tests.sync_server.form_walk import PHOTO, STROKES, Walk

ARRIVAL = {"with_whom": "cadre", "informed_by": "guardian", "head_same": "same", "student_to_head": "son"}
CADRE = {"worry": "none", "cadre_signs": "yes", "cadre_name": "赵大山", "cadre_signature": STROKES}
NO_MORE = ARRIVAL | {"other_children": "0"} | CADRE
LATER = {"worry": "none", "cadre_signs": "away"}
NOBODY = {
    "with_whom": "teacher",
    "covisitors": "李老师",
    "informed_by": "nobody",
    "next_action": "visit",
    "next_when": "monday",
}
SAVED = {"census_on": "2025-11-21", "household_children": "1", "household_unschooled": "0"}


def kid(place: int, **answers: str) -> dict[str, str]:
    """The answers of one line."""
    line = {"kid_name": "王小红", "kid_birth": "2015-03-08", "kid_to_head": "daughter"} | answers
    return {f"kid[{place}]/{name}": value for name, value in line.items()}


AT_OUR_SCHOOL = kid(1, kid_status="here", kid_grade="4")
PATHS = (
    Walked("no other child", NO_MORE),
    Walked("one sister at our school", ARRIVAL | {"other_children": "1"} | AT_OUR_SCHOOL | CADRE),
    Walked("nobody there", NOBODY),
)


def census(language: str = "zh", **on_file: str) -> Walk:
    return Walk("census", language=language, **on_file)


def household(*kids: dict[str, str], **more: str) -> Walk:
    """A household with these other children."""
    answers = ARRIVAL | {"other_children": str(len(kids))}
    for one in kids:
        answers |= one
    return census().answer(**answers, **LATER | more)


def test_a_household_without_other_children_takes_nine_answers() -> None:
    walk = census().answer(**NO_MORE)
    assert walk.open() == []
    assert effort(walk).answers == 9
    assert walk.pages() == ["visit", "household", "totals", "safety", "cadre"]
    assert walk.saved() == SAVED


def test_every_child_gets_a_line_of_its_own() -> None:
    walk = household(
        kid(1, kid_status="here", kid_grade="4"),
        kid(2, kid_status="elsewhere", kid_school="县一中", kid_grade="8", kid_roll="here", kid_birth="2011-06-01"),
        kid(3, kid_status="young", kid_birth="2023-01-31"),
        kid(4, kid_status="none", kid_topic="family", kid_reason="FA4", kid_birth="2012-03-08"),
        next_action="visit",
        next_when="monday",
    )
    assert walk.open() == []
    assert walk.asked()["totals_note"].label == (
        "这一户0到17岁的孩子共5人：\n在本校2人，在外校1人，缓学免学0人，没上学1人，不到年龄或已毕业1人。"
    )
    assert walk.saved() == SAVED | {
        "household_children": "5", "household_unschooled": "1", "next_action": "visit", "next_date": "2025-11-24",
    }  # fmt: skip


def test_the_parts_always_add_up_to_the_whole() -> None:
    states = ("young", "kindergarten", "here", "elsewhere", "finished", "exempt", "none")
    walk = household(*(kid(n, kid_birth="2020-05-05", kid_status=state) for n, state in enumerate(states, 1)))
    parts = ("kids_here", "kids_elsewhere", "kids_young", "kids_exempt", "kids_unschooled")
    figures = [int(walk.session.value(walk.session.ref_of(name) or "")) for name in parts]
    assert figures == [2, 1, 3, 1, 1]
    assert walk.session.value(walk.session.ref_of("kids_all") or "") == str(sum(figures)) == "8"


def test_an_exemption_counts_only_with_its_approval() -> None:
    walk = household(kid(1, kid_status="exempt"))
    assert walk.open() == ["kid[1]/kid_approval"]
    walk.answer(**{"kid[1]/kid_approval": "none"})
    assert walk.saved()["household_unschooled"] == "1"
    assert "kid[1]/kid_not_approved" in walk.asked()
    assert walk.open() == ["next_action"]
    walk.answer(**{"kid[1]/kid_approval": "photo"})
    assert walk.open() == ["kid[1]/photos_approval"]
    walk.answer(**{"kid[1]/photos_approval": PHOTO})
    assert walk.open() == []
    assert walk.saved()["household_unschooled"] == "0"


@pytest.mark.parametrize(
    ("birth", "fits"),
    [("2025-11-21", True), ("2025-11-22", False), ("2007-11-22", True), ("2007-11-21", False), ("2008-02-29", True)],
)
def test_a_census_is_about_children_of_0_to_17(birth: str, fits: bool) -> None:
    walk = household(kid(1, kid_birth=birth, kid_status="finished"))
    assert (walk.open() == []) is fits
    assert fits or "0到17岁" in walk.message("kid[1]/kid_birth")


@pytest.mark.parametrize(("birth", "fits"), [("2017-11-22", True), ("2017-11-21", False)])
def test_at_eight_nobody_is_too_young_for_school(birth: str, fits: bool) -> None:
    walk = household(kid(1, kid_birth=birth, kid_status="young"))
    assert (walk.open() == []) is fits
    assert fits or "没上学" in walk.message("kid[1]/kid_status")


@pytest.mark.parametrize(
    ("number", "birth", "doubted"),
    [
        ("990123201203080179", "2012-03-08", False),
        ("99012320110601003X", "2011-06-01", False),
        ("99012320110601003x", "2011-06-01", False),
        ("990123201203080178", "2012-03-08", True),
        ("990123201203080179", "2012-03-09", True),
        ("990123201110600130", "2011-06-01", True),
    ],
)
def test_an_identity_number_that_does_not_fit_is_questioned_and_blocks_nothing(
    number: str, birth: str, doubted: bool
) -> None:
    walk = household(kid(1, kid_birth=birth, kid_status="here", kid_grade="7", kid_id=number))
    assert walk.open() == []
    assert ("kid[1]/kid_id_note" in walk.asked()) is doubted


def test_what_is_no_identity_number_is_refused() -> None:
    walk = household(kid(1, kid_status="here", kid_grade="7", kid_id="12345"))
    assert "18位" in walk.message("kid[1]/kid_id")
    assert walk.answer(**{"kid[1]/kid_id": ""}).open() == []


def test_fewer_children_leave_no_trace() -> None:
    walk = household(kid(1, kid_status="none", kid_topic="work", kid_reason="WO1"))
    assert walk.open() == ["next_action"]
    walk.answer(other_children="0")
    assert walk.open() == []
    assert walk.saved() == SAVED
    assert "王小红" not in walk.session.to_xml()


def test_nobody_there_means_to_come_again() -> None:
    walk = census().answer(**NOBODY)
    assert walk.open() == []
    assert walk.pages() == ["visit", "wrap_up"]
    assert walk.saved() == {"next_action": "visit", "next_date": "2025-11-24", "outcome": "not_found"}
    assert "outcome" not in census(outcome="promised").answer(**NOBODY).saved()


@pytest.mark.parametrize("why", ["later", "away", "unwilling"])
def test_a_cadre_who_does_not_sign_is_no_wall(why: str) -> None:
    assert census().answer(**ARRIVAL, other_children="0", worry="none", cadre_signs=why).open() == []


def test_what_worries_the_visitor_goes_to_the_confidential_page() -> None:
    walk = census().answer(
        **NO_MORE | {"worry": "child"}, alert_kinds="left_alone", alert_urgency="watch", alert_told="nobody"
    )
    assert walk.open() == []
    assert walk.saved() == SAVED | {"protection_note": "长期独自在家 / 继续留意"}


def test_the_same_in_english() -> None:
    walk = census("en", label="Wang Xiaoming").answer(**NO_MORE)
    assert walk.asked()["totals_note"].label == (
        "Children aged 0 to 17 in this household: 1.\n"
        "Here 1, elsewhere 0, exempt 0, not in school 0, too young or finished 0."
    )
