"""Answers one question: may this account do this, to this child? One table, role × verb × scope (domain §1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from casebook.errors import NotAllowed


class Verb(StrEnum):
    """What an account may want to do in the console."""

    LIST_STUDENTS = "list_students"
    READ_CASE = "read_case"
    READ_EVIDENCE = "read_evidence"
    READ_RESTRICTED = "read_restricted"
    REVIEW_VISIT = "review_visit"
    RESOLVE_CONFLICT = "resolve_conflict"
    READ_DEVICES = "read_devices"
    MAKE_ENROL_CODE = "make_enrol_code"


class Scope(StrEnum):
    """How far a permission reaches."""

    SCHOOL = "school"
    GRADE = "grade"
    CLASS = "class"
    JOINED = "joined"  # visits the account wrote or went along on, and the children visited
    WRITTEN = "written"  # visits the account wrote itself


class Actor(Protocol):
    """An account, as far as permissions care."""

    @property
    def id(self) -> str: ...
    @property
    def roles(self) -> tuple[str, ...]: ...
    @property
    def classes(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Subject:
    """What a permission is asked about: a child's case, and who wrote or went along on the visits concerned."""

    case: str
    class_id: str = ""
    grade: int = 0
    written_by: frozenset[str] = field(default_factory=frozenset)
    joined_by: frozenset[str] = field(default_factory=frozenset)


_READ = (Verb.LIST_STUDENTS, Verb.READ_CASE, Verb.READ_EVIDENCE)

# What every member of staff may do: come back to the visits they made themselves.
_EVERYBODY: Mapping[Verb, Scope] = {
    **dict.fromkeys(_READ, Scope.JOINED),
    Verb.READ_RESTRICTED: Scope.WRITTEN,
}

TABLE: Mapping[str, Mapping[Verb, Scope]] = {
    "principal": dict.fromkeys(Verb, Scope.SCHOOL),
    "academic_office": {
        **dict.fromkeys(_READ, Scope.SCHOOL),
        Verb.RESOLVE_CONFLICT: Scope.SCHOOL,
        Verb.READ_DEVICES: Scope.SCHOOL,
        Verb.MAKE_ENROL_CODE: Scope.SCHOOL,
    },
    "registrar": dict.fromkeys((Verb.LIST_STUDENTS, Verb.READ_CASE), Scope.SCHOOL),
    "moral_edu": dict.fromkeys((*_READ, Verb.READ_RESTRICTED), Scope.SCHOOL),
    "grade_director": dict.fromkeys(_READ, Scope.GRADE),
    "class_teacher": dict.fromkeys(_READ, Scope.CLASS),
    "subject_teacher": {},
    "counsellor": {},
    "leading_group": {},
    "duty_checker": {},
    "general_affairs": {},
}


@dataclass(frozen=True)
class Reach:
    """Everything one account's permission for a verb covers; `SCHOOL` in `scopes` covers all."""

    actor: str
    scopes: frozenset[Scope]
    classes: frozenset[str]
    grades: frozenset[int]

    @property
    def whole_school(self) -> bool:
        return Scope.SCHOOL in self.scopes

    def covers(self, subject: Subject) -> bool:
        """Whether the permission reaches `subject`."""
        return (
            self.whole_school
            or (Scope.GRADE in self.scopes and subject.grade in self.grades)
            or (self.scopes & {Scope.CLASS, Scope.GRADE} and subject.class_id in self.classes)
            or (Scope.JOINED in self.scopes and self.actor in subject.joined_by | subject.written_by)
            or (Scope.WRITTEN in self.scopes and self.actor in subject.written_by)
        )
