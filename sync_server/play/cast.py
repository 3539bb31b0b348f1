"""Who and what there is in a story before anything happens: people, classes, children, devices, terms, rules."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync_server.play import grammar
from sync_server.play.grammar import parts_of
from sync_server.play.kinds import NUMBERED, Names, child, moment, room, room_key
from sync_server.play.said import Said
from sync_server.registry import default_terms

#: There in every story, whether it names them or not.
ALWAYS_THERE = {"principal": "principal", "office": "academic_office", "registrar": "registrar"}
CODE, NAME = "3199000001", "school"
OWN_TEACHER = "class_teacher"  # stands for the class teacher of whichever child it is about
BEFORE_TERM = dt.timedelta(days=14)
KEY_GROUP, EVERYBODY = "key", "all"
KEY_FLAG = "KS04"
GRADES = re.compile(r"([1-9])(?:-([1-9]))?\Z")


@dataclass(frozen=True)
class PersonRole:
    """A member of staff: roles, the classes (class teacher: his own) and single children in reach."""

    key: str
    name: str
    roles: tuple[str, ...]
    rooms: tuple[str, ...] = ()
    children: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChildRole:
    """A child; `said` are the parts of its section, `key` its name in the story."""

    key: str
    room: str
    said: Mapping[str, Any]
    place: Said | None = None
    guardians: tuple[Mapping[str, Any], ...] = ()

    @property
    def on_list(self) -> bool:
        """Whether it sits in class from the beginning."""
        return self.said.get("status", "enrolled") in ("enrolled", "on_leave", "home_teaching")

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of the reasons for which it is a key student."""
        return tuple(self.said.get("key", ()))


@dataclass(frozen=True)
class DeviceRole:
    """A phone: whose, how many seconds its clock is ahead, and whether it only syncs when the story says so."""

    key: str
    of: str
    ahead: int = 0
    offline: bool = False


@dataclass
class Cast:
    """Everything that is there before the first event."""

    code: str = CODE
    name: str = NAME
    begins: dt.datetime | None = None
    freeze: dt.datetime | None = None
    terms: list[Mapping[str, Any]] = field(default_factory=list)
    rules: dict[str, Any] = field(default_factory=dict)
    people: dict[str, PersonRole] = field(default_factory=dict)
    teachers: dict[str, str] = field(default_factory=dict)
    villages: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    rooms: list[str] = field(default_factory=list)
    children: dict[str, ChildRole] = field(default_factory=dict)
    devices: dict[str, DeviceRole] = field(default_factory=dict)

    def teacher_of(self, child: str) -> str:
        """The class teacher of a child."""
        return self.teachers[self.children[child].room]

    def key_students(self) -> tuple[str, ...]:
        """The children on the key list."""
        return tuple(key for key, child in self.children.items() if child.flags)


def read_cast(said: Said, names: Names) -> Cast:
    """The cast of a story; fills `names` with whom events may name. Raises StoryBroken."""
    cast = Cast()
    school = parts_of(said.get("school") or Said({}, said.place), grammar.SCHOOL, names)
    cast.code, cast.name = school.get("code", CODE), school.get("name", NAME)
    cast.terms = _terms(said.get("calendar"), names)
    first = dt.datetime.fromisoformat(f"{cast.terms[0]['first']}T08:00:00+08:00")
    cast.begins = school.get("begins", first - BEFORE_TERM)
    cast.rules = {key: part.plain() for key, part in (said.get("rules") or Said(None, said.place)).items()}
    people = said.get("staff") or Said({}, said.place)
    names.people = {*ALWAYS_THERE, OWN_TEACHER, *(key for key, _ in people.items())}
    roster = said.get("roster") or Said({}, said.place)
    roster.only(grammar.ROSTER)
    _read_rooms(roster, cast, names)
    _read_children(roster, cast, names)
    _read_people(people, cast, names)
    _read_devices(said.get("devices"), cast, names)
    cast.freeze = moment(frozen, names) if (frozen := said.get("freeze")) else None
    names.groups = {KEY_GROUP: cast.key_students(), EVERYBODY: tuple(cast.children)}
    return cast


def _terms(said: Said | None, names: Names) -> list[Mapping[str, Any]]:
    if said is None:
        return [dict(term) for term in default_terms()]
    terms = [parts_of(one, grammar.TERM, names) for one in said.each()]
    return [{**term, "first": term["first"].isoformat(), "last": term["last"].isoformat(),
             "off": list(term.get("off", ())), "on": list(term.get("on", ()))} for term in terms]  # fmt: skip


