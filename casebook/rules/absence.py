"""From headcounts and leaves to the days of one child, and to incidents: unbroken runs of unexcused school days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from casebook.kinds.headcount import AWAY_KINDS
from casebook.rules.attendance import NOT_EXPECTED, UNEXCUSED, Attendance, Count
from casebook.rules.calendar import SchoolCalendar
from casebook.rules.facts import Chronicle, Leave, day_from
from casebook.rules.rulebook import Rulebook

PRESENT, EXCUSED, ABSENT, ELSEWHERE, UNKNOWN = "present", "excused", "unexcused", "elsewhere", "unknown"


@dataclass(frozen=True)
class Stay:
    """A child belongs to a class from one day to another (None: still)."""

    class_id: str
    first: dt.date
    last: dt.date | None = None


@dataclass(frozen=True)
class Child:
    """What the roster says of a child: its classes, whether its leaves must be checked by a call (R17), its standing.

    `standing` is the one on the roll (domain 4.12), blank for the usual one; `key_since` the day on which a key student
    became one, where the register remembers it without.
    """

    case: str
    stays: tuple[Stay, ...]
    key: bool = False
    standing: str = ""
    key_since: dt.date = dt.date.min

    def class_on(self, day: dt.date) -> str | None:
        """The class on that day, None when the child was not on the roll."""
        for stay in self.stays:
            if stay.first <= day and (stay.last is None or day <= stay.last):
                return stay.class_id
        return None


def child_from(row: Mapping[str, Any]) -> Child:
    """The child of a row of the students feed; without `stays` (class, first day, last day or None) it never moved.

    A child is a key student by the flags that everybody may see, so that all computers reckon alike.
    """
    told = row.get("stays") or [(row.get("class_id") or "", dt.date.min.isoformat(), None)]
    stays = tuple(Stay(class_id, dt.date.fromisoformat(first), dt.date.fromisoformat(last) if last else None)
                  for class_id, first, last in told)  # fmt: skip
    since = day_from(row.get("key_since")) or dt.date.min
    return Child(str(row["id"]), stays, bool(row.get("key_flags")), str(row.get("roll_status") or ""), since)


@dataclass(frozen=True)
class World:
    """What is the same for all children of a school: calendar, rules, headcounts and the present moment."""

    calendar: SchoolCalendar
    book: Rulebook
    attendance: Attendance
    now: dt.datetime

    @property
    def today(self) -> dt.date:
        """The local day of now."""
        return self.now.date()


@dataclass(frozen=True)
class Day:
    """One school day of a child. `reported` is what the class said, before any leave; `cover` is the excuse's record.

    `assumed`: nobody reported the class, and silence does not bring a missing child back (R23).
    """

    day: dt.date
    status: str
    reported: str
    source: str = ""
    kind: str = ""
    cover: str = ""
    assumed: bool = False
    partly: bool = False


@dataclass(frozen=True)
class Run:
    """An unbroken run of school days reported unexcused; `covered` when an excuse came for all of them.

    `ended_on` is the school day on which it was over, None while it lasts.
    """

    days: tuple[Day, ...]
    covered: bool
    ended_on: dt.date | None

    @property
    def first(self) -> dt.date:
        """The first day."""
        return self.days[0].day

    @property
    def last(self) -> dt.date:
        """The last day counted so far."""
        return self.days[-1].day

    def reaches(self, day: dt.date, world: World) -> bool:
        """Whether the child is still away on `day`, which may be a day without class in the middle of the run."""
        if day < self.first or day > world.today:
            return False
        if day <= self.last:
            return True
        return not world.calendar.is_school_day(day) and (self.ended_on is None or day < self.ended_on)


def days_of(child: Child, facts: Chronicle, world: World) -> tuple[Day, ...]:
    """The school days of a child from the first one that says anything to today."""
    missing = world.attendance.missing.get(child.case, {})
    returns = [deed.day() for deed in facts.done("returned")]
    first = min([*missing, *facts.absences, *returns], default=None)
    if first is None:
        return ()
    valid = [leave for leave in facts.leaves if stands(leave, child, world)]
    said = [_reported(child, facts, world, day, missing.get(day, {}), day in returns)
            for day in world.calendar.between(first, world.today)]  # fmt: skip
    excused = _excused_by_visit([_excused_by_leave(day, valid) for day in said] if valid else said, facts)
    return _carried(excused, world.today)


def runs_of(days: Iterable[Day]) -> tuple[Run, ...]:
    """The runs of days reported unexcused; where an excuse begins or ends, another run begins."""
    known = list(days)
    after = {one.day: other.day for one, other in pairwise(known)}
    found = []
    for (absent, covered), group in groupby(known, lambda day: (day.reported == ABSENT, bool(day.cover))):
        if absent:
            run = tuple(group)
            found.append(Run(run, covered, after.get(run[-1].day)))
    return tuple(found)


def _reported(
    child: Child, facts: Chronicle, world: World, day: dt.date, away: Mapping[str, Count], returned: bool
) -> Day:
    """What the class said of the child that day; who is seen in one session was in school."""
    class_id = child.class_on(day)
    held = world.attendance.of(class_id, day) if class_id else {}
    if held and not away and not any(child.case in count.misses for count in held.values()):
        return Day(day, PRESENT, PRESENT, next(iter(held.values())).rid)
    away = {session: count for session, count in away.items() if session not in held} | _named(child, held)
    noted = facts.absences.get(day, "")
    seen = next((count.rid for session, count in held.items() if session not in away), "")
    if returned or seen:
        return Day(day, PRESENT, PRESENT, seen, partly=bool(away))
    if class_id is None and not away:
        return Day(day, ELSEWHERE, ELSEWHERE)
    if not away:
        return Day(day, ABSENT, ABSENT, noted, "unexcused") if noted else Day(day, UNKNOWN, UNKNOWN)
    kinds = {count.kinds[child.case]: count for count in away.values()}
    kind = next((kind for kind in kinds if kind in UNEXCUSED), next(iter(kinds)))
    status = _status(kind, child, world, kinds[kind])
    return Day(day, status, status, kinds[kind].rid, kind)


def _named(child: Child, held: Mapping[str, Count]) -> dict[str, Count]:
    """The sessions in which the child's own class names it as away: of its children a class knows better than another,
    whose telephone may not know yet that a child has moved.
    """
    return {session: one for session, count in held.items() for one in (*count.rivals, count)
            if one.kinds.get(child.case) in AWAY_KINDS}  # fmt: skip


def _status(kind: str, child: Child, world: World, count: Count) -> str:
    """A claimed leave of a child that must be called back stands for a day only (R17)."""
    if kind in NOT_EXPECTED:
        return ELSEWHERE
    hours = world.book.on(count.day).number("leave_verify")
    unverified = child.key and world.now - count.stamp.at > dt.timedelta(hours=hours)
    return ABSENT if kind in UNEXCUSED or unverified else EXCUSED


def stands(leave: Leave, child: Child, world: World) -> bool:
    """Whether a leave counts: one that had to be called back and was not counts for a day only (R17)."""
    hours = world.book.on(leave.first).number("leave_verify")
    waiting = world.now - leave.stamp.at <= dt.timedelta(hours=hours)
    return not child.key or leave.verified is not None or waiting


def _excused_by_leave(day: Day, leaves: list[Leave]) -> Day:
    leave = next((leave for leave in leaves if leave.covers(day.day)), None)
    if leave is None or day.status not in (ABSENT, EXCUSED, UNKNOWN):
        return day
    claimed = day.kind not in UNEXCUSED  # a claimed leave that is proved was never an incident
    return replace(day, status=EXCUSED, reported=EXCUSED if claimed else day.reported, cover=leave.rid)


def _excused_by_visit(days: list[Day], facts: Chronicle) -> list[Day]:
    """A proper reason with its proof, found at home, excuses the run it was found in, until the promised day (R25)."""
    found = list(days)
    written = {leave.rid: leave.stamp.at for leave in facts.leaves}
    for contact in facts.contacts:
        if contact.text("excuse") in ("", "none") or not contact.text("proof"):
            continue
        back, start = contact.day_said("back_on"), _start_of_run(found, contact.stamp.day)
        for place in range(start, len(found)):
            day = found[place]
            if day.day > contact.stamp.day and (back is None or day.day >= back):
                break
            if day.status == PRESENT:
                break
            later = written.get(day.cover, contact.stamp.at) > contact.stamp.at
            if day.status in (ABSENT, UNKNOWN) or later:
                found[place] = replace(day, status=EXCUSED, cover=contact.rid)
    return found


def _start_of_run(days: list[Day], on: dt.date) -> int:
    """Where the run begins that the child was in on day `on`; the end of the list when it was in none."""
    place = sum(day.day <= on for day in days)
    while place and (days[place - 1].status == UNKNOWN or days[place - 1].reported == ABSENT):
        place -= 1
    return place


def _carried(days: list[Day], today: dt.date) -> tuple[Day, ...]:
    """A class that reports nothing does not bring an absent child back: past days are assumed to go on."""
    found: list[Day] = []
    for day in days:
        before = found[-1] if found else None
        if day.status == UNKNOWN and before and before.status == ABSENT and day.day < today:
            day = replace(before, day=day.day, assumed=True)
        found.append(day)
    while found and found[-1].status == UNKNOWN:
        found.pop()
    return tuple(found)
