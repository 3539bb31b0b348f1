"""The school's register: who is taught where by whom, and what of it flows down to which phone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from assets import root
from casebook import feeds
from sync_server.pinyin import initials_of, pinyin_of

# Never leaves for a phone: psychological attention, misconduct; jailed or missing parents, minors in court files.
RESTRICTED_FLAGS = frozenset({"KS11", "KS12", "FM14", "FM15"})
TERM_FIELDS = ("term", "first", "last", "off", "on")

ENROLLED = "enrolled"
#: On no class list any more (or not yet): their rows flow to the phones of the whole-school roles only.
AWAY = frozenset({"left", "exempt", "not_enrolled", "graduated", "deceased", "abroad"})
AWAY_SCOPE = "office"


@dataclass(frozen=True)
class Village:
    """A village or neighbourhood: 12-digit code, mobile signal, distance from school in tenths of a km.

    `leader_id` is who leads the area (R03), empty while nobody does.
    """

    code: str
    name: str
    kind: str  # "village" | "community"
    signal: str  # "none" | "weak" | "ok"
    distance_km_x10: int
    leader_id: str = ""


@dataclass(frozen=True)
class Guardian:
    """An adult of the household; `relation` is a GB/T 4761 code, an empty phone means none that works."""

    id: str
    name: str
    relation: str
    phone: str
    legal: bool
    caretaker: bool
    can_read: str  # "yes" | "little" | "no"
    away: bool = False


@dataclass(frozen=True)
class Student:
    """A child on the roll, with the full identity number that only the school's computer keeps."""

    id: str
    name: str
    gender: str  # "1" boy, "2" girl (GB/T 2261.1)
    birth: date
    ethnic: str  # GB/T 3304
    id_no: str  # empty: no identity number yet
    student_no: str
    class_id: str
    household: str
    village: str
    hukou_village: str
    home_address: str
    home_landmark: str
    boarder: bool
    placement: str  # "regular" | "inclusive" | "home_teaching"
    key_flags: tuple[str, ...]
    family_flags: tuple[str, ...]
    siblings: tuple[str, ...]
    guardians: tuple[Guardian, ...]
    roll_status: str = ENROLLED  # domain 4.12; changed by an event of the roll only
    former_name: str = ""
    id_type: str = ""
    seat_no: str = ""
    enrolled_on: str = ""  # year and month
    hukou_address: str = ""


@dataclass(frozen=True)
class SchoolClass:
    """One class and the teacher who answers for it; it keeps its id from grade to grade.

    `closed` is the school year at whose end it graduated, empty while it is taught.
    """

    id: str
    name: str
    grade: int
    stage: str  # "primary" | "junior"
    teacher_id: str
    closed: str = ""


@dataclass(frozen=True)
class Staff:
    """A member of staff; `login` is empty for those who have no account."""

    id: str
    name: str
    gender: str
    phone: str
    roles: tuple[str, ...]
    login: str = ""


@dataclass(frozen=True)
class Roster:
    """Everything the register knows at one time; `terms` are calendar rows as published."""

    students: tuple[Student, ...]
    classes: tuple[SchoolClass, ...]
    staff: tuple[Staff, ...]
    villages: tuple[Village, ...]
    terms: tuple[Mapping[str, object], ...]


def scope_of(student: Student) -> str:
    """Whose phones get the child's row."""
    return AWAY_SCOPE if student.roll_status in AWAY else feeds.class_scope(student.class_id)


def default_terms() -> tuple[Mapping[str, object], ...]:
    """Calendar rows of the school years that ship as defaults, oldest first; a school may publish its own."""
    folder = root().joinpath("rules", "calendar")
    years = [json.loads(file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".json")]
    terms = [{name: term[name] for name in TERM_FIELDS} for year in years for term in year["terms"]]
    return tuple(sorted(terms, key=lambda term: term["first"]))


def village_row(village: Village) -> dict[str, object]:
    """What a phone knows of a village."""
    leader = {"leader_id": village.leader_id} if village.leader_id else {}
    return leader | {
        "code": village.code,
        "name": village.name,
        "signal": village.signal,
        "distance_km_x10": village.distance_km_x10,
    }


def staff_row(person: Staff) -> dict[str, object]:
    """What a phone knows of a colleague: no telephone, no login."""
    return {"id": person.id, "name": person.name, "roles": list(person.roles)}


def class_row(one: SchoolClass, teacher_name: str) -> dict[str, object]:
    """What a phone knows of a class."""
    return {
        "id": one.id,
        "name": one.name,
        "grade": one.grade,
        "stage": one.stage,
        "teacher_id": one.teacher_id,
        "teacher_name": teacher_name,
    }


def student_row(student: Student, school_class: SchoolClass, village: Village) -> dict[str, object]:
    """What the phone of the child's own teachers knows: identity number masked, restricted flags left out.

    The standing on the roll is named where it is not the usual one, the village of the household register (its code;
    empty: not known) where it is not the one the child lives in.
    """
    standing = {} if student.roll_status == ENROLLED else {"roll_status": student.roll_status}
    hukou = {} if student.hukou_village == student.village else {"hukou_village": student.hukou_village}
    return standing | hukou | {
        "id": student.id,
        "name": student.name,
        "pinyin": pinyin_of(student.name),
        "initials": initials_of(student.name),
        "gender": student.gender,
        "birth": student.birth.isoformat(),
        "class_id": school_class.id,
        "class_name": school_class.name,
        "grade": school_class.grade,
        "village": village.code,
        "village_name": village.name,
        "home_address": student.home_address,
        "home_landmark": student.home_landmark,
        "signal": village.signal,
        "key_flags": _shareable(student.key_flags),
        "family_flags": _shareable(student.family_flags),
        "siblings": list(student.siblings),
        "id_masked": masked(student.id_no),
        "guardians": [guardian_row(guardian) for guardian in student.guardians],
    }


def guardian_row(guardian: Guardian) -> dict[str, object]:
    """What a phone knows of an adult of the household."""
    return {
        "name": guardian.name,
        "relation": guardian.relation,
        "phone": guardian.phone,
        "legal": guardian.legal,
        "caretaker": guardian.caretaker,
        "can_read": guardian.can_read,
    }


def masked(id_no: str) -> str:
    """The last four characters of an identity number behind an ellipsis; empty stays empty."""
    return f"…{id_no[-4:]}" if id_no else ""


def _shareable(flags: tuple[str, ...]) -> list[str]:
    return [flag for flag in flags if flag not in RESTRICTED_FLAGS]
