"""What the register's pages share: fields and values in words, and the findings of an import with their places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sync_server import access
from sync_server.access import Verb
from sync_server.registry import RESTRICTED_FLAGS, SchoolClass, Staff, Student
from sync_server.roster.plan import FieldChange, Plan, Planned
from sync_server.roster.register import Register
from sync_server.roster.vocabulary import vocabulary
from sync_server.web.console.page import Ask


@dataclass(frozen=True)
class Words:
    """Says fields and values of the register in the asker's language."""

    ask: Ask
    students: Mapping[str, Student]
    classes: Mapping[str, str]
    villages: Mapping[str, str]
    staff: Mapping[str, str]

    @classmethod
    def of(cls, ask: Ask, register: Register, plan: Plan | None = None) -> Words:
        """With the names of everything the register holds, and of what a plan would add."""
        planned = [one.after for one in (plan.nouns if plan else ())]
        students = {one.id: one for one in planned if isinstance(one, Student)}
        classes = {one.id: one.name for one in planned if isinstance(one, SchoolClass)}
        people = {one.id: one.name for one in planned if isinstance(one, Staff)}
        villages = {one.after.code: one.after.name for one in (plan.villages if plan else ())}  # type: ignore[union-attr]
        return cls(
            ask, {**register.students, **students},
            {id: one.name for id, one in register.classes.items()} | classes,
            {code: one.name for code, one in register.villages.items()} | villages,
            {id: one.name for id, one in register.staff.items()} | people,
        )  # fmt: skip

    def field(self, change: FieldChange) -> str:
        """The name of a field; a guardian's with the guardian's name."""
        label = self.label(change.field)
        return self.ask.wording("registry.of_guardian", name=change.of, field=label) if change.of else label

    def label(self, field: str) -> str:
        """The name of a field of a child, a class, a person or a village."""
        return self.ask.wording(f"registry.field.{field}")

    def value(self, field: str, value: object) -> str:
        """A stored value as a person reads it."""
        wording = self.ask.wording
        if isinstance(value, bool):
            return wording("registry.yes" if value else "registry.no")
        if isinstance(value, tuple):
            shown = (str(item) for item in value if self._may_show(str(item)))
            return wording("console.list_comma").join(self._item(field, item) for item in shown)
        if isinstance(value, dt.date):
            return value.isoformat()
        return self._item(field, str(value))

    def class_name(self, planned: Planned) -> str:
        """The class of a planned child."""
        return self.classes.get(getattr(planned.after, "class_id", ""), "")

    def status(self, student: Student) -> str:
        """The standing on the roll."""
        return self._item("roll_status", student.roll_status)

    def _may_show(self, flag: str) -> bool:
        """Restricted flags (psychological attention, court files …) are for few (domain 4.7, 4.8)."""
        return flag not in RESTRICTED_FLAGS or access.allows(self.ask.actor, Verb.READ_RESTRICTED)

    def _item(self, field: str, value: str) -> str:
        names: Mapping[str, Mapping[str, str]] = {
            "class_id": self.classes, "teacher_id": self.staff, "village": self.villages,
            "hukou_village": self.villages,
        }  # fmt: skip
        if field in names:
            return names[field].get(value, value)
        if field == "siblings":
            return self.students[value].name if value in self.students else value
        if field == "ethnic":
            return vocabulary().ethnic_name(value)
        return self._coded(field, value)

    def _coded(self, field: str, value: str) -> str:
        wording = self.ask.wording
        keys = {
            "key_flags": f"console.flag.{value}", "family_flags": f"console.flag.{value}",
            "roles": f"console.role.{value}",
        }  # fmt: skip
        key = keys.get(field) or f"registry.value.{field}.{value}"
        return wording(key) if value and wording.has(key) else value
