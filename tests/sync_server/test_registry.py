"""What of the school's register flows down, and to whom."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from casebook.rules.calendar import SchoolCalendar
from sync_server.registry import masked, student_row
from sync_server.roster.register import Register, feed_rows
from sync_server.sample.school import SEED, build


@pytest.fixture(scope="module")
def roster():
    return build(SEED, date(2026, 11, 20)).roster


@pytest.fixture(scope="module")
def rows(roster):
    now = Register(
        {one.id: one for one in roster.students}, {one.id: one for one in roster.classes},
        {one.id: one for one in roster.staff}, {one.code: one for one in roster.villages},
    )  # fmt: skip
    kinds = {"student": now.students, "class": now.classes, "staff": now.staff, "village": now.villages}
    return list(feed_rows(now, {(kind, key) for kind, held in kinds.items() for key in held}))


def of_feed(rows, feed):
    return [row for row in rows if row.feed == feed]


def test_every_noun_of_the_register_has_its_row(rows):
    assert Counter(row.feed for row in rows) == {
        "villages": 30, "staff": 78, "classes": 24, "students": 1200,
    }  # fmt: skip
    assert len({(row.feed, row.key) for row in rows}) == len(rows)


def test_students_flow_to_their_class_only_and_the_rest_to_everyone(rows):
    for row in rows:
        expected = f"class:{row.value['class_id']}" if row.feed == "students" else "school"
        assert row.scope == expected


def test_no_identity_number_and_no_restricted_flag_leaves_the_school(roster, rows):
    sent = json.dumps([dict(row.value) for row in rows], ensure_ascii=False)
    numbers = [student.id_no for student in roster.students if student.id_no]
    assert not any(number in sent for number in numbers)
    assert any("KS11" in student.key_flags for student in roster.students)
    for row in of_feed(rows, "students"):
        flags = set(row.value["key_flags"]) | set(row.value["family_flags"])
        assert not flags & {"KS11", "KS12", "FM14", "FM15"}


def test_a_student_row_says_what_the_phone_needs(roster):
    student = next(s for s in roster.students if s.siblings and len(s.guardians) > 1)
    school_class = next(one for one in roster.classes if one.id == student.class_id)
    village = next(one for one in roster.villages if one.code == student.village)
    row = student_row(student, school_class, village)
    assert row["id"] == student.id and row["id_masked"] == "…" + student.id_no[-4:]
    assert (row["class_name"], row["grade"], row["village_name"]) == (school_class.name, school_class.grade, village.name)
    assert row["signal"] == village.signal and row["birth"] == student.birth.isoformat()
    assert [adult["name"] for adult in row["guardians"]] == [adult.name for adult in student.guardians]
    assert set(row["siblings"]) == set(student.siblings)


def test_a_student_row_names_the_registered_village_only_where_it_is_another_one(roster):
    """R33: letters go there; the name of a village is on the phones already."""
    at_home = next(s for s in roster.students if s.hukou_village == s.village)
    elsewhere, unknown = replace(at_home, hukou_village="990123101230"), replace(at_home, hukou_village="")
    school_class = next(one for one in roster.classes if one.id == at_home.class_id)
    village = next(one for one in roster.villages if one.code == at_home.village)
    told = [student_row(one, school_class, village).get("hukou_village") for one in (at_home, elsewhere, unknown)]
    assert told == [None, "990123101230", ""]


def test_staff_rows_carry_no_telephone_and_no_login(rows):
    assert all(set(row.value) == {"id", "name", "roles"} for row in of_feed(rows, "staff"))


def test_calendar_rows_are_understood_by_the_rules(roster):
    calendar = SchoolCalendar.from_rows(roster.terms)
    assert calendar.is_school_day(date(2026, 11, 20))


def test_rows_can_be_sealed_into_json(rows):
    assert all(json.loads(json.dumps(row.value)) == row.value for row in rows)


def test_masking_shows_four_characters():
    assert masked("990123201203080179") == "…0179"
    assert masked("") == ""
