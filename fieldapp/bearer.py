"""Whose duty it is: a duty names roles, and the person who carries this phone has some of them for some children."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from casebook import feeds
from casebook.rules.duties import LEADER, SERVERS, VISITOR, Duty
from casebook.rules.states import CLASS_TEACHER, DIRECTOR
from fieldapp.workspace import Workspace

WHOLE_SCHOOL = frozenset({"principal", "deputy", "academic_office", "registrar", "moral_edu"})
LEAVE_KEEPERS = frozenset({"principal", "academic_office"})  # of any class
RESTRICTED_READERS = frozenset({"principal", "moral_edu"})  # who may read reasons that name a teacher (R62)
_FOR_THE_AUTHOR = "complete_visit"
_FIRST_THE_TEACHER = "headcount"  # the director is told when it is late


@dataclass(frozen=True)
class Bearer:
    """The person who carries this phone. `classes` are those in reach, of which a class teacher leads one."""

    work: Workspace
    id: str
    roles: frozenset[str]
    classes: frozenset[str]
    assigned: frozenset[str] | None

    @classmethod
    def of(cls, work: Workspace) -> Bearer:
        """The person as the school says, or as known since the enrolment."""
        account, me = work.account(), work.me
        listed: Any = [me.get("roles") or account.get("roles"), me.get("classes"), me.get("cases")]
        roles, classes, cases = listed
        return cls(
            work, str(account.get("id", "")), frozenset(roles or ()), frozenset(classes or ()),
            None if cases is None else frozenset(cases),
        )  # fmt: skip

    def follows(self, student: Mapping[str, Any]) -> bool:
        """Whether the school tells this phone all records of a child: without its visits nobody can say how it stands.

        Where the school does not say, it tells all.
        """
        told: Any = self.work.me.get("follows")
        if told is None or told.get("school"):
            return True
        led = student.get("village") in told.get("villages", ())
        return led or student.get("class_id") in told.get("classes", ()) or student.get("id") in told.get("cases", ())

    @property
    def reads_restricted(self) -> bool:
        """Whether reasons that name a teacher are for this person."""
        return not RESTRICTED_READERS.isdisjoint(self.roles)

    def own_classes(self) -> list[str]:
        """The classes whose headcounts concern this person: led, or of the grade."""
        roster = self.work.books.roster
        known = {str(row["id"]) for row in roster.rows(feeds.CLASSES)}
        known |= {str(row.get("class_id") or "") for row in roster.rows(feeds.STUDENTS)} - {""}
        return sorted(one for one in known if self.leads(one) or self._directs(one))

    def leads(self, class_id: str) -> bool:
        """Whether this is the class teacher; where the class says no name, the role and the reach do."""
        teacher = (self.work.books.roster.row(feeds.CLASSES, class_id) or {}).get("teacher_id")
        if teacher:
            return bool(teacher == self.id)
        return CLASS_TEACHER in self.roles and (not self.classes or class_id in self.classes)

    def keeps_leaves(self, student: Mapping[str, Any]) -> bool:
        """Whether this person writes down the child's leaves (R17): the class, its grade, or the office."""
        class_id = str(student.get("class_id") or "")
        return self.leads(class_id) or self._directs(class_id) or not LEAVE_KEEPERS.isdisjoint(self.roles)

    def owes(self, duty: Duty, student: Mapping[str, Any] | None = None, class_id: str = "") -> bool:
        """Whether a duty is for this person: one about a child, about a class, or (neither) of the whole school."""
        if student and duty.kind == _FOR_THE_AUTHOR:
            return self._wrote_visit(duty.subject, str(duty.facts.get("visit", "")))
        about = str(student.get("class_id") or "") if student else class_id
        return any(self._has(role, duty, student or {}, about) for role in duty.roles)

    def _has(self, role: str, duty: Duty, student: Mapping[str, Any], class_id: str) -> bool:
        teaches = self.leads(class_id) if class_id else CLASS_TEACHER in self.roles
        early = duty.kind == _FIRST_THE_TEACHER and duty.urgency != "overdue"
        claims: dict[str, Callable[[], bool]] = {
            CLASS_TEACHER: lambda: teaches,
            DIRECTOR: lambda: self._directs(class_id) and not early,
            VISITOR: lambda: self._goes_there(duty, student),
            SERVERS: lambda: teaches or self._goes_there(duty, student),
            LEADER: lambda: self._leads(student),
        }
        return claims[role]() if role in claims else role in self.roles

    def _directs(self, class_id: str) -> bool:
        return DIRECTOR in self.roles and class_id in self.classes

    def _goes_there(self, duty: Duty, student: Mapping[str, Any]) -> bool:
        """Assigned to the child (R04), or the author of the visit that calls for the duty."""
        if not student:
            return False
        if self._is_assigned(student):
            return True
        entries = self.work.case_file(duty.subject).of_type("visit")
        return any(entry.rid == duty.source and entry.record.author == self.id for entry in entries)

    def _is_assigned(self, student: Mapping[str, Any]) -> bool:
        """Named for the child; where the school does not say so, a child of another class is here for that reason."""
        if self.assigned is not None:
            return student["id"] in self.assigned
        elsewhere = bool(self.classes) and student.get("class_id") not in self.classes
        return elsewhere and WHOLE_SCHOOL.isdisjoint(self.roles)

    def _leads(self, student: Mapping[str, Any]) -> bool:
        """Whether this is the area leader of the child's village, or (no child) of any (R03)."""
        led = {row["code"] for row in self.work.books.roster.rows(feeds.VILLAGES) if row.get("leader_id") == self.id}
        return student.get("village") in led if student else bool(led)

    def _wrote_visit(self, case: str, visit_id: str) -> bool:
        visit = self.work.case_file(case).visit(visit_id)
        return visit is not None and visit.versions[0].record.author == self.id
