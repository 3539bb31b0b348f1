"""The 78 people who work at the sample school, the 24 classes and the 40 telephones they carry."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sync_server.registry import SchoolClass, Staff
from sync_server.sample.families import CLASSES_PER_GRADE, PRIMARY_GRADES
from sync_server.sample.numbers import Numbering
from sync_server.sample.people import BOY, GIRL, Names
from sync_server.sample.words import word_list

PRINCIPAL, DEPUTY, OFFICE, REGISTRAR = "principal", "deputy", "academic_office", "registrar"
DIRECTOR, CLASS_TEACHER, SUBJECT_TEACHER = "grade_director", "class_teacher", "subject_teacher"
COUNSELLOR, DUTY = "counsellor", "duty_checker"
LEADING_GROUP, AID_OFFICER = "leading_group", "general_affairs"

HEADCOUNT = {
    PRINCIPAL: 1, DEPUTY: 2, OFFICE: 3, REGISTRAR: 1, DIRECTOR: 9, CLASS_TEACHER: 24,
    SUBJECT_TEACHER: 34, COUNSELLOR: 1, DUTY: 3,
}  # fmt: skip
LOGINS = {
    PRINCIPAL: ("principal",),
    DEPUTY: ("deputy1", "deputy2"),
    OFFICE: ("office", "office2", "office3"),
    REGISTRAR: ("registrar",),
    DIRECTOR: tuple(f"director{grade}" for grade in CLASSES_PER_GRADE),
    SUBJECT_TEACHER: ("leader", "aid"),
    COUNSELLOR: ("counsellor",),
    DUTY: ("duty",),
}
ALSO = {"leader": LEADING_GROUP, "aid": AID_OFFICER}  # what a teacher is besides
WITHOUT_TELEPHONE = frozenset({*ALSO, "counsellor", "duty"})  # of the sample: theirs may be enrolled by hand
CLOCK_OFFSETS_MIN = (-95, -35, -20, -8, 6, 12, 25, 60)


@dataclass(frozen=True)
class Telephone:
    """A member of staff's telephone and by how many minutes its clock is wrong (positive: fast)."""

    staff_id: str
    label: str
    clock_offset_min: int


def staff(rng: Random, numbering: Numbering) -> tuple[Staff, ...]:
    """Everyone, in the order of HEADCOUNT; class teachers in the order of their classes."""
    names = Names(rng)
    logins = {role: list(given) for role, given in LOGINS.items()} | {CLASS_TEACHER: _teacher_logins()}
    found = []
    for role, count in HEADCOUNT.items():
        for _ in range(count):
            gender = rng.choice((BOY, GIRL))
            name = names.child(names.family_name(dotted=False), gender, dotted=False, grade=0)
            login = logins.get(role, []).pop(0) if logins.get(role) else ""
            roles = (ALSO[login], role) if login in ALSO else (role,)
            found.append(Staff(numbering.record_id(), name, gender, numbering.phone(), roles, login))
    return tuple(found)


def classes(everyone: tuple[Staff, ...]) -> tuple[SchoolClass, ...]:
    """The 24 classes, each with its teacher."""
    words = word_list("school")
    teachers = {person.login: person.id for person in everyone if CLASS_TEACHER in person.roles}
    return tuple(
        SchoolClass(
            id=class_id(grade, class_no),
            name=words["class_name"].format(numeral=words["numerals"][grade - 1], class_no=class_no),
            grade=grade,
            stage="primary" if grade in PRIMARY_GRADES else "junior",
            teacher_id=teachers[f"teacher{grade}{class_no}"],
        )
        for grade, class_no in _class_numbers()
    )


def class_id(grade: int, class_no: int) -> str:
    """The id of a class: 8, 2 -> "class82"."""
    return f"class{grade}{class_no}"


def telephones(rng: Random, everyone: tuple[Staff, ...]) -> tuple[Telephone, ...]:
    """The 40 telephones of most who have a login; eight have a clock that is wrong, none a class teacher's."""
    owners = [person for person in everyone if person.login and person.login not in WITHOUT_TELEPHONE]
    others = [person.id for person in owners if CLASS_TEACHER not in person.roles and PRINCIPAL not in person.roles]
    wrong = rng.sample(others, len(CLOCK_OFFSETS_MIN))
    offsets = dict(zip(wrong, CLOCK_OFFSETS_MIN, strict=True))
    label = word_list("school")["telephone"]
    return tuple(
        Telephone(person.id, label.format(number=number), offsets.get(person.id, 0))
        for number, person in enumerate(owners, start=1)
    )


def _teacher_logins() -> list[str]:
    return [f"teacher{grade}{class_no}" for grade, class_no in _class_numbers()]


def _class_numbers() -> list[tuple[int, int]]:
    return [(grade, class_no) for grade, count in CLASSES_PER_GRADE.items() for class_no in range(1, count + 1)]
