"""Finds the child, the class, the person and the village of the register that a line means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sync_server.registry import SchoolClass, Staff, Student, Village
from sync_server.roster.classnames import ClassName, named
from sync_server.roster.register import Register
from sync_server.roster.saying import Said
from sync_server.roster.texts import name_text
from sync_server.roster.vocabulary import bare

BY_NUMBER, BY_NAME_AND_BIRTH, BY_NAME_IN_CLASS = "number", "name_and_birth", "name_in_class"


@dataclass(frozen=True)
class Match:
    """The child that a line means; `how` it was recognised. `others` could be meant as well, or contradict."""

    student: Student | None
    how: str = ""
    others: tuple[Student, ...] = ()


@dataclass
class StudentIndex:
    """The children of the register by all that tells them apart."""

    by_number: dict[str, list[Student]] = field(default_factory=lambda: defaultdict(list))
    by_birth: dict[tuple[str, str], list[Student]] = field(default_factory=lambda: defaultdict(list))
    by_class: dict[tuple[str, str], list[Student]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, students: Iterable[Student]) -> StudentIndex:
        """Everybody, those who have left included: a child may come back."""
        index = cls()
        for one in students:
            for number in filter(None, (one.student_no, one.id_no)):
                index.by_number[number].append(one)
            index.by_birth[one.name, one.birth.isoformat()].append(one)
            index.by_class[one.name, one.class_id].append(one)
        return index

    def find(self, said: Said, class_id: str) -> Match:
        """By roll or identity number; else by name and birth; else by name alone within the class."""
        facts = said.facts
        numbers = [facts[name] for name in ("student_no", "id_no") if facts.get(name)]
        holders = _unique(one for number in numbers for one in self.by_number.get(number, []))
        if holders:
            return Match(holders[0], BY_NUMBER, tuple(holders[1:]))
        name, birth = facts.get("name", ""), facts.get("birth")
        if birth is not None:
            alike = [one for one in self.by_birth.get((name, birth.isoformat()), []) if _may_be(one, said)]
            return Match(alike[0], BY_NAME_AND_BIRTH, tuple(alike[1:])) if alike else Match(None)
        alike = [one for one in self.by_class.get((name, class_id), []) if _may_be(one, said)]
        return Match(alike[0], BY_NAME_IN_CLASS, tuple(alike[1:])) if alike else Match(None)

    def alike(self, said: Said, class_id: str) -> list[Student]:
        """Children who might be the same as a new one: same number, same name and birth, same name in the class."""
        facts = said.facts
        name, birth = facts.get("name", ""), facts.get("birth")
        found = [one for number in ("student_no", "id_no") for one in self.by_number.get(facts.get(number, ""), [])]
        found += self.by_birth.get((name, birth.isoformat()), []) if birth else []
        return _unique([*found, *self.by_class.get((name, class_id), [])])


def _may_be(one: Student, said: Said) -> bool:
    """Not when both have an identity number, or both a roll number, and these differ."""
    pairs = ((one.id_no, said.facts.get("id_no", "")), (one.student_no, said.facts.get("student_no", "")))
    return not any(ours and theirs and ours != theirs for ours, theirs in pairs)


def find_class(register: Register, wanted: ClassName) -> SchoolClass | None:
    """The class of that grade and number that is taught now."""
    return next((one for one in register.ordered_classes() if named(one) == wanted), None)


def find_staff(register: Register, name: str) -> list[Staff]:
    """Everybody of that name."""
    return [one for one in register.staff.values() if name_text(one.name) == name]


def find_village(register: Register, text: str) -> Village | None:
    """A village by its name or code."""
    if text in register.villages:
        return register.villages[text]
    return next((one for one in register.villages.values() if bare(one.name) == bare(text)), None)


def _unique(students: Iterable[Student]) -> list[Student]:
    return list({one.id: one for one in students}.values())
