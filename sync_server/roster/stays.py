"""In which class a child was from when to when, and since when a key student, out of the register's history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence

from casebook.rules.absence import Stay
from sync_server.registry import AWAY, RESTRICTED_FLAGS, Student
from sync_server.roster.roll import KINDS
from sync_server.store import register, roll_events
from sync_server.store.engine import Connection
from sync_server.store.roll_events import RollEvent

_DAY = dt.timedelta(days=1)
Move = tuple[dt.date, str, str]  # on which day, from which class, to which


def stays_of(conn: Connection, school: str, students: Collection[Student]) -> dict[str, list[list[str | None]]]:
    """Child -> [class, first day, last day or None] of all stays, as the students feed says them.

    Children who have always been where they are need not be told of.
    """
    ids = {student.id for student in students}
    moves = _moves(conn, school, ids)
    events: dict[str, list[RollEvent]] = {}
    for event in roll_events.of_school(conn, school):
        if event.student in ids and event.status == roll_events.DONE and KINDS[event.kind].change:
            events.setdefault(event.student, []).append(event)
    found = {}
    for student in students:
        if student.id in moves or student.id in events or _is_off(student):
            known = stays(student, moves.get(student.id, ()), events.get(student.id, ()))
            found[student.id] = [_told(stay) for stay in known] or [[student.class_id, _NEVER, _NEVER]]
    return found


def key_since_of(conn: Connection, school: str, students: Collection[Student]) -> dict[str, str]:
    """Child -> the day on which it became a key student, where the register remembers it as none (R41)."""
    ids = sorted(student.id for student in students if _is_key(student.key_flags))
    found = {}
    for change in register.replaced(conn, school, register.STUDENT, ids):
        was, now = (_is_key(said.get("key_flags") or ()) for said in (change.before or {}, change.after))
        if now and not was:
            found[change.key] = dt.datetime.fromisoformat(change.at).date().isoformat()
    return found


def stays(student: Student, moves: Sequence[Move], events: Iterable[RollEvent]) -> tuple[Stay, ...]:
    """The stays of one child: from class to class, without the days on which it was not on the class list (R13)."""
    on_list = list(_on_list(student, events))
    return tuple(
        Stay(class_id, max(first, since), _earlier(last, until))
        for class_id, first, last in _classes(student, sorted(moves))
        for since, until in on_list
        if first <= (until or dt.date.max) and since <= (last or dt.date.max)
    )


_NEVER = dt.date.min.isoformat()


def _classes(student: Student, moves: Sequence[Move]) -> Iterator[tuple[str, dt.date, dt.date | None]]:
    """Class after class, each until the day before the next move."""
    first = dt.date.min
    for day, former, _ in moves:
        if day > first:
            yield former, first, day - _DAY
        first = day
    yield student.class_id, first, None


def _on_list(student: Student, events: Iterable[RollEvent]) -> Iterator[tuple[dt.date, dt.date | None]]:
    """From when to when the child was on a class list; who came by an event was on none before."""
    ordered = sorted(events, key=lambda event: (event.on_day, event.at))
    since: dt.date | None = dt.date.min
    if (ordered and KINDS[ordered[0].kind].change > 0) or (not ordered and _is_off(student)):
        since = None
    for event in ordered:
        day = dt.date.fromisoformat(event.on_day)
        if KINDS[event.kind].change > 0:
            since = since or day
        elif since is not None:
            if day > since:
                yield since, day - _DAY
            since = None
    if since is not None:
        yield since, None


def _moves(conn: Connection, school: str, ids: Collection[str]) -> dict[str, list[Move]]:
    found: dict[str, list[Move]] = {}
    for change in register.replaced(conn, school, register.STUDENT, sorted(ids)):
        former, later = ((change.before or {}).get("class_id"), change.after.get("class_id"))
        if former and later and former != later:
            day = dt.datetime.fromisoformat(change.at).date()
            found.setdefault(change.key, []).append((day, str(former), str(later)))
    return found


def _is_key(flags: Iterable[str]) -> bool:
    """By the flags that everybody may see: those kept for few make nobody a key student (4.7)."""
    return not RESTRICTED_FLAGS.issuperset(flags)


def _is_off(student: Student) -> bool:
    return student.roll_status in AWAY or student.roll_status == "suspended"


def _earlier(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _told(stay: Stay) -> list[str | None]:
    return [stay.class_id, stay.first.isoformat(), stay.last.isoformat() if stay.last else None]
