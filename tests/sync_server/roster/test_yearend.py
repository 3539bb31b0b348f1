"""The plan of a year's end: nobody is lost, nobody goes up unseen, whatever the school."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from sync_server.registry import SchoolClass, Student
from sync_server.roster.classnames import class_name, one_up
from sync_server.roster.register import Register
from sync_server.roster.roll import GRADUATE, PROMOTE, STAY
from sync_server.roster.yearend import NOT_IN_CLASS, Choices, Circumstances, YearEnd, plan_year_end
from tests.sync_server.roster.sheets import PEOPLE, child

TEACHER = PEOPLE["teacher"]
OTHER = replace(TEACHER, id="9" * 32, login="other", name="李秋芳")
ROOMS = (
    SchoolClass("k71", "七年级(1)班", 7, "junior", OTHER.id), SchoolClass("k81", "八年级(1)班", 8, "junior", TEACHER.id),
    SchoolClass("k82", "八2班", 8, "junior", ""), SchoolClass("k91", "九年级(1)班", 9, "junior", ""),
)  # fmt: skip
SIZE = 3


def pupil(id: str, class_id: str, **facts: object) -> Student:
    return child(id, name=f"学生{id}", class_id=class_id, id_no="", student_no="", village="", hukou_village="", **facts)


def small() -> Register:
    students = [pupil(f"{room.id}-{n}", room.id, roll_status="enrolled") for room in ROOMS for n in range(SIZE)]
    return Register({one.id: one for one in students}, {room.id: room for room in ROOMS}, version=1)


def planned(now: Register, in_case: frozenset[str] = frozenset(), **choices: str) -> YearEnd:
    return plan_year_end(now, Circumstances("2025-2026", "2026-07-11", in_case), Choices(choices))


def test_each_class_goes_up_with_its_teacher_the_last_graduates_and_no_grade_is_left_without_a_class() -> None:
    plan = planned(small())
    assert [(one.before and one.before.name, one.after.name, one.heads) for one in plan.rooms] == [
        ("七年级(1)班", "八年级(1)班", 3), ("八2班", "九年级(2)班", 3), ("八年级(1)班", "九年级(1)班", 3),
        ("九年级(1)班", "九年级(1)班（2026届）", 0), (None, "七年级(1)班", 0), (None, "八年级(2)班", 0),
    ]  # fmt: skip
    by_id = {one.after.id: one.after for one in plan.rooms}
    assert (by_id["k71"].teacher_id, by_id["k71"].grade, by_id["k91"].teacher_id) == (OTHER.id, 8, "")
    assert plan.counts() == {"promoted": 9, "graduated": 3, "stayed": 0}


def test_a_primary_school_ends_with_the_sixth_grade_and_a_sixth_grade_below_a_seventh_goes_on() -> None:
    sixth = SchoolClass("k61", "六年级(1)班", 6, "primary", "")
    alone = planned(Register({}, {"k61": sixth}))
    assert alone.rooms[0].after.closed == "2025-2026"
    both = planned(Register({}, {"k61": sixth, "k71": ROOMS[0]}))
    assert (both.rooms[0].after.name, both.rooms[0].after.stage) == ("七年级(1)班", "junior")


def test_a_class_named_by_a_word_keeps_it_but_for_its_grade() -> None:
    for name, above in (("阳光班", "阳光班"), ("三年级阳光班", "四年级阳光班")):
        found = class_name("三年级", name)
        assert found is not None
        assert (one_up(found).name, one_up(found).grade) == (above, 4)


def test_who_stays_joins_the_class_that_bears_the_same_name_now() -> None:
    plan = planned(small(), **{"k81-0": STAY, "k91-0": STAY})
    homes = {one.before.id: one.after.class_id for one in plan.of(STAY)}
    names = {one.after.id: one.after.name for one in plan.rooms}
    assert {id: names[room] for id, room in homes.items()} == {"k81-0": "八年级(1)班", "k91-0": "九年级(1)班"}
    assert homes["k81-0"] == "k71"
    assert plan.counts() == {"promoted": 8, "graduated": 2, "stayed": 2}


def test_a_child_in_an_open_case_waits_for_a_person() -> None:
    plan = planned(small(), frozenset({"k81-1", "k91-1"}))
    assert sorted(one.id for one in plan.undecided) == ["k81-1", "k91-1"]
    assert plan.options["k81-1"] == (PROMOTE, STAY)
    assert plan.options["k91-1"] == (GRADUATE, STAY)
    settled = planned(small(), frozenset({"k81-1", "k91-1"}), **{"k81-1": PROMOTE, "k91-1": GRADUATE})
    assert settled.undecided == ()
    assert [(one.before.id, one.step, one.chosen) for one in settled.children if one.chosen] == [
        ("k81-1", PROMOTE, True), ("k91-1", GRADUATE, True),
    ]  # fmt: skip


@pytest.mark.parametrize("wish", [GRADUATE, "expel", ""])
def test_nobody_graduates_before_the_last_grade_whatever_a_form_says(wish: str) -> None:
    plan = planned(small(), frozenset({"k81-1"}), **{"k71-0": wish, "k81-1": wish})
    assert [one.id for one in plan.undecided] == ["k81-1"]
    assert plan.counts()["graduated"] == 3


def test_the_fingerprint_knows_choices_cases_and_the_register() -> None:
    plans = [
        planned(small()), planned(small(), **{"k71-0": STAY}), planned(small(), frozenset({"k71-0"})),
        planned(replace(small(), version=2)),
    ]  # fmt: skip
    assert len({one.sha256 for one in plans}) == len(plans)
    assert planned(small()).sha256 == plans[0].sha256


STATUSES = ("enrolled", "on_leave", "home_teaching", "suspended", "exempt", "not_enrolled", "left", "dropped_out",
            "suspected", "leaving", "deceased", "abroad")  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_heads_before_are_heads_after_and_those_who_graduated(seed: int) -> None:
    """Whatever school: nobody is lost, nobody doubled, nobody who is not here goes anywhere."""
    draw = random.Random(seed)
    now, in_case = any_school(draw)
    around = Circumstances("2025-2026", "2026-07-11", in_case)
    first = plan_year_end(now, around, Choices())
    wishes = {id: draw.choice(options) for id, options in first.options.items() if options and draw.random() < 0.1}
    wishes |= {one.id: draw.choice(first.options[one.id]) for one in first.undecided}
    plan = plan_year_end(now, around, Choices(wishes))
    after = Register(
        {**now.students, **{one.after.id: one.after for one in plan.children}},
        {**now.classes, **{one.after.id: one.after for one in plan.rooms}},
    )
    assert plan.undecided == ()
    here = [one for one in now.students.values() if one.roll_status not in NOT_IN_CLASS | {"left", "deceased", "abroad"}]
    assert sum(plan.counts().values()) == len(here)
    taught = {room.id for room in after.ordered_classes()}
    grown = [after.students[one.id] for one in here if after.students[one.id].roll_status != "graduated"]
    assert len(here) == len(grown) + plan.counts()["graduated"]
    assert all(one.class_id in taught for one in grown)
    for one in here:
        then, stays = after.students[one.id], wishes.get(one.id) == STAY
        if then.roll_status == "graduated":
            assert after.classes[then.class_id].closed
        else:
            assert after.classes[then.class_id].grade == now.classes[one.class_id].grade + (not stays)
    for one in now.students.values():
        if one.roll_status in NOT_IN_CLASS:
            assert after.classes[after.students[one.id].class_id].grade == now.classes[one.class_id].grade
        if one.roll_status in ("left", "deceased", "abroad"):
            assert after.students[one.id] == one
    kept = Counter(room.name for room in after.ordered_classes())
    assert max(kept.values()) == 1
    assert {class_name(str(room.grade), room.name) for room in now.ordered_classes()} <= {
        class_name(str(room.grade), room.name) for room in after.ordered_classes()
    }


def any_school(draw: random.Random) -> tuple[Register, frozenset[str]]:
    grades = draw.choice([range(1, 7), range(1, 10), range(7, 10), range(1, 5), range(7, 9)])
    names = [class_name(str(grade), str(number + 1)) for grade in grades for number in range(draw.randint(1, 3))]
    rooms = [SchoolClass(f"r{n}", name.name, name.grade, name.stage, f"t{n}") for n, name in enumerate(names) if name]
    students = [
        pupil(f"{room.id}-{n}", room.id, roll_status=draw.choice(STATUSES) if draw.random() < 0.3 else "enrolled")
        for room in rooms for n in range(draw.randint(0, 6))
    ]  # fmt: skip
    cases = frozenset(one.id for one in students if draw.random() < 0.05)
    return Register({one.id: one for one in students}, {room.id: room for room in rooms}, version=draw.randint(1, 99)), cases
