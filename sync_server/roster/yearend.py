"""Plans the end of a school year: classes move up with their children, the last grade graduates, some children stay."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sync_server.registry import SchoolClass, Student
from sync_server.roster.classnames import LAST_PRIMARY_GRADE, ClassName, graduated_name, named, one_up
from sync_server.roster.people import fresh_id
from sync_server.roster.register import Noun, Register, to_json
from sync_server.roster.roll import GRADUATE, ON_ROLL, PROMOTE, STAY

LAST_GRADE = 9
#: They are in no class: whoever comes (back) later begins in the grade that was left, or not yet entered.
NOT_IN_CLASS = frozenset({"suspended", "exempt", "not_enrolled"})
LOST = frozenset({"suspected", "dropped_out"})
BELONGING = ON_ROLL | {"leaving"}


@dataclass(frozen=True)
class Choices:
    """What a person decided child by child: PROMOTE, STAY or GRADUATE."""

    of: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Circumstances:
    """What a plan depends on besides the register: the year, its first free day, and the children in open cases."""

    year: str
    on: str
    in_case: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RoomMove:
    """A class before and after; no `before`: new and empty. `heads` of its children go along."""

    before: SchoolClass | None
    after: SchoolClass
    heads: int = 0


@dataclass(frozen=True)
class ChildMove:
    """A child that a person decided about, or that graduates or stays; `chosen`: a person decided."""

    before: Student
    after: Student
    step: str
    chosen: bool = False


@dataclass(frozen=True)
class YearEnd:
    """Everything that the end of one school year would change, against one state of the register."""

    around: Circumstances
    register: Register
    rooms: tuple[RoomMove, ...]
    children: tuple[ChildMove, ...]
    promoted: int
    undecided: tuple[Student, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def year(self) -> str:
        """The school year that ends: 2025-2026."""
        return self.around.year

    def is_single(self, child: Student) -> bool:
        """Whether nobody but a person says how it goes on: the child is lost, or its case is open."""
        return child.id in self.options and needs_decision(child, self.around)

    def of(self, step: str) -> list[ChildMove]:
        """The children that graduate, or stay in their grade."""
        return [one for one in self.children if one.step == step]

    @property
    def nouns(self) -> list[Noun]:
        """Everything new or changed, classes first."""
        rooms: list[Noun] = [one.after for one in self.rooms if one.after != one.before]
        return [*rooms, *(one.after for one in self.children if one.after != one.before)]

    @property
    def sha256(self) -> str:
        """The fingerprint of what would be done, and of what it would be done to."""
        told = {
            "year": self.year, "on": self.around.on, "register": self.register.version,
            "in_case": sorted(self.around.in_case), "nouns": [to_json(one) for one in self.nouns],
            "steps": [[one.before.id, one.step, one.chosen] for one in self.children],
            "undecided": [one.id for one in self.undecided],
        }  # fmt: skip
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def counts(self) -> dict[str, int]:
        """How many children go up, graduate and stay; before it is closed the three are all that belong here."""
        here = [one for one in self.of(STAY) if one.before.roll_status not in NOT_IN_CLASS]
        return {"promoted": self.promoted, "graduated": len(self.of(GRADUATE)), "stayed": len(here)}


def plan_year_end(now: Register, around: Circumstances, choices: Choices) -> YearEnd:
    """The plan; the same register, circumstances and choices give the same one."""
    rooms = list(_rooms(now, around.year))
    after = {one.before.id: one.after for one in rooms if one.before}
    by_name = {named(one.after): one.after.id for one in rooms if not one.after.closed}
    places = _Places(now, around, choices, after, by_name)
    found, undecided, heads = [], [], dict.fromkeys(after, 0)
    for child in sorted(now.students.values(), key=lambda one: (one.class_id, one.name, one.id)):
        if child.class_id not in after:
            continue
        step, chosen = places.step(child)
        if not step:
            undecided += [child] if needs_decision(child, around) else []
        elif step != PROMOTE or chosen:
            found.append(ChildMove(child, places.moved(child, step), step, chosen))
        heads[child.class_id] += step == PROMOTE
    told = tuple(replace(one, heads=heads[one.before.id]) if one.before else one for one in rooms)
    options = {id: places.options(child) for id, child in now.students.items() if child.class_id in after}
    return YearEnd(around, now, told, tuple(found), sum(heads.values()), tuple(undecided), options)


def _rooms(now: Register, year: str) -> Iterator[RoomMove]:
    """Every class one grade up, the last grade closed; where a grade is left without a class, a new one."""
    taught = now.ordered_classes()
    last = LAST_GRADE if any(room.grade > LAST_PRIMARY_GRADE for room in taught) else LAST_PRIMARY_GRADE
    taken = set()
    for room in taught:
        if room.grade >= last:
            name = graduated_name(room.name, year.partition("-")[2])
            yield RoomMove(room, replace(room, name=name, closed=year, teacher_id=""))
        else:
            up = one_up(named(room))
            taken.add(up)
            yield RoomMove(room, replace(room, name=up.name, grade=up.grade, stage=up.stage))
    for left in dict.fromkeys(named(room) for room in taught):
        if left not in taken:
            id = fresh_id(f"year:{year}", "class", str(left.grade), left.name)
            yield RoomMove(None, SchoolClass(id, left.name, left.grade, left.stage, ""))


@dataclass(frozen=True)
class _Places:
    """Which step each child takes, and where that leads."""

    now: Register
    around: Circumstances
    choices: Choices
    after: Mapping[str, SchoolClass]
    by_name: Mapping[ClassName, str]

    def options(self, child: Student) -> tuple[str, ...]:
        """The steps that may be chosen for a child; none where there is nothing to choose."""
        if child.roll_status not in BELONGING:
            return ()
        return (GRADUATE if self.after[child.class_id].closed else PROMOTE), STAY

    def step(self, child: Student) -> tuple[str, bool]:
        """The step, and whether a person chose it; blank for who is gone, and for who is not decided about."""
        if child.roll_status in NOT_IN_CLASS:
            return STAY, False
        options = self.options(child)
        wished = self.choices.of.get(child.id, "")
        single = needs_decision(child, self.around)
        if not options or (single and wished not in options):
            return "", False
        if wished in options and (single or wished == STAY):
            return wished, True
        return options[0], False

    def moved(self, child: Student, step: str) -> Student:
        """The child afterwards: who stays joins the class that bears the same name now."""
        if step == GRADUATE:
            return replace(child, roll_status="graduated")
        if step == STAY:
            return replace(child, class_id=self.by_name[named(self.now.classes[child.class_id])])
        return child


def needs_decision(child: Student, around: Circumstances) -> bool:
    """Whether nobody but a person says how it goes on with a child that belongs to the school."""
    return child.roll_status in BELONGING and (child.roll_status in LOST or child.id in around.in_case)
