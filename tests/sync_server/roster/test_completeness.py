"""A card's score counts what is required and missing, nothing else; the worst card and class come first (R12)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync_server.registry import Guardian, Student
from sync_server.roster.completeness import by_class, completeness, worst
from tests.sync_server.roster.sheets import child, small_register

FATHER = Guardian("g", "王大", "51", "12000000001", True, True, "yes")


def whole(id: str = "s1", **facts: object) -> Student:
    told = {"enrolled_on": "2024-09", "hukou_address": "五组87号", "guardians": (replace(FATHER, phone="13800000001"),)}
    return child(id, **{**told, **facts})


def test_a_card_with_everything_is_complete() -> None:
    found = completeness(whole())
    assert (found.missing, found.wanted, found.percent) == ((), 15, 100)


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ({"id_no": ""}, ("id_no",)),
        ({"id_no": "", "id_type": "none"}, ()),
        ({"gender": "9"}, ("gender",)),
        ({"village": "", "home_address": ""}, ("village", "home_address")),
        ({"guardians": ()}, ("guardian.name", "guardian.phone", "guardian.legal", "guardian.caretaker")),
        ({"guardians": (FATHER,)}, ("guardian.phone",)),
        ({"former_name": "", "home_landmark": "", "seat_no": ""}, ()),
    ],
)
def test_what_is_missing_is_named_and_lowers_the_score(facts: dict[str, object], missing: tuple[str, ...]) -> None:
    found = completeness(whole(**facts))
    assert (found.missing, found.percent) == (missing, 100 * (15 - len(missing)) // 15)


def test_two_adults_together_may_have_what_is_required() -> None:
    mother = Guardian("m", "李妈", "52", "13800000002", False, True, "yes")
    assert completeness(whole(guardians=(replace(FATHER, caretaker=False), mother))).missing == ()


def test_the_worst_comes_first_and_who_has_left_is_not_asked_for() -> None:
    now = small_register(
        whole("a"), whole("b", id_no=""), whole("c", guardians=()), whole("d", guardians=(), roll_status="left"),
        whole("e", class_id="k71"),
    )  # fmt: skip
    rooms = by_class(now, ["k82", "k71"])
    assert [(one.room.id, one.incomplete, len(one.children), one.percent) for one in rooms] == [("k82", 2, 3, 88), ("k71", 0, 1, 100)]
    assert [one.student.id for one in worst(rooms)] == ["c", "b"]
    assert by_class(now, ["k71"])[0].room.id == "k71"
    assert by_class(replace(now, students={}), ["k82"])[0].percent == 100
