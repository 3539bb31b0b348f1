"""Freezes the base figure of each class (R11) and reckons from it to the children there are now (R13), by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from casebook import feeds
from sync_server import access, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.registry import SchoolClass
from sync_server.roster import register
from sync_server.roster.lookback import as_of
from sync_server.roster.register import Register
from sync_server.roster.roll import KINDS
from sync_server.store import base_figures, roll_events, rows
from sync_server.store.accounts import Account
from sync_server.store.base_figures import BaseFigure
from sync_server.store.engine import Connection, Store
from sync_server.store.register import CLASS
from sync_server.store.roll_events import DONE, RollEvent

MOVED, ADDED, UNEXPLAINED = "moved", "added", "unexplained"


@dataclass(frozen=True)
class Step:
    """A child that came or went since the base figure, why, and the event that says so."""

    student: str
    reason: str  # a kind of event, or MOVED, ADDED, UNEXPLAINED
    event: str = ""


@dataclass(frozen=True)
class Reckoning:
    """Base - out + in = now, each with its names; `base` is None until somebody freezes it."""

    room: SchoolClass
    base: BaseFigure | None
    now: tuple[str, ...]
    out: tuple[Step, ...] = ()
    came: tuple[Step, ...] = ()

    @property
    def open_questions(self) -> int:
        """Children of whom no event says why they came or went."""
        return sum(step.reason in (ADDED, UNEXPLAINED) for step in (*self.out, *self.came))


@dataclass(frozen=True)
class Happened:
    """What happened since: events of the roll, and who was in which base."""

    events: Sequence[RollEvent]
    bases: Mapping[str, BaseFigure]


def reckon(now: Register, room: SchoolClass, happened: Happened) -> Reckoning:
    """From the base figure of one class to the children on its list now."""
    listed = tuple(one.id for one in now.on_list(room.id))
    base = happened.bases.get(room.id)
    if base is None:
        return Reckoning(room, None, listed)
    here, then = set(listed), set(base.students)
    gone = [id for id in base.students if id not in here]
    new = [id for id in listed if id not in then]
    out = tuple(_why_out(now, id, room, base, happened) for id in gone)
    return Reckoning(room, base, listed, out, tuple(_why_in(id, base, happened) for id in new))


def _why_out(now: Register, student: str, room: SchoolClass, base: BaseFigure, happened: Happened) -> Step:
    event = _last_event(student, base, happened, -1)
    if event is not None:
        return Step(student, event.kind, event.event)
    child = now.students.get(student)
    return Step(student, MOVED if child is not None and child.class_id != room.id else UNEXPLAINED)


def _why_in(student: str, base: BaseFigure, happened: Happened) -> Step:
    event = _last_event(student, base, happened, +1)
    if event is not None:
        return Step(student, event.kind, event.event)
    elsewhere = any(student in other.students for id, other in happened.bases.items() if id != base.class_id)
    return Step(student, MOVED if elsewhere else ADDED)


def _last_event(student: str, base: BaseFigure, happened: Happened, change: int) -> RollEvent | None:
    """The last event in effect since the base was frozen that takes the child off the list (-1) or onto it (+1)."""
    since = [
        one for one in happened.events
        if one.student == student and one.status == DONE and KINDS[one.kind].change == change
        and (one.decided_at or one.at) >= base.at
    ]  # fmt: skip
    return max(since, key=lambda one: one.decided_at or one.at, default=None)


class Figures:
    """The base figures of one school. `clock` gives aware times in the school's zone."""

    def __init__(self, store: Store, school: str, clock: Callable[[], dt.datetime]) -> None:
        self._store, self._school, self._clock = store, school, clock

    def terms(self, conn: Connection) -> list[str]:
        """The terms of the calendar, the newest first."""
        found = rows.of_feed(conn, self._school, feeds.CALENDAR).values()
        return [str(term["term"]) for term in sorted(found, key=lambda term: term["first"], reverse=True)]

    def term_now(self, conn: Connection) -> str:
        """The term of today, else the next one, else the last."""
        found = sorted(rows.of_feed(conn, self._school, feeds.CALENDAR).values(), key=lambda term: term["first"])
        today = self._clock().date().isoformat()
        upcoming = [str(term["term"]) for term in found if term["last"] >= today]
        return upcoming[0] if upcoming else str(found[-1]["term"]) if found else ""

    def reckonings(self, conn: Connection, now: Register, term: str) -> list[Reckoning]:
        """Every class with its base figure in `term` and the way from there to now, or to the end of the term."""
        bases = base_figures.of_term(conn, self._school, term)
        happened = Happened(roll_events.of_school(conn, self._school), bases)
        then = as_of(conn, self._school, now, self._day_in(conn, term))
        return [reckon(then, room, happened) for room in then.ordered_classes()]

    def _day_in(self, conn: Connection, term: str) -> dt.date:
        """Today, or the last day of the term once it is over: what a year's end changed later is none of its affair."""
        row = rows.one(conn, self._school, feeds.CALENDAR, term)
        today = self._clock().date()
        return min(today, dt.date.fromisoformat(str(row["last"]))) if row else today

    def freeze(self, actor: Account, term: str, class_ids: Iterable[str]) -> int:
        """Freezes the classes that are not frozen in this term yet; returns how many were. Raises NotAllowed."""
        access.require(actor, Verb.KEEP_REGISTER)
        wanted = list(class_ids)

        def write(conn: Connection) -> int:
            now, at = register.load(conn, self._school), self._clock().isoformat(timespec="seconds")
            done = base_figures.of_term(conn, self._school, term)
            known = term in self.terms(conn)
            taught = {room.id: room for room in now.ordered_classes()}
            fresh = [taught[id] for id in wanted if id in taught and id not in done] if known else []
            for room in fresh:
                listed = tuple(one.id for one in now.on_list(room.id))
                figure = BaseFigure(term, room.id, room.name, len(listed), listed, actor.id, at)
                base_figures.add(conn, self._school, figure)
                audit.note(conn, actor, at, Act.FREEZE_BASE, f"class:{room.id}", term=term, count=len(listed))
            register.publish(conn, self._school, now, {(CLASS, room.id) for room in fresh}, at)
            return len(fresh)

        return self._store.run_tx(write)
