"""Compares a roster file with the register and plans what an import would change; touches nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from sync_server.registry import AWAY, ENROLLED, RESTRICTED_FLAGS, Student
from sync_server.roster.matching import BY_NAME_IN_CLASS, Match, StudentIndex
from sync_server.roster.people import Ground, fresh_id
from sync_server.roster.plan import Plan, Planned
from sync_server.roster.reading import Line, Reading
from sync_server.roster.register import Register, on_class_list
from sync_server.roster.relatives import merged_guardians, with_siblings
from sync_server.roster.saying import Said, read_student
from sync_server.roster.vocabulary import CLASSES, STAFF, STUDENTS, VILLAGES
from sync_server.store.accounts import Account

#: What a roster may say of a child that is new; anything else takes an event of the roll.
FIRST_STATUSES = frozenset({ENROLLED, "on_leave", "suspended", "home_teaching", "exempt", "not_enrolled"})
_NEEDED = ("name", "birth", "gender", "class")
_PLAIN = (
    "student_no", "name", "former_name", "gender", "birth", "ethnic", "id_type", "id_no", "seat_no", "enrolled_on",
    "boarder", "placement", "household", "hukou_address", "home_address", "home_landmark", "key_flags",
    "family_flags",
)  # fmt: skip


@dataclass(frozen=True)
class Circumstances:
    """What a plan depends on besides file and register: the import's id, today, and the accounts there are."""

    draft: str
    today: dt.date
    accounts: tuple[Account, ...] = ()


def plan_import(reading: Reading, register: Register, around: Circumstances) -> Plan:
    """The plan of an import; the same file, register and circumstances give the same plan."""
    ground = Ground(register, around.draft, {one.id: one for one in around.accounts})
    ground.complaints, ground.remarks = list(reading.complaints), list(reading.remarks)
    for line in reading.lines[VILLAGES]:
        ground.add_village(line)
    for line in reading.lines[STAFF]:
        ground.add_staff(line)
    for line in reading.lines[CLASSES]:
        ground.add_class(line)
    children = Children(ground, around.today)
    for line in reading.lines[STUDENTS]:
        children.add(line)
    return children.plan()


class Children:
    """The children of a file, line by line."""

    def __init__(self, ground: Ground, today: dt.date) -> None:
        self._ground, self._today = ground, today
        self._register = ground.register
        self._index = StudentIndex.of(self._register.students.values())
        self._planned: dict[str, Planned] = {}
        self._lines: dict[str, Line] = {}
        self._numbers: dict[str, Line] = {}
        self._names: dict[tuple[str, str], Line] = {}
        self._classes: set[str] = set()

    def add(self, line: Line) -> None:
        """One line: matched with the register, or new."""
        said = read_student(line, self._today)
        class_id = self._ground.class_of(said)
        match = self._index.find(said, class_id)
        if match.others:
            names = self._ground.names_of((match.student, *match.others))
            said.complain("registry.row.several_meant", "name", names=names)
        elif match.student is None:
            self._add_new(said, class_id)
        else:
            self._add_known(said, match, class_id)
        self._ground.complaints += said.complaints
        self._ground.remarks += said.remarks

    def plan(self) -> Plan:
        """Everything together: brothers and sisters by household, and who of the classes is missing."""
        planned = with_siblings(self._register, self._planned)
        missing = [
            one for id, one in self._register.students.items()
            if id not in self._lines and one.class_id in self._classes and on_class_list(one)
        ]  # fmt: skip
        changing = tuple(one for one in planned.values() if one.before != one.after)
        unchanged = sum(planned[id].before == planned[id].after for id in self._lines)
        ground = self._ground
        ground.doubt_grades_alone()
        return Plan(
            self._register, *ground.planned(), changing, tuple(ground.accounts), tuple(missing), unchanged,
            tuple(ground.complaints), tuple(ground.remarks),
        )  # fmt: skip

    def _add_new(self, said: Said, class_id: str) -> None:
        for name in _NEEDED:
            if name not in said.facts and name not in said.blamed:
                said.complain(f"registry.row.needed.{name}", name)
        self._warn_of_twins(said, class_id)
        if said.complaints:
            return
        id = fresh_id(self._ground.draft, "student", said.line.sheet, str(said.line.row))
        status = said.facts.get("roll_status", ENROLLED)
        if status not in FIRST_STATUSES:
            said.remark("registry.row.status_by_event", "roll_status")
            status = ENROLLED
        blank = blank_student(id, class_id, status, self._today)
        self._keep(said, None, self._told(blank, said, class_id))

    def _add_known(self, said: Said, match: Match, class_id: str) -> None:
        before = match.student
        assert before is not None
        other = self._lines.get(before.id)
        if other is not None:
            said.complain("registry.row.twice", "name", sheet=other.sheet, row=other.row)
            return
        if match.how == BY_NAME_IN_CLASS:
            said.remark("registry.row.by_name_only", "name")
        status = said.facts.get("roll_status", before.roll_status)
        if status != before.roll_status:
            said.remark("registry.row.status_by_event", "roll_status")
        if before.roll_status in AWAY:
            said.remark("registry.row.is_away", "name")
        self._keep(said, before, self._told(before, said, class_id or before.class_id))

    def _keep(self, said: Said, before: Student | None, after: Student) -> None:
        line = said.line
        self._lines[after.id] = line
        self._classes.update({after.class_id} | ({before.class_id} if before else set()))
        self._planned[after.id] = Planned(before, after, line.sheet, line.row)

    def _told(self, base: Student, said: Said, class_id: str) -> Student:
        facts = {name: said.facts[name] for name in _PLAIN if name in said.facts}
        for name in ("key_flags", "family_flags"):
            if name in facts:  # no list shows restricted flags, so no list takes them away
                facts[name] = tuple(sorted({*facts[name], *RESTRICTED_FLAGS.intersection(getattr(base, name))}))
        for name in ("village", "hukou_village"):
            if name in said.facts:
                facts[name] = self._ground.village_of(said, name)
        guardians = merged_guardians(base, said, self._ground.draft)
        return replace(base, **facts, class_id=class_id, guardians=guardians)

    def _warn_of_twins(self, said: Said, class_id: str) -> None:
        """The same child on two lines is wrong; the same name may be chance."""
        for number in (said.facts.get(name, "") for name in ("id_no", "student_no")):
            other = self._numbers.get(number) if number else None
            if other is not None:
                said.complain("registry.row.number_twice", "id_no", sheet=other.sheet, row=other.row)
            self._numbers.setdefault(number, said.line)
        name, birth = said.facts.get("name", ""), said.facts.get("birth")
        for key in ((name, birth.isoformat() if birth else ""), (name, class_id)):
            earlier = self._names.get(key) if all(key) else None
            if earlier is not None:
                said.remark("registry.row.same_name_in_file", "name", sheet=earlier.sheet, row=earlier.row)
                break
        self._names.update({(name, birth.isoformat() if birth else ""): said.line, (name, class_id): said.line})
        alike = self._index.alike(said, class_id)
        if alike:
            said.remark("registry.row.maybe_known", "name", names=self._ground.names_of(alike))


def blank_student(id: str, class_id: str, roll_status: str, today: dt.date) -> Student:
    """A child of whom nothing is known yet, in a household of its own."""
    return Student(
        id, "", "9", today, "", "", "", class_id, f"hh-{id[:12]}", "", "", "", "", False, "regular", (), (), (), (),
        roll_status,
    )  # fmt: skip
