"""Children whom a census of the catchment found and the register does not know: they are offered for entry (R07)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from casebook.casefile import Entry
from casebook.days import day_written
from casebook.errors import FormBroken
from casebook.forms.xmlinput import MAX_ANSWERS_BYTES, local_name, parse_xml
from casebook.kinds.find import TYPE as SET_ASIDE
from casebook.rules.reading import heads
from sync_server.registry import Student
from sync_server.roster.people import fresh_id
from sync_server.roster.plan import Planned
from sync_server.roster.planning import blank_student
from sync_server.roster.register import Noun, Register
from sync_server.roster.relatives import with_siblings
from sync_server.store import typed
from sync_server.store.engine import Connection

CENSUS, CHILD = "census", "kid"
NOT_IN_SCHOOL = frozenset({"none", "young", "kindergarten", "exempt"})
UNKNOWN = "9"
_FIRST_GRADE, _AGE_OF_FIRST_GRADE = 1, 6
_SAYING = f'"purposes":["{CENSUS}"]'.encode()  # other visits need not be read


@dataclass(frozen=True)
class Find:
    """One child as the census has it, and the child of the register in whose home it lives; `set_aside` says why it
    need not come on the register, where somebody has said so.
    """

    id: str
    name: str
    birth: dt.date
    id_no: str
    schooling: str
    home: Student
    on: str
    set_aside: str = ""

    @property
    def gender(self) -> str:
        """By the identity number; unknown without one."""
        return ("2", "1")[int(self.id_no[16]) % 2] if self.id_no else UNKNOWN


def finds(conn: Connection, school: str, now: Register) -> list[Find]:
    """Every such child that is not in school, by the newest census of its home; known ones are left out."""
    numbers = {one.id_no for one in now.students.values() if one.id_no}
    people = {(one.name, one.birth) for one in now.students.values()}
    told = sorted(heads(typed.of_type(conn, school, "visit", _SAYING)), key=lambda entry: entry.order)
    newest = {one.record.case: one for one in told}
    found = {
        find.id: find
        for case, entry in newest.items() if case in now.students
        for find in _told(entry, now.students[str(case)])
        if find.id_no not in numbers and (find.name, find.birth) not in people and find.id not in now.students
    }  # fmt: skip
    aside = {str(said.body["find"]): str(said.body["why"])
             for said in (entry.record for entry in typed.of_type(conn, school, SET_ASIDE))}  # fmt: skip
    told_of = [replace(find, set_aside=aside.get(find.id, "")) for find in found.values()]
    return sorted(told_of, key=lambda find: (find.home.village, find.name, find.id))


def enter(find: Find, now: Register, age: int, today: dt.date) -> list[Noun]:
    """The child as the register keeps it from now on, not enrolled, and those of its home, who have it beside them.

    It is set down for the grade of its age, or the first one that is taught above.
    """
    home, grade = find.home, _FIRST_GRADE + max(age - _AGE_OF_FIRST_GRADE, 0)
    rooms = now.ordered_classes()
    room = next((one for one in rooms if one.grade >= grade), rooms[-1])
    child = replace(
        blank_student(find.id, room.id, "not_enrolled", today), name=find.name, birth=find.birth, gender=find.gender,
        id_no=find.id_no, household=home.household, village=home.village, hukou_village=home.hukou_village,
        home_address=home.home_address, home_landmark=home.home_landmark, guardians=home.guardians,
    )  # fmt: skip
    return [one.after for one in with_siblings(now, {child.id: Planned(None, child, "", 0)}).values()]


def _told(entry: Entry, home: Student) -> Iterator[Find]:
    for said in _children(entry.record.body["instance"]):
        birth, name = day_written(said.get("kid_birth")), said.get("kid_name", "").strip()
        if birth is None or not name or said.get("kid_status") not in NOT_IN_SCHOOL:
            continue
        id = fresh_id(CENSUS, home.household, name, birth.isoformat())
        yield Find(
            id, name, birth, said.get("kid_id", "").upper(), said["kid_status"], home, entry.record.at.started[:10]
        )  # fmt: skip


@lru_cache(256)
def _children(instance: str) -> tuple[Mapping[str, str], ...]:
    """The answers about each child of the household but the visited one; none when the form cannot be read."""
    try:
        root, _ = parse_xml(instance.encode(), MAX_ANSWERS_BYTES)
    except FormBroken:
        return ()
    kids = (node for node in root.iter() if local_name(node.tag) == CHILD)
    return tuple({local_name(part.tag): (part.text or "").strip() for part in kid.iter()} for kid in kids)
