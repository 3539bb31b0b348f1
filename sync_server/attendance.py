"""Headcounts at school: who reported, who is late, where heads disagree; entering and correcting one (R18–R24)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from casebook.days import day_written
from casebook.errors import NoSuchPage, NotAllowed
from casebook.kinds.headcount import ABSENCE_KINDS, AWAY_KINDS, LESSON
from casebook.rules.absence import World
from casebook.rules.attendance import ROLL_SESSIONS, Count, Discrepancy
from casebook.rules.due import MET_LATE, OVERDUE, Deadline
from casebook.rules.school_deadlines import daily_reports
from sync_server import access, audit
from sync_server.access import Subject, Verb
from sync_server.audit import Act
from sync_server.lives import Lives
from sync_server.office import Office
from sync_server.roster.lookback import rooms_on
from sync_server.store import class_lists, rows
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store

MISSING, LATE, UNEQUAL, DONE, OPEN = "missing", "late", "unequal", "done", "open"
STATES = (MISSING, UNEQUAL, LATE, OPEN, DONE)
DUTY, ROLL = "duty", "roll"
LONGEST = 400


@dataclass(frozen=True)
class Session:
    """One report that a class owes or made: `count` is None until it came, `due` None where none is demanded."""

    session: str
    due: Deadline | None
    count: Count | None
    status: str = ""

    @property
    def first(self) -> Count | None:
        """The report as it was first made: what is on time or late."""
        return self.count.versions[0] if self.count else None

    @property
    def kinds(self) -> Mapping[str, int]:
        """Absences by kind."""
        return Counter(self.count.kinds.values()) if self.count else {}


@dataclass(frozen=True)
class ClassDay:
    """A class on one school day. `state` is the worst thing about it: missing, unequal, late, open or done."""

    room: Mapping[str, Any]
    size: int
    sessions: tuple[Session, ...]
    checks: tuple[Count, ...]
    discrepancies: tuple[Discrepancy, ...]

    @property
    def state(self) -> str:
        """What people must look at first."""
        statuses = {one.status for one in self.sessions}
        found = {
            MISSING: OVERDUE in statuses, UNEQUAL: bool(self.discrepancies), LATE: MET_LATE in statuses,
            OPEN: any(one.due and one.count is None for one in self.sessions),
        }  # fmt: skip
        return next((state for state in STATES if found.get(state)), DONE)


@dataclass(frozen=True)
class Roll:
    """A headcount as somebody enters it: absent children with their kinds; `reason` where another one stands."""

    class_id: str
    day: str
    session: str
    absent: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


class AttendanceDesk:
    """The headcounts of one school. `clock` gives aware times in the school's zone."""

    def __init__(
        self, store: Store, school: str, lives: Lives, office: Office, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store, self._school, self._lives, self._office, self._clock = store, school, lives, office, clock

    def day(self, conn: Connection, account: Account, day: dt.date) -> list[ClassDay]:
        """The classes that the account may see on one day, what burns first. Raises NotAllowed."""
        rooms = self._rooms(conn, account, day)
        world, sizes = self._lives.world(conn), class_lists.sizes(conn, self._school)
        every = [class_day(world, room, sizes.get(id, 0), day) for id, room in rooms.items()]
        found = [one for one in every if one.size or one.sessions or one.checks]  # a new class is empty for a while
        by_grade = sorted(found, key=lambda one: (one.room.get("grade", 0), one.room["name"]))
        return sorted(by_grade, key=lambda one: STATES.index(one.state))

    def one(self, conn: Connection, account: Account, class_id: str, day: dt.date) -> ClassDay:
        """One class on one day. Raises NotAllowed, NoSuchPage."""
        access.require(account, Verb.READ_HEADCOUNT, Subject("", class_id))
        room = rooms_on(conn, self._school, day).get(class_id)
        if room is None:
            raise NoSuchPage()
        size = len(class_lists.of_class(conn, self._school, class_id))
        return class_day(self._lives.world(conn), room, size, day)

    def names(self, conn: Connection, class_day: ClassDay, account: Account) -> list[Mapping[str, Any]]:
        """The children of the class, for who may list them; a duty checker sees them once a gap was found."""
        if not may_see_names(account, class_day):
            return []
        listed = class_lists.of_class(conn, self._school, class_day.room["id"])
        named = {student for one in class_day.sessions if one.count for student in one.count.kinds}
        moved = named - {one["id"] for one in listed}
        return [*listed, *rows.of_feed(conn, self._school, "students", moved).values()]

    def faults(self, conn: Connection, roll: Roll) -> list[str]:
        """Wording keys of what is wrong with a headcount before it is written."""
        world, day = self._lives.world(conn), day_written(roll.day)
        if day is None or not world.calendar.is_school_day(day) or day > world.today:
            return ["attendance.fault.day"]
        standing = world.attendance.of(roll.class_id, day).get(roll.session)
        found = [] if roll.session in ROLL_SESSIONS else ["attendance.fault.session"]
        known = {one["id"] for one in class_lists.of_class(conn, self._school, roll.class_id)}
        known |= set(standing.kinds) if standing else set()
        if not set(roll.absent.values()) <= ABSENCE_KINDS or not roll.absent.keys() <= known:
            found.append("attendance.fault.kind")
        if standing and not roll.reason.strip():
            found.append("attendance.fault.reason")
        if standing and standing.kinds == dict(roll.absent) and not standing.rivals:
            found.append("attendance.fault.same")
        return found

    def enter(self, account: Account, roll: Roll) -> list[str]:
        """Files a headcount, or a correction that keeps the old one, its author and the reason (R23).

        Returns wording keys of what is wrong; nothing is written then. Raises NotAllowed, NoSuchPage.
        """

        def write(conn: Connection) -> list[str]:
            self._require(conn, account, roll)
            faults = self.faults(conn, roll)
            if not faults:
                self._write(conn, account, self._body(conn, roll), self._replaced(conn, roll))
            return faults

        return self._store.run_tx(write)

    def check(self, account: Account, class_id: str, heads: str) -> list[str]:
        """Files an independent count of heads of now, without names (R24). Raises NotAllowed, NoSuchPage."""
        access.require(account, Verb.ENTER_HEADCOUNT, Subject("", class_id))

        def write(conn: Connection) -> list[str]:
            now = self._clock()
            size = self.one(conn, account, class_id, now.date()).size
            if not heads.isdecimal() or len(heads) > len(str(size)) or int(heads) > size:
                return ["attendance.fault.heads"]
            if not self._lives.world(conn).calendar.is_school_day(now.date()):
                return ["attendance.fault.day"]
            body = {
                "class": class_id, "day": now.date().isoformat(), "session": LESSON, "expected": size,
                "present": int(heads), "absent": [], "source": DUTY, "lesson": now.strftime("%H:%M"),
            }  # fmt: skip
            self._write(conn, account, body, [])
            return []

        return self._store.run_tx(write)

    def _rooms(self, conn: Connection, account: Account, day: dt.date) -> dict[str, Mapping[str, Any]]:
        within = access.reach(account, Verb.READ_HEADCOUNT)
        if not within.whole_school and not within.classes:
            raise NotAllowed(verb=Verb.READ_HEADCOUNT.value)
        every = rooms_on(conn, self._school, day)
        return {id: one for id, one in every.items() if within.whole_school or id in within.classes}

    def _require(self, conn: Connection, account: Account, roll: Roll) -> None:
        """Who sees no names may name the absent only where heads disagree (domain §1, duty checker)."""
        access.require(account, Verb.ENTER_HEADCOUNT, Subject("", roll.class_id))
        today = self._clock().date()
        day = min(day_written(roll.day) or today, today)
        if not may_see_names(account, self.one(conn, account, roll.class_id, day)):
            raise NotAllowed(verb=Verb.ENTER_HEADCOUNT.value)

    def _body(self, conn: Connection, roll: Roll) -> dict[str, Any]:
        standing = self._standing(conn, roll)
        listed = {one["id"] for one in class_lists.of_class(conn, self._school, roll.class_id)}
        expected = standing.expected if standing else len(listed | roll.absent.keys())
        away = sum(kind in AWAY_KINDS for kind in roll.absent.values())
        absent = [{"student": student, "kind": kind} for student, kind in sorted(roll.absent.items())]
        why = {"reason": roll.reason.strip()[:LONGEST]} if standing else {}
        return {
            "class": roll.class_id, "day": roll.day, "session": roll.session, "expected": expected,
            "present": expected - away, "absent": absent, "source": ROLL, **why,
        }  # fmt: skip

    def _replaced(self, conn: Connection, roll: Roll) -> list[str]:
        standing = self._standing(conn, roll)
        return [one.rid for one in (standing, *standing.rivals)] if standing else []

    def _standing(self, conn: Connection, roll: Roll) -> Count | None:
        day = dt.date.fromisoformat(roll.day)
        return self._lives.world(conn).attendance.of(roll.class_id, day).get(roll.session)

    def _write(self, conn: Connection, account: Account, body: Mapping[str, Any], amends: Sequence[str]) -> None:
        outcome = self._office.write(conn, account, "headcount", None, body=body, amends=amends)
        at = self._clock().isoformat(timespec="seconds")
        facts = {"day": body["day"], "session": body["session"], "rid": outcome.rid}
        audit.note(conn, account, at, Act.ENTER_HEADCOUNT, f"class:{body['class']}", **facts)


@dataclass(frozen=True)
class Version:
    """One version of a headcount: who wrote it when and why, and whose kinds it changed (child, was, now)."""

    count: Count
    changes: tuple[tuple[str, str, str], ...]


def versions(count: Count) -> list[Version]:
    """A headcount and everything it was before, oldest first (R23)."""
    later = (Version(other, tuple(other.changes(one))) for one, other in pairwise(count.versions))
    return [Version(count.versions[0], ()), *later]


def class_day(world: World, room: Mapping[str, Any], size: int, day: dt.date) -> ClassDay:
    """What a class reported on a day, against what it owed."""
    class_id = str(room["id"])
    counts = world.attendance.of(class_id, day)
    dues = daily_reports(class_id, day, world) if size or counts else ()  # an empty class owes nothing
    owed = {due.key.removeprefix("daily_report_"): due for due in dues}
    sessions = tuple(
        Session(name, owed.get(name), counts.get(name), owed[name].status(world.now) if name in owed else "")
        for name in ROLL_SESSIONS if name in owed or name in counts
    )  # fmt: skip
    checks = world.attendance.lessons.get((class_id, day), ())
    return ClassDay(room, size, sessions, checks, tuple(world.attendance.discrepancies(class_id, day)))


def may_see_names(account: Account, class_day: ClassDay) -> bool:
    """Whether the children of the class may be named to the account."""
    if access.allows(account, Verb.LIST_STUDENTS, Subject("", class_day.room["id"])):
        return True
    return access.allows(account, Verb.ENTER_HEADCOUNT, Subject("", class_day.room["id"])) and found_gap(class_day)


def found_gap(class_day: ClassDay) -> bool:
    """Whether heads disagree, or heads were missed in a check while the class has reported nothing."""
    reported = any(one.count for one in class_day.sessions)
    return bool(class_day.discrepancies) or (not reported and any(one.away for one in class_day.checks))
