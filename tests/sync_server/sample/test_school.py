"""The sample school has exactly the figures of the specification (domain 9.1) and is unmistakably invented."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest

from sync_server.sample.numbers import AREA, check_digit, check_digit_right
from sync_server.sample.school import SCHOOL_ID, SEED, SampleSchool, build
from sync_server.sample.words import word_list

TODAY = date(2026, 11, 20)
ROOT = str(Path(__file__).parents[3])
# Changes only when the sample is changed on purpose.
REGISTER_DIGEST = "8adf03b029ee82627dc8dc9f0b7dea2c0799201adbdd370e0752ab597d924a86"


def register_digest(school: SampleSchool) -> str:
    """What identifies the register: everything but the calendar."""
    roster = school.roster
    facts = (roster.students, roster.classes, roster.staff, roster.villages, school.telephones)
    return hashlib.sha256(repr(facts).encode()).hexdigest()


@pytest.fixture(scope="module")
def school() -> SampleSchool:
    return build(SEED, TODAY)


@pytest.fixture(scope="module")
def students(school):
    return school.roster.students


def having(students, flag):
    return sum(flag in student.family_flags or flag in student.key_flags for student in students)


def caretaker(student):
    return next(guardian for guardian in student.guardians if guardian.caretaker)


def test_24_classes_hold_552_primary_and_648_junior_students(school, students):
    sizes = Counter(student.class_id for student in students)
    assert len(school.roster.classes) == 24
    assert {sizes[one.id] for one in school.roster.classes if one.stage == "primary"} == {46}
    assert {sizes[one.id] for one in school.roster.classes if one.stage == "junior"} == {54}
    assert sum(sizes[one.id] for one in school.roster.classes if one.stage == "primary") == 552
    assert sum(sizes[one.id] for one in school.roster.classes if one.stage == "junior") == 648


def test_check_digits_follow_the_examples_of_the_specification():
    for number in ("990123201203080179", "990123201311200246", "99012320110601003X"):
        assert check_digit(number[:17]) == number[17]


def test_identity_numbers_are_fake_unique_and_agree_with_birthday_and_gender(students):
    numbered = [student for student in students if student.id_no]
    assert len({student.id_no for student in numbered}) == len(numbered) == 1194
    for student in numbered:
        assert student.id_no.startswith(AREA) and AREA.startswith("99")
        assert student.id_no[6:14] == f"{student.birth:%Y%m%d}"
        assert (int(student.id_no[16]) % 2 == 1) == (student.gender == "1")
        assert student.student_no == "G" + student.id_no
    assert sum(not check_digit_right(student.id_no) for student in numbered) == 3


def test_six_students_have_a_temporary_roll_number(students):
    temporary = [student for student in students if not student.id_no]
    assert len(temporary) == 6
    for student in temporary:
        assert student.student_no.startswith(f"L{AREA}{student.birth:%Y%m%d}") and len(student.student_no) == 19


def test_no_telephone_could_be_anyones(school, students):
    phones = [guardian.phone for student in students for guardian in student.guardians if guardian.phone]
    phones += [person.phone for person in school.roster.staff]
    assert all(len(phone) == 11 and phone.startswith("12") and phone.isdigit() for phone in phones)


def test_word_lists_have_60_surnames_and_200_given_characters():
    words = word_list("names")
    given = words["given_boys"] + words["given_girls"] + words["given_either"]
    assert len(set(words["surnames"])) == 60 and len(set(given)) == len(given) == 200


def test_rare_characters_occur_in_names(students):
    written = "".join(student.name for student in students)
    assert all(character in written for character in "禤㛃𬱖")
    assert ord("𬱖") > 0xFFFF


def test_two_percent_have_a_middle_dot_and_one_percent_a_namesake_in_their_grade(students):
    assert sum("·" in student.name for student in students) == 24
    in_grade = Counter((student.class_id[5], student.name) for student in students)
    assert sum(count for count in in_grade.values() if count > 1) == 12


def test_22_percent_belong_to_a_minority(students):
    assert sum(student.ethnic != "01" for student in students) == 264


def test_828_households_and_31_percent_have_an_elder_brother_or_sister_at_school(students):
    households = {student.household for student in students}
    eldest = {}
    for student in students:
        known = eldest.get(student.household)
        eldest[student.household] = student if known is None or student.birth < known.birth else known
    with_elder = [student for student in students if eldest[student.household] is not student]
    assert len(households) == 828
    assert len(with_elder) == 372


def test_brothers_and_sisters_share_home_and_name_each_other(students):
    homes: dict[str, list] = {}
    for student in students:
        homes.setdefault(student.household, []).append(student)
    for children in homes.values():
        assert len({(child.village, child.home_address, child.guardians) for child in children}) == 1
        for child in children:
            assert set(child.siblings) == {other.id for other in children} - {child.id}
        for one, other in combinations(children, 2):
            assert abs((one.birth - other.birth).days) >= 300


@pytest.mark.parametrize(
    ("flag", "count"),
    [("FM11", 384), ("FM12", 360), ("FM03", 72), ("FM07", 132), ("FM05", 4), ("FM06", 7), ("FM08", 14), ("KS13", 14)],
)
def test_flags_have_their_exact_counts(students, flag, count):
    assert having(students, flag) == count


def test_poverty_relief_flags_make_up_nine_percent(students):
    assert sum("FM01" in s.family_flags or "FM02" in s.family_flags for s in students) == 108


def test_disabled_students_are_taught_in_class_or_at_home(students):
    assert Counter(s.placement for s in students) == {"regular": 1186, "inclusive": 11, "home_teaching": 3}
    assert all(("KS13" in s.key_flags) == (s.placement != "regular") for s in students)


def test_every_class_has_four_key_students_and_38_are_poor_and_weak(students):
    per_class = Counter(student.class_id for student in students if student.key_flags)
    assert set(per_class.values()) == {4} and sum(per_class.values()) == 96
    both = [s for s in students if "KS04" in s.key_flags]
    assert len(both) == 38 and all({"KS02", "KS03"} <= set(s.key_flags) for s in both)


def test_caretakers_who_cannot_read_and_households_without_a_working_phone(students):
    assert sum(caretaker(student).can_read == "no" for student in students) == 72
    assert sum(not any(guardian.phone for guardian in student.guardians) for student in students) == 24


def test_every_child_has_one_caretaker_and_a_legal_guardian(students):
    for student in students:
        assert sum(guardian.caretaker for guardian in student.guardians) == 1
        assert any(guardian.legal for guardian in student.guardians)


def test_children_raised_by_grandparents_have_a_grandparent_as_caretaker(students):
    for student in students:
        assert (caretaker(student).relation in ("61", "62")) >= ("FM12" in student.family_flags)


def test_30_villages_with_signal_and_distance(school):
    villages = school.roster.villages
    assert [v.code for v in villages] == [f"990123101{n}" for n in range(201, 231)]
    assert Counter(v.signal for v in villages) == {"none": 11, "weak": 6, "ok": 13}
    assert (min(v.distance_km_x10 for v in villages), max(v.distance_km_x10 for v in villages)) == (5, 310)
    assert next(v for v in villages if v.code.endswith("217")).signal == "none"


def test_78_staff_and_40_telephones_of_which_eight_have_a_wrong_clock(school):
    assert len(school.roster.staff) == 78
    assert Counter(role for person in school.roster.staff for role in person.roles) == {
        "principal": 1, "deputy": 2, "academic_office": 3, "registrar": 1, "grade_director": 9,
        "class_teacher": 24, "subject_teacher": 34, "counsellor": 1, "duty_checker": 3,
        "leading_group": 1, "general_affairs": 1,  # two of the subject teachers besides
    }  # fmt: skip
    offsets = [telephone.clock_offset_min for telephone in school.telephones if telephone.clock_offset_min]
    assert len(school.telephones) == 40 and len(offsets) == 8
    assert (min(offsets), max(offsets)) == (-95, 60)


def test_ids_are_unique_everywhere(school, students):
    people = [s.id for s in students] + [person.id for person in school.roster.staff]
    households = {s.household: s for s in students}.values()
    people += [guardian.id for s in households for guardian in s.guardians]
    assert len(set(people)) == len(people)
    assert all(len(found) == 32 for found in people)


def test_the_demo_teacher_answers_for_class_8_2(school):
    teacher = school.staff_by_login("teacher82")
    assert next(one for one in school.roster.classes if one.id == "class82").teacher_id == teacher.id
    assert school.id == SCHOOL_ID and "虚构" in school.name


def test_the_register_is_the_same_on_every_run(school):
    program = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from tests.sync_server.sample.test_school import *\n"
        "print(register_digest(build(SEED, TODAY)))"
    )
    run = [sys.executable, "-c", program, ROOT]
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    output = subprocess.run(run, env=environment, capture_output=True, text=True, check=True)
    assert output.stdout.strip() == register_digest(school) == REGISTER_DIGEST


def test_the_register_does_not_depend_on_the_day(school):
    assert register_digest(build(SEED, date(2027, 7, 25))) == register_digest(school)


def test_another_seed_gives_other_people_with_the_same_figures():
    other = build(1, TODAY).roster.students
    assert having(other, "FM11") == 384 and sum(bool(s.key_flags) for s in other) == 96
    assert {s.id for s in other}.isdisjoint(s.id for s in build(2, TODAY).roster.students)
