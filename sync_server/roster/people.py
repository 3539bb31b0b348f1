"""Classes, teachers and villages that come along with a roster: found in the register, or planned as new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from assets import load_wording
from sync_server.authoring.complaints import Complaint
from sync_server.pinyin import pinyin_of
from sync_server.registry import SchoolClass, Staff, Student, Village
from sync_server.roster import numbers
from sync_server.roster.classnames import ClassName, class_name, grade_of, named
from sync_server.roster.matching import find_class, find_staff, find_village
from sync_server.roster.plan import NewAccount, Planned
from sync_server.roster.reading import Line
from sync_server.roster.register import Noun, Register
from sync_server.roster.saying import Said
from sync_server.roster.texts import code_text, line_text, name_text, phones_in
from sync_server.roster.vocabulary import vocabulary
from sync_server.store.accounts import Account

CLASS_TEACHER = "class_teacher"
#: Roles that a roster may give: none of them opens the whole school.
CONFERRED = frozenset(
    {CLASS_TEACHER, "subject_teacher", "grade_director", "counsellor", "duty_checker", "general_affairs"}
)


def fresh_id(draft: str, *parts: str) -> str:
    """32 hex digits for something new: the same import gives it the same id whenever it is planned."""
    return hashlib.sha256("\n".join((draft, *parts)).encode()).hexdigest()[:32]


@dataclass
class Ground:
    """The register with everything that earlier lines of the file have added to it."""

    register: Register
    draft: str
    known_accounts: Mapping[str, Account]
    villages: dict[str, Planned] = field(default_factory=dict)
    staff: dict[str, Planned] = field(default_factory=dict)
    classes: dict[str, Planned] = field(default_factory=dict)
    accounts: list[NewAccount] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    remarks: list[Complaint] = field(default_factory=list)
    _rooms: dict[tuple[ClassName, str], str] = field(default_factory=dict)  # what earlier lines have settled
    _codes: dict[str, str] = field(default_factory=dict)
    _grades_alone: list[tuple[str, Line]] = field(default_factory=list)  # lines that name a grade and no class

    def planned(self) -> tuple[tuple[Planned, ...], tuple[Planned, ...], tuple[Planned, ...]]:
        """Villages, staff and classes that are new or change."""
        kept = [
            tuple(one for one in found.values() if one.before != one.after)
            for found in (self.villages, self.staff, self.classes)
        ]
        return kept[0], kept[1], kept[2]

    # -- lines of their own sheets

    def add_village(self, line: Line) -> None:
        """A line of the list of villages."""
        name, code = line_text(line.get("name")), code_text(line.get("code"))
        if not name:
            self.complaints.append(line.finding("registry.row.no_name", "name"))
            return
        known = self._village(code) if code else None
        village = known or self._village(name) or self._new_village(name, code, line)
        says = vocabulary().value
        distance = _tenths(line.get("distance"))
        self._change(self.villages, village.code, replace(
            village, name=name, kind=says("kind", line.get("kind")) or village.kind,
            signal=says("signal", line.get("signal")) or village.signal,
            distance_km_x10=village.distance_km_x10 if distance is None else distance,
        ), village, line)  # fmt: skip

    def add_staff(self, line: Line) -> None:
        """A line of the list of staff; who has no account gets one for the phone."""
        name = name_text(line.get("name"))
        if not name:
            self.complaints.append(line.finding("registry.row.no_name", "name"))
            return
        person = self._person(name, line)
        if person is None:
            return
        phones, says = phones_in(line.get("phone")), vocabulary().value
        roles = [says("roles", part) for part in line.get("roles").translate(_SEPARATORS).split()]
        if None in roles:
            self.remarks.append(line.finding("registry.row.role_unknown", "roles"))
        if phones and not numbers.is_phone(phones[0]):
            self.remarks.append(line.finding("registry.row.phone_form", "phone"))
        all_roles = dict.fromkeys([*person.roles, *(role for role in roles if role in CONFERRED)])
        after = replace(
            person, gender=says("gender", line.get("gender")) or person.gender,
            phone=phones[0] if phones else person.phone, roles=tuple(filter(None, all_roles)),
        )  # fmt: skip
        self._change(self.staff, person.id, after, person, line)
        self._open_account(after, code_text(line.get("login")).lower())

    def add_class(self, line: Line) -> None:
        """A line of the list of classes."""
        wanted = class_name(line.get("grade"), line.get("class"))
        if wanted is None:
            self.complaints.append(line.finding("registry.row.class_unclear", "class"))
            return
        self._settle_class(wanted, name_text(line.get("class_teacher")), line)

    # -- what a child's line names

    def class_of(self, said: Said) -> str:
        """The id of the child's class, planned as new where the school has none; blank when the line names none."""
        wanted: ClassName | None = said.facts.get("class")
        if wanted is None:
            return ""
        asked = wanted, said.facts.get("class_teacher", "")
        if asked not in self._rooms:
            self._rooms[asked] = self._settle_class(*asked, said.line)
        if not wanted.number and grade_of(wanted.word):
            self._grades_alone.append((self._rooms[asked], said.line))
        return self._rooms[asked]

    def doubt_grades_alone(self) -> None:
        """Complains of lines that name a grade alone (八年级) where the grade has numbered classes (八年级(2)班).

        To be called once all lines are in; a school with one class in a grade may well call it 八年级.
        """
        planned = {id: one.after for id, one in self.classes.items() if isinstance(one.after, SchoolClass)}
        rooms = {**self.register.classes, **planned}
        numbered = {room.grade for room in rooms.values() if named(room).number}
        self.complaints += [
            line.finding("registry.row.class_unclear", "class") for id, line in self._grades_alone
            if id not in self.register.classes and rooms[id].grade in numbered
        ]  # fmt: skip

    def village_of(self, said: Said, name: str) -> str:
        """The code of the village that a cell names; a new one where the school knows none."""
        text = said.facts[name]
        if text not in self._codes:
            found = self._village(text)
            if found is None:
                found = self._new_village(text, "", said.line)
                said.remark("registry.row.village_new", name)
            self._codes[text] = found.code
        return self._codes[text]

    def names_of(self, students: Iterable[Student | None]) -> str:
        """Children as "name (class)", for a sentence."""
        comma = load_wording()("console.list_comma")
        rooms = {**self.register.classes, **{id: one.after for id, one in self.classes.items()}}
        named = [f"{one.name} ({rooms[one.class_id].name})" for one in students if one is not None]
        return comma.join(named)

    # -- parts

    def _settle_class(self, wanted: ClassName, teacher: str, line: Line) -> str:
        known = next((one.after for one in self.classes.values() if _is_class(one.after, wanted)), None)
        room = known or find_class(self.register, wanted)
        if room is None:
            id = fresh_id(self.draft, "class", str(wanted.grade), wanted.name)
            room = SchoolClass(id, wanted.name, wanted.grade, wanted.stage, "")
            self.classes[id] = Planned(None, room, line.sheet, line.row)
        assert isinstance(room, SchoolClass)
        person = self._person(teacher, line) if teacher else None
        if person is not None and person.id != room.teacher_id:
            self._change(self.classes, room.id, replace(room, teacher_id=person.id), room, line)
            roles = tuple(dict.fromkeys([*person.roles, CLASS_TEACHER]))
            self._change(self.staff, person.id, replace(person, roles=roles), person, line)
            self._open_account(replace(person, roles=roles), "")
        return room.id

    def _person(self, name: str, line: Line) -> Staff | None:
        """Who bears this name; planned as new when nobody does, None (with a complaint) when several do."""
        planned = [one.after for one in self.staff.values() if one.after.name == name]
        found = {one.id: one for one in (*find_staff(self.register, name), *planned) if isinstance(one, Staff)}
        if len(found) > 1:
            self.complaints.append(line.finding("registry.row.several_teachers", "class_teacher", name=name))
            return None
        if found:
            return next(iter(found.values()))
        owners = [one for one in self.known_accounts.values() if one.active and name_text(one.name) == name]
        if len(owners) == 1 and owners[0].id not in self.register.staff:
            person = Staff(owners[0].id, name, "9", "", owners[0].roles)
            self.staff[person.id] = Planned(None, person, line.sheet, line.row)
            return person
        person = Staff(fresh_id(self.draft, "staff", name), name, "9", "", ())
        self.staff[person.id] = Planned(None, person, line.sheet, line.row)
        return person

    def _open_account(self, person: Staff, login: str) -> None:
        if person.id in self.known_accounts or person.id in {one.staff for one in self.accounts} or not person.roles:
            return
        login = login or pinyin_of(person.name) or person.id[:8]
        taken = {one.login for one in self.known_accounts.values()} | {one.login for one in self.accounts}
        number = 2
        free = login
        while free in taken:
            free, number = f"{login}{number}", number + 1
        self.accounts.append(NewAccount(person.id, free, person.name, person.roles))

    def _village(self, text: str) -> Village | None:
        planned = {code: one.after for code, one in self.villages.items() if isinstance(one.after, Village)}
        return find_village(Register(villages={**self.register.villages, **planned}), text)

    def _new_village(self, name: str, code: str, line: Line) -> Village:
        village = Village(code or f"x{fresh_id(self.draft, 'village', name)[:11]}", name, "village", "ok", 0)
        self.villages[village.code] = Planned(None, village, line.sheet, line.row)
        return village

    def _change(self, found: dict[str, Planned], key: str, after: Noun, before: Noun, line: Line) -> None:
        planned = found.get(key)
        if planned is not None:
            found[key] = replace(planned, after=after)
        elif after != before:
            found[key] = Planned(before, after, line.sheet, line.row)


def _is_class(one: Noun, wanted: ClassName) -> bool:
    return isinstance(one, SchoolClass) and (one.grade, one.name) == (wanted.grade, wanted.name)


def _tenths(text: str) -> int | None:
    try:
        return round(float(code_text(text)) * 10) if text else None
    except (ValueError, OverflowError):
        return None


_SEPARATORS = str.maketrans(dict.fromkeys("、，,;；/", " "))
