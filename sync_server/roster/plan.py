"""What an import would change, exactly: new, changed field by field, unchanged, missing; and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields

from sync_server.authoring.complaints import Complaint
from sync_server.registry import Guardian, Student
from sync_server.roster.numbers import masked
from sync_server.roster.register import Noun, Register, to_json

#: Our own keys; guardians get lines of their own.
_UNSHOWN = frozenset({"id", "guardians", "code", "login"})
_PRIVATE = frozenset({"id_no", "student_no"})


@dataclass(frozen=True)
class FieldChange:
    """One field, before and after, as stored values; numbers of people come masked. `of` names a guardian."""

    field: str
    before: object
    after: object
    of: str = ""


@dataclass(frozen=True)
class Planned:
    """A noun that is new (`before` is None) or changed, and the line it comes from."""

    before: Noun | None
    after: Noun
    sheet: str = ""
    row: int = 0

    @property
    def name(self) -> str:
        """The name to show."""
        return self.after.name

    def changes(self) -> list[FieldChange]:
        """Field by field; nothing for what is new."""
        return list(_changes(self.before, self.after)) if self.before else []


@dataclass(frozen=True)
class NewAccount:
    """A member of staff who gets an account (without a password: for the phone only, until one is set)."""

    staff: str
    login: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Everything an import would do, against one state of the register."""

    register: Register
    villages: tuple[Planned, ...] = ()
    staff: tuple[Planned, ...] = ()
    classes: tuple[Planned, ...] = ()
    students: tuple[Planned, ...] = ()
    accounts: tuple[NewAccount, ...] = ()
    missing: tuple[Student, ...] = ()
    unchanged: int = 0
    complaints: tuple[Complaint, ...] = ()
    remarks: tuple[Complaint, ...] = ()

    @property
    def nouns(self) -> list[Planned]:
        """Everything new or changed, those that others refer to first."""
        return [*self.villages, *self.staff, *self.classes, *self.students]

    @property
    def new(self) -> list[Planned]:
        """New children."""
        return [one for one in self.students if one.before is None]

    @property
    def changed(self) -> list[Planned]:
        """Children of whom something changes."""
        return [one for one in self.students if one.before is not None]

    @property
    def may_go_on(self) -> bool:
        """Whether it can be confirmed: nothing is wrong, and something changes."""
        return not self.complaints and bool(self.nouns or self.accounts)

    @property
    def sha256(self) -> str:
        """The fingerprint of what would be done and of the register it would be done to."""
        told = {
            "register": self.register.version,
            "nouns": [to_json(one.after) for one in self.nouns],
            "accounts": [[one.staff, one.login, *one.roles] for one in self.accounts],
            "missing": [one.id for one in self.missing],
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def counts(self) -> dict[str, int]:
        """How many of what, for lists and the history of imports."""
        return {
            "new": len(self.new), "changed": len(self.changed), "unchanged": self.unchanged,
            "missing": len(self.missing), "classes": len(self.classes), "staff": len(self.staff),
            "villages": len(self.villages), "accounts": len(self.accounts),
        }  # fmt: skip


def _changes(before: Noun, after: Noun) -> Iterator[FieldChange]:
    for one in fields(before):
        old, new = getattr(before, one.name), getattr(after, one.name)
        if old != new and one.name not in _UNSHOWN:
            yield FieldChange(one.name, *(map(masked, (old, new)) if one.name in _PRIVATE else (old, new)))
    if isinstance(before, Student) and isinstance(after, Student):
        yield from _guardian_changes(before.guardians, after.guardians)


def _guardian_changes(before: tuple[Guardian, ...], after: tuple[Guardian, ...]) -> Iterator[FieldChange]:
    known = {one.id: one for one in before}
    for adult in after:
        old = known.get(adult.id)
        if old is None:
            yield FieldChange("guardian", "", adult.name, adult.name)
        elif old != adult:
            yield from (
                FieldChange(one.name, getattr(old, one.name), getattr(adult, one.name), old.name)
                for one in fields(adult) if getattr(old, one.name) != getattr(adult, one.name)
            )  # fmt: skip
    kept = {one.id for one in after}
    yield from (FieldChange("guardian", old.name, "", old.name) for old in before if old.id not in kept)
