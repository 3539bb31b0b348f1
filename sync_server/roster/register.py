"""The register as nouns: read whole, written with its history, and handed on to the phones in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date
from functools import cache, cached_property
from typing import Any
from weakref import WeakKeyDictionary

from casebook import feeds
from sync_server import registry
from sync_server.registry import AWAY, Guardian, SchoolClass, Staff, Student, Village
from sync_server.roster.stays import key_since_of, stays_of
from sync_server.store import base_figures, closed_classes, homes, register, rows
from sync_server.store.engine import Connection, Engine, is_writing
from sync_server.store.register import CLASS, STAFF, STUDENT, VILLAGE, Authorship, Entry
from sync_server.store.rows import ScopedRow

Noun = Student | SchoolClass | Staff | Village
YEAR = "year:"  # how the origin of what a year's end changes begins
UNKNOWN_VILLAGE = Village("", "", "village", "ok", 0)
_kept: WeakKeyDictionary[Engine, dict[str, Register]] = WeakKeyDictionary()
_BLANK: Mapping[str, object] = {"str": "", "bool": False, "int": 0, "tuple[str, ...]": ()}


@dataclass(frozen=True)
class Register:
    """Everything the register holds, by id (villages by code); `version` grows with every change."""

    students: Mapping[str, Student] = field(default_factory=dict)
    classes: Mapping[str, SchoolClass] = field(default_factory=dict)
    staff: Mapping[str, Staff] = field(default_factory=dict)
    villages: Mapping[str, Village] = field(default_factory=dict)
    version: int = 0

    def village(self, code: str) -> Village:
        """The village, or one without a name."""
        return self.villages.get(code, UNKNOWN_VILLAGE)

    def teacher_name(self, class_id: str) -> str:
        """Who answers for a class; empty when nobody does yet."""
        one = self.classes.get(class_id)
        person = self.staff.get(one.teacher_id) if one else None
        return person.name if person else ""

    def on_list(self, class_id: str) -> list[Student]:
        """The children on the list of a class now, by seat number and name."""
        return list(self._lists.get(class_id, ()))

    @cached_property
    def _lists(self) -> Mapping[str, list[Student]]:
        found: dict[str, list[Student]] = {}
        by_seat = sorted(
            filter(on_class_list, self.students.values()),
            key=lambda one: (one.seat_no.zfill(4) if one.seat_no else "~", one.name, one.id),
        )
        for one in by_seat:
            found.setdefault(one.class_id, []).append(one)
        return found

    def ordered_classes(self) -> list[SchoolClass]:
        """All classes that are taught, by grade and name."""
        taught = (one for one in self.classes.values() if not one.closed)
        return sorted(taught, key=lambda one: (one.grade, one.name, one.id))


def on_class_list(student: Student) -> bool:
    """Whether the child counts among its class: on the roll and neither suspended nor gone (R13)."""
    return student.roll_status not in AWAY and student.roll_status != "suspended"


def load(conn: Connection, school: str) -> Register:
    """The whole register; what was read of it once is kept until its version changes."""
    if is_writing(conn):
        return _load(conn, school)  # may hold what is not committed yet
    version, kept = register.version(conn, school), _kept.setdefault(conn.engine, {})
    found = kept.get(school)
    if found is None or found.version != version:
        found = kept[school] = _load(conn, school)
    return found


def _load(conn: Connection, school: str) -> Register:
    return Register(
        {one["id"]: student_from(one) for one in register.entries(conn, school, STUDENT)},
        {one["id"]: class_from(one) for one in register.entries(conn, school, CLASS)},
        {one["id"]: _read(Staff, one) for one in register.entries(conn, school, STAFF)},
        {one["code"]: _read(Village, one) for one in register.entries(conn, school, VILLAGE)},
        register.version(conn, school),
    )


def write(conn: Connection, school: str, nouns: Iterable[Noun], by: Authorship) -> int:
    """Keeps nouns with their history and tells the phones; returns how many changed."""
    entries = [_entry(noun) for noun in nouns]
    count = register.put(conn, school, entries, by)
    if count:
        publish(conn, school, load(conn, school), {(one.kind, one.key) for one in entries}, by.at)
    return count


def publish(conn: Connection, school: str, now: Register, changed: set[tuple[str, str]], at: str) -> None:
    """Hands what depends on the changed entries on to the phones."""
    closed = [id for id, one in now.classes.items() if one.closed and (CLASS, id) in changed]
    closed_classes.close(conn, school, closed, at)
    plain = _with_bases(conn, school, _with_stays(conn, school, now, feed_rows(now, changed)))
    found = list(_with_homes(conn, school, plain))
    # classes before their children: a class teacher who gains an empty class need not be told of each child twice
    for children in (False, True):
        rows.put(conn, school, [row for row in found if (row.feed == feeds.STUDENTS) == children], at)


def tell_hukou(conn: Connection, school: str, at: str) -> None:
    """Tells phones to which village a letter goes where that is not the child's home (R33); for schools in which
    children were told of before this was known.
    """
    now = load(conn, school)
    elsewhere = {(STUDENT, id) for id, one in now.students.items() if one.hukou_village != one.village}
    publish(conn, school, now, elsewhere, at)


def _with_stays(conn: Connection, school: str, now: Register, plain: Iterable[ScopedRow]) -> Iterator[ScopedRow]:
    """A child that was in another class, on no list, or no key student says so: former days are read with it."""
    told = list(plain)
    known = [now.students[row.key] for row in told if row.feed == feeds.STUDENTS]
    stays = stays_of(conn, school, known) if known else {}
    keys = key_since_of(conn, school, known) if known else {}
    for row in told:
        more: dict[str, Any] = {"stays": stays[row.key]} if row.feed == feeds.STUDENTS and row.key in stays else {}
        more |= {"key_since": keys[row.key]} if row.feed == feeds.STUDENTS and row.key in keys else {}
        yield replace(row, value={**row.value, **more})


def _with_bases(conn: Connection, school: str, plain: Iterable[ScopedRow]) -> Iterator[ScopedRow]:
    """A class says the base figure of its year: who counts heads sees when the roster has other ones (R11)."""
    told = list(plain)
    since = register.newest_at(conn, school, YEAR)
    bases = base_figures.newest(conn, school, since) if any(row.feed == feeds.CLASSES for row in told) else {}
    for row in told:
        more = {"base": bases[row.key]} if row.feed == feeds.CLASSES and row.key in bases else {}
        yield replace(row, value={**row.value, **more})


def _with_homes(conn: Connection, school: str, plain: Iterable[ScopedRow]) -> Iterator[ScopedRow]:
    """A child's row says what the records of its brothers and sisters say of their home (docs/decisions, 11)."""
    speaking = homes.speaking(conn, school)
    for row in plain:
        family = homes.siblings(row.value) if row.feed == feeds.STUDENTS else ()
        heard = not speaking.isdisjoint(family)
        yield replace(row, value=homes.with_home(conn, school, row.value)) if heard else row