def _read_rooms(roster: Said, cast: Cast, names: Names) -> None:
    """Classes with their generated children: by grades, or one by one."""
    sizes: dict[str, Mapping[str, Any]] = {}
    for span, said in (roster.get("grades") or Said(None, roster.place)).items():
        found, parts = GRADES.match(span), parts_of(said, grammar.GRADE, names)
        if found is None:
            raise said.broken("play.broken.expected", kind="grades")
        for grade in range(int(found[1]), int(found[2] or found[1]) + 1):
            for number in range(1, parts["classes"] + 1):
                sizes[f"{grade}.{number}"] = {"children": parts["children"], "key": parts.get("key", 0)}
    for name, said in (roster.get("classes") or Said(None, roster.place)).items():
        key, parts = room_key(Said(name, said.place)), parts_of(said, grammar.ROOM, names)
        sizes[key] = {**sizes.get(key, {}), **parts}
    for name, said in (roster.get("villages") or Said(None, roster.place)).items():
        cast.villages[name] = parts_of(said, grammar.VILLAGE, names)
    cast.rooms = list(sizes)
    names.rooms = set(sizes)
    cast.teachers = {key: parts["teacher"] for key, parts in sizes.items() if "teacher" in parts}
    for key, size in sizes.items():
        for number in range(1, size.get("children", 0) + 1):
            flags = {"key": (KEY_FLAG,)} if number <= size.get("key", 0) else {}
            one = ChildRole(f"{key}{NUMBERED}{number}", key, flags)
            cast.children[one.key] = one


def _read_children(roster: Said, cast: Cast, names: Names) -> None:
    """Named children take the place of generated ones, so that a class has as many as the story says."""
    for key, said in (roster.get("children") or Said(None, roster.place)).items():
        child = read_child(key, said, names)
        if child.on_list:
            _make_room(cast, child.room)
        cast.children[key] = child
    names.children = set(cast.children)


def read_child(key: str, said: Said, names: Names) -> ChildRole:
    """A child as a story tells of it. Raises StoryBroken."""
    parts = parts_of(said, grammar.CHILD, names)
    adults = parts.get("guardians")
    guardians = tuple(parts_of(one, grammar.GUARDIAN, names) for one in adults.each()) if adults else ()
    return ChildRole(key, parts["class"], parts, said, guardians)


def _make_room(cast: Cast, room_of: str) -> None:
    plain = [key for key, one in cast.children.items() if one.room == room_of and NUMBERED in key and not one.flags]
    if plain:
        del cast.children[plain[-1]]


def _read_people(people: Said, cast: Cast, names: Names) -> None:
    taught: dict[str, list[str]] = {}
    for room_of, teacher in cast.teachers.items():
        taught.setdefault(teacher, []).append(room_of)
    for key, role in ALWAYS_THERE.items():
        cast.people[key] = PersonRole(key, key, (role,))
    for key, said in people.items():
        parts = parts_of(said, grammar.PERSON, names)
        rooms = tuple(room(one, names) for one in parts["classes"].each()) if "classes" in parts else ()
        single = tuple(child(one, names) for one in parts["children"].each()) if "children" in parts else ()
        reach = tuple(dict.fromkeys((*taught.get(key, ()), *rooms)))
        cast.people[key] = PersonRole(key, parts.get("name", key), parts["roles"], reach, single)
        if "class_teacher" in parts["roles"]:
            cast.teachers |= {one: key for one in rooms if one not in cast.teachers}
    for room_of in cast.rooms:
        if room_of not in cast.teachers:
            invented = PersonRole(f"teacher{room_of}", f"teacher{room_of}", (OWN_TEACHER,), (room_of,))
            cast.people[invented.key] = invented
            cast.teachers[room_of] = invented.key
    names.people |= cast.people.keys()


def _read_devices(said: Said | None, cast: Cast, names: Names) -> None:
    for key, one in said.items() if said else ():
        parts = parts_of(one, grammar.DEVICE, names)
        cast.devices[key] = DeviceRole(key, parts["of"], parts.get("clock", 0), parts.get("offline", False))
    names.devices = set(cast.devices)


def phone_of(cast: Cast, person: str) -> DeviceRole:
    """The phone a person carries: the first the story gives him, or one with a right clock."""
    return next((one for one in cast.devices.values() if one.of == person), DeviceRole(person, person))
