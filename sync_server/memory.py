"""What the process remembers of the archive, so that lives need not be read anew for every page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from copy import copy

from casebook import feeds
from casebook.casefile import Entry
from casebook.rules.absence import Child, World, child_from
from casebook.rules.attendance import Attendance, Count, attendance
from casebook.rules.calendar import SchoolCalendar
from casebook.rules.facts import Chronicle
from casebook.rules.reading import chronicle, stamp_of, with_visits
from sync_server import rulebook
from sync_server.store import facts, rows
from sync_server.store.engine import Connection
from sync_server.store.facts import Room

SCHOOL = ""  # stands for records of the school itself, which belong to no child
MANY = 40  # from so many on, reading everything at once is quicker


class Memory:
    """Headcounts, facts, children, calendar and rules of one school, up to one place `upto` of its log.

    `version` grows with every change; `children_touched` and `classes_touched` say in which version a child, or the
    headcounts of a class, last changed, and `era` when calendar or rules did.
    """

    def __init__(self, school: str, zone: dt.tzinfo) -> None:
        self._school, self._zone = school, zone
        self.upto, self.version, self.era = 0, 0, 0
        self.calendar, self.book = SchoolCalendar(), rulebook.default_book()
        self.attendance = Attendance()
        self.children: dict[str, Child] = {}
        self.class_of: dict[str, str] = {}
        self.cases: set[str] = set()
        self.children_touched: dict[str, int] = {}
        self.classes_touched: dict[str, int] = {}
        self._facts: dict[str, Chronicle] = {}
        self._offsets: dict[str, int] = {}
        self._to_come: dict[Room, dt.datetime] = {}

    def copy(self) -> Memory:
        """Another memory that begins with the same and then goes its own way."""
        other = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, dict | set):
                setattr(other, name, value.copy())
        return other

    def world(self, now: dt.datetime) -> World:
        """The school at the moment that was asked for when this memory was followed up."""
        return World(self.calendar, self.book, self.attendance, now)

    def follow(self, conn: Connection, upto: int, now: dt.datetime) -> None:
        """Reads on to `upto`, and lets in headcounts whose corrected time has come by `now`."""
        rooms = {room for room, moment in self._to_come.items() if moment <= now}
        if upto <= self.upto and not rooms:
            return
        self.version += 1
        if upto > self.upto:
            self._offsets |= facts.offsets(conn, self._school, self.upto, upto)
            self._follow_rows(conn, upto)
            self._follow_facts(conn, upto)
            rooms |= facts.changed_rooms(conn, self._school, self.upto, upto)
        if rooms:
            self._count(conn, rooms, now)
        self.upto = max(upto, self.upto)

    def as_of(self, moment: dt.datetime) -> Memory:
        """Another memory of the same log that lets in only headcounts captured by `moment`, to be followed with it.

        Those of which a later version is known are read anew; of records `Chronicle.until` leaves out what is later.
        """
        other = self.copy()
        by_room = {key: [*sessions.values()] for key, sessions in self.attendance.counts.items()}
        for key, lessons in self.attendance.lessons.items():
            by_room.setdefault(key, []).extend(lessons)
        later = {key for key, counts in by_room.items() if any(_captured(one) > moment for one in counts)}
        other.attendance = self.attendance.replacing(later, Attendance())
        other._to_come |= {Room(class_id, day.isoformat()): moment for class_id, day in later}
        return other

    def facts_of(self, conn: Connection, cases: Collection[str]) -> dict[str, Chronicle]:
        """The facts of these children, read where they are not yet."""
        lacking = [case for case in cases if case in self.cases and case not in self._facts]
        if len(lacking) > MANY:
            told = facts.of_all(conn, self._school)
        else:
            told = facts.of_cases(conn, self._school, [case for case in lacking if case != SCHOOL])
            if SCHOOL in lacking:
                told[None] = facts.of_school(conn, self._school)
        self._facts |= {case: self._chronicle(case, told.get(case or None, [])) for case in lacking}
        return {case: self._facts.get(case) or Chronicle(case) for case in cases}

    def _chronicle(self, case: str, entries: Iterable[Entry]) -> Chronicle:
        return chronicle(case, entries, self._offsets, self._zone)

    def _follow_rows(self, conn: Connection, upto: int) -> None:
        changed = rows.changed(conn, self._school, self.upto, upto)
        if feeds.CALENDAR in changed:
            self.calendar = SchoolCalendar.from_rows(rows.of_feed(conn, self._school, feeds.CALENDAR).values())
            self.era = self.version
        if feeds.RULES in changed:
            self.book = rulebook.book(conn, self._school)
            self.era = self.version
        keys = changed.get(feeds.STUDENTS, [])
        told = rows.of_feed(conn, self._school, feeds.STUDENTS, keys if len(keys) <= MANY else None)
        for key in keys:
            self.children.pop(key, None)
            self.class_of.pop(key, None)
            self.children_touched[key] = self.version
            if key in told:
                self.children[key] = child_from(told[key])
                self.class_of[key] = str(told[key].get("class_id") or "")

    def _follow_facts(self, conn: Connection, upto: int) -> None:
        fresh: dict[str | None, list[Entry]]
        after = self.upto
        if upto - after <= MANY:
            fresh = facts.fresh(conn, self._school, after, upto)
        else:
            fresh = {case: [] for case in facts.changed_cases(conn, self._school, after, upto)}
        for found, entries in fresh.items():
            case = found or SCHOOL
            self.cases.add(case)
            self.children_touched[case] = self.version
            told = self._facts.pop(case, None)
            grown = with_visits(told, entries, self._offsets, self._zone) if told and entries else None
            if grown:
                self._facts[case] = grown

    def _count(self, conn: Connection, rooms: set[Room], now: dt.datetime) -> None:
        """Counts some classes anew on some days; a new object, because lives that are handed out hold the old one."""
        former = self.attendance
        for room in rooms:
            self._to_come.pop(room, None)
            self._touch(former, room)
        every = len(rooms) > MANY
        fresh = self._counted(facts.headcounts(conn, self._school, None if every else rooms), now)
        keys = {(room.class_id, dt.date.fromisoformat(room.day)) for room in rooms}
        self.attendance = fresh if every else former.replacing(keys, fresh)
        for room in rooms:
            self._touch(self.attendance, room)

    def _counted(self, entries: list[Entry], now: dt.datetime) -> Attendance:
        captured = []
        for entry in entries:
            moment = stamp_of(entry, self._offsets, self._zone).at
            if moment <= now:
                captured.append(entry)
                continue
            room = Room(entry.record.body["class"], entry.record.body["day"])
            self._to_come[room] = min(moment, self._to_come.get(room, moment))
        return attendance(captured, self._offsets, self._zone)

    def _touch(self, counted: Attendance, room: Room) -> None:
        """Whoever is named, and the class as a whole for those who are followed day by day."""
        self.classes_touched[room.class_id] = self.version
        sessions = counted.of(room.class_id, dt.date.fromisoformat(room.day)).values()
        for student in {student for count in sessions for student in _named(count)}:
            self.children_touched[student] = self.version


def _captured(count: Count) -> dt.datetime:
    """When the newest of all its versions was captured."""
    return max(one.stamp.at for one in (count, *count.former, *count.rivals))


def _named(count: Count) -> set[str]:
    return {student for one in (count, *count.rivals) for student in one.kinds}