def feed_rows(now: Register, changed: set[tuple[str, str]]) -> Iterator[ScopedRow]:
    """What phones know of the changed entries (kind, id) and of those that show them."""
    for code, village in now.villages.items():
        if (VILLAGE, code) in changed:
            yield _row(feeds.VILLAGES, code, registry.village_row(village))
    for id, person in now.staff.items():
        if (STAFF, id) in changed:
            yield _row(feeds.STAFF, id, registry.staff_row(person))
    for id, one in now.classes.items():
        if not one.closed and ((CLASS, id) in changed or (STAFF, one.teacher_id) in changed):
            yield _row(feeds.CLASSES, id, registry.class_row(one, now.teacher_name(id)))
    for id, student in now.students.items():
        parts = ((STUDENT, id), (CLASS, student.class_id), (VILLAGE, student.village))
        if any(part in changed for part in parts):
            row = registry.student_row(student, now.classes[student.class_id], now.village(student.village))
            yield ScopedRow(feeds.STUDENTS, id, registry.scope_of(student), row)


def student_from(value: Mapping[str, Any]) -> Student:
    """A child as kept in JSON; what an older program did not know is blank."""
    given = dict(value)
    given["birth"] = date.fromisoformat(given["birth"])
    given["guardians"] = tuple(_read(Guardian, one) for one in given.get("guardians", ()))
    student: Student = _read(Student, given)
    return student


def class_from(value: Mapping[str, Any]) -> SchoolClass:
    """A class as kept in JSON; what an older program did not know is blank."""
    found: SchoolClass = _read(SchoolClass, value)
    return found


def to_json(noun: Noun) -> dict[str, Any]:
    """A noun as it is kept; dates as ISO days."""
    value = dict(vars(noun))
    if isinstance(noun, Student):
        value |= {"birth": noun.birth.isoformat(), "guardians": [dict(vars(adult)) for adult in noun.guardians]}
    return value


def _entry(noun: Noun) -> Entry:
    match noun:
        case Student():
            return Entry(STUDENT, noun.id, to_json(noun))
        case SchoolClass():
            return Entry(CLASS, noun.id, to_json(noun))
        case Staff():
            # logins and what they open belong to the account, not to the register
            return Entry(STAFF, noun.id, to_json(replace(noun, login="")))
    return Entry(VILLAGE, noun.code, to_json(noun))


def _read(kind: type, value: Mapping[str, Any]) -> Any:
    """A noun of JSON; what it does not name gets its default, or is blank."""
    names, blanks = _parts(kind)
    given = {name: tuple(item) if isinstance(item, list) else item for name, item in value.items() if name in names}
    return kind(**{**blanks, **given})


@cache
def _parts(kind: type) -> tuple[frozenset[str], Mapping[str, object]]:
    """What a noun can say, and what stands for parts without a default that are not said."""
    named = fields(kind)
    blanks = {one.name: _BLANK[str(one.type)] for one in named if one.default is MISSING and str(one.type) in _BLANK}
    return frozenset(one.name for one in named), blanks


def _row(feed: str, key: str, value: Mapping[str, object]) -> ScopedRow:
    return ScopedRow(feed, key, feeds.SCHOOL_SCOPE, value)
