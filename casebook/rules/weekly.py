"""The week of a class, computed from headcounts and leaves; what changed later is shown with its history (R21)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise

from casebook.rules.attendance import ROLL_SESSIONS, UNEXCUSED, Attendance, Count, Discrepancy
from casebook.rules.calendar import SchoolCalendar
from casebook.rules.facts import Fact, Leave

_WEEK = dt.timedelta(days=6)


@dataclass(frozen=True)
class Change:
    """A child's kind of absence that was changed after it had been reported: from what to what, by whom, why."""

    student: str
    was: str
    now: str
    author: str
    reason: str
    source: str
    at: dt.datetime


@dataclass(frozen=True)
class ClassDay:
    """One school day of a class: heads, kinds of absence as they stand now, unexcused names, changes, disagreements."""

    day: dt.date
    reported: bool
    expected: int = 0
    present: int = 0
    kinds: Mapping[str, int] | None = None
    unexcused: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    discrepancies: tuple[Discrepancy, ...] = ()


@dataclass(frozen=True)
class Week:
    """The week of a class. Signed over `basis`: the records it rests on; another basis reopens the week (R21)."""

    class_id: str
    first: dt.date
    days: tuple[ClassDay, ...]
    basis: tuple[str, ...]

    @property
    def totals(self) -> Mapping[str, int]:
        """Kinds of absence of the whole week: the sum of its days."""
        total: Counter[str] = Counter()
        for day in self.days:
            total.update(day.kinds or {})
        return dict(total)

    @property
    def unchanged(self) -> bool:
        """Whether `no change` must be written, not left blank."""
        return not any(day.changes for day in self.days)


def week(
    class_id: str, first: dt.date, attendance: Attendance, calendar: SchoolCalendar,
    leaves: Mapping[str, Iterable[Leave]],
) -> Week:  # fmt: skip
    """The week that begins on `first`; `leaves` are those of the children of the class, by child."""
    held = calendar.between(first, first + _WEEK)
    standing = {student: [leave for leave in of if not leave.withdrawn] for student, of in leaves.items()}
    days = tuple(_class_day(class_id, day, attendance, standing) for day in held)
    counts = chain.from_iterable(attendance.of(class_id, day).values() for day in held)
    used = (leave.rid for leave in chain.from_iterable(standing.values()) if leave.last >= first)
    return Week(class_id, first, days, tuple(sorted({*(count.rid for count in counts), *used})))


def _class_day(
    class_id: str, day: dt.date, attendance: Attendance, leaves: Mapping[str, list[Leave]]
) -> ClassDay:
    counts = attendance.of(class_id, day)
    count = next((counts[session] for session in ROLL_SESSIONS if session in counts), None)
    if count is None:
        return ClassDay(day, reported=False)
    now = {student: _kind_now(kind, day, leaves.get(student, ())) for student, kind in count.kinds.items()}
    return ClassDay(
        day, True, count.expected, count.present, dict(Counter(now.values())),
        tuple(sorted(student for student, kind in now.items() if kind in UNEXCUSED)),
        tuple(_changes(count, day, leaves)), tuple(attendance.discrepancies(class_id, day)),
    )  # fmt: skip


def _kind_now(kind: str, day: dt.date, leaves: Iterable[Leave]) -> str:
    """The kind as it stands: a leave that came later turns an unexcused absence into its own kind."""
    leave = next((leave for leave in leaves if leave.covers(day)), None)
    return leave.kind if leave and kind in UNEXCUSED else kind


def _changes(count: Count, day: dt.date, leaves: Mapping[str, list[Leave]]) -> Iterator[Change]:
    """Every kind that was another one before: by a correction of the headcount, or by a leave."""
    for one, other in pairwise(count.versions):
        for student, was, now in other.changes(one):
            yield _change(student, was, now, other.reason, other)
    for student, kind in sorted(count.kinds.items()):
        leave = next((leave for leave in leaves.get(student, ()) if leave.covers(day)), None)
        if leave and kind in UNEXCUSED:
            yield _change(student, kind, leave.kind, leave.reason, leave)


def _change(student: str, was: str, now: str, reason: str, by: Fact) -> Change:
    return Change(student, was, now, by.author, reason, by.rid, by.stamp.at)
