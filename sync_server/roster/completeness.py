"""How complete a child's card is (R12): which of the required facts are there, and which are missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import assets
from sync_server.registry import AWAY, SchoolClass, Student
from sync_server.roster import numbers
from sync_server.roster.register import Register

GUARDIAN = "guardian"
_NO_NUMBER = "none"  # a child without any document: the office knows, nothing is missing on the card
_UNSAID = frozenset({"", "0", "9"})  # of the gender


@dataclass(frozen=True)
class Completeness:
    """Of one child: the missing fields (`guardian.phone`: no adult has one) out of `wanted` required ones."""

    student: Student
    missing: tuple[str, ...]
    wanted: int

    @property
    def percent(self) -> int:
        """Filled fields by the hundred, rounded down: 100 means that nothing is missing."""
        return 100 * (self.wanted - len(self.missing)) // self.wanted


@dataclass(frozen=True)
class ClassCompleteness:
    """The cards of one class together."""

    room: SchoolClass
    children: tuple[Completeness, ...]

    @property
    def incomplete(self) -> int:
        """Children of whom something is missing."""
        return sum(bool(one.missing) for one in self.children)

    @property
    def percent(self) -> int:
        """Filled fields of all children by the hundred, rounded down."""
        wanted = sum(one.wanted for one in self.children)
        filled = wanted - sum(len(one.missing) for one in self.children)
        return int(Fraction(100 * filled, wanted)) if wanted else 100


@cache
def required() -> Mapping[str, tuple[str, ...]]:
    """What a card must say, of the child and of at least one adult; as it ships with the program."""
    said = json.loads(assets.read_bytes("roster/required.json"))
    return {part: tuple(names) for part, names in said.items()}


def completeness(student: Student) -> Completeness:
    """What is missing on one card. An impossible telephone number counts as none."""
    missing = [name for name in required()["child"] if not _has(student, name)]
    missing += [f"{GUARDIAN}.{name}" for name in required()[GUARDIAN] if not _some_adult_has(student, name)]
    return Completeness(student, tuple(missing), sum(map(len, required().values())))


def by_class(now: Register, class_ids: Iterable[str]) -> list[ClassCompleteness]:
    """The classes, the least complete first; children who have left, or never came, are not asked for."""
    chosen = set(class_ids)
    found: dict[str, list[Completeness]] = {id: [] for id in now.classes if id in chosen}
    for one in now.students.values():
        if one.class_id in found and one.roll_status not in AWAY:
            found[one.class_id].append(completeness(one))
    rooms = [ClassCompleteness(now.classes[id], tuple(children)) for id, children in found.items()]
    return sorted(rooms, key=lambda one: (one.percent, one.room.grade, one.room.name, one.room.id))


def worst(rooms: Iterable[ClassCompleteness]) -> list[Completeness]:
    """Children of whom something is missing, the least complete card first."""

    def order(one: Completeness) -> tuple[int, str, str, str]:
        return one.percent, one.student.class_id, one.student.name, one.student.id

    return sorted(_incomplete(rooms), key=order)


def _incomplete(rooms: Iterable[ClassCompleteness]) -> Iterator[Completeness]:
    for room in rooms:
        yield from (one for one in room.children if one.missing)


def _has(student: Student, name: str) -> bool:
    if name == "gender":
        return student.gender not in _UNSAID
    if name == "id_no" and student.id_type == _NO_NUMBER:
        return True
    return bool(getattr(student, name))


def _some_adult_has(student: Student, name: str) -> bool:
    if name == "phone":
        return any(numbers.is_phone(adult.phone) for adult in student.guardians)
    return any(getattr(adult, name) for adult in student.guardians)
