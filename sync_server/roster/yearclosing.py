"""Ends a school year: shown exactly before it is done, done whole or not at all, and never twice (R11, R12, R13)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from casebook.rules.calendar import SchoolCalendar, Term
from sync_server import access, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.lives import Lives
from sync_server.office import Office
from sync_server.roster import register
from sync_server.roster.roll import GRADUATE
from sync_server.roster.yearend import ChildMove, Choices, Circumstances, YearEnd, plan_year_end
from sync_server.store import base_figures, roll_events, typed
from sync_server.store import register as kept
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.store.register import Authorship
from sync_server.store.roll_events import DONE, ENTERED, RollEvent

YEAR = "year"
LATEST = dt.timedelta(days=31)  # after the next year has begun: who comes later has begun it another way
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Closed:
    """A year that was closed: when, by whom, and how many children went where."""

    year: str
    at: str
    account: str
    promoted: int
    graduated: int
    stayed: int


@dataclass(frozen=True)
class Outlook:
    """The year that can be closed now with its plan, and wording keys of what stands against it; or no year at all."""

    plan: YearEnd | None = None
    faults: tuple[str, ...] = ()
    closed: tuple[Closed, ...] = ()

    @property
    def may_go_on(self) -> bool:
        """Whether it can be closed as planned."""
        return self.plan is not None and not self.faults and not self.plan.undecided


class YearClosing:
    """The ends of the school years of one school. `clock` gives aware times in the school's zone."""

    def __init__(
        self, store: Store, school: str, office: Office, lives: Lives, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store, self._school, self._office, self._lives, self._clock = store, school, office, lives, clock

    def look(self, actor: Account, choices: Choices) -> Outlook:
        """What closing the year would do now. Raises NotAllowed."""
        access.require(actor, Verb.KEEP_REGISTER)
        with self._store.read() as conn:
            return self._outlook(conn, choices)

    def close(self, actor: Account, choices: Choices, seen: str) -> tuple[bool, Outlook]:
        """Does exactly what the preview of the fingerprint `seen` showed, in one transaction; else nothing.

        Raises NotAllowed.
        """
        access.require(actor, Verb.KEEP_REGISTER)

        def write(conn: Connection) -> tuple[bool, Outlook]:
            found = self._outlook(conn, choices)
            if found.plan is None or not found.may_go_on or found.plan.sha256 != seen:
                return False, found
            self._close(conn, actor, found.plan)
            return True, found

        return self._store.run_tx(write)

    def _outlook(self, conn: Connection, choices: Choices) -> Outlook:
        calendar = self._lives.world(conn).calendar
        closed = tuple(self._closed(conn))
        last = ended(calendar, self._clock().date())
        if last is None:
            return Outlook(None, ("yearend.fault.running",), closed)
        year = year_of(last)
        if any(one.year == year for one in closed):
            return Outlook(None, ("yearend.fault.done",), closed)
        began = kept.oldest_at(conn, self._school)[:10]
        if not began or began > last.last.isoformat():
            return Outlook(None, ("yearend.fault.fresh",), closed)
        now = register.load(conn, self._school)
        in_case = frozenset(life.child.case for life in self._lives.all(conn) if life.is_open)
        around = Circumstances(year, (last.last + _DAY).isoformat(), in_case)
        plan = plan_year_end(now, around, choices)
        return Outlook(plan, tuple(self._faults(conn, calendar, last)), closed)

    def _faults(self, conn: Connection, calendar: SchoolCalendar, last: Term) -> list[str]:
        """What must be settled first, as wording keys."""
        coming, found = next_year(calendar, last), []
        if coming is not None and self._clock().date() > coming.first + LATEST:
            found.append("yearend.fault.late")
        if any(one.status == ENTERED for one in roll_events.of_school(conn, self._school)):
            found.append("yearend.fault.waiting")
        if coming is not None and base_figures.of_term(conn, self._school, coming.term):
            found.append("yearend.fault.frozen")
        return found

    def _close(self, conn: Connection, actor: Account, plan: YearEnd) -> None:
        at, counts = self._clock().isoformat(timespec="seconds"), plan.counts()
        body = {"year": plan.year, "on": plan.around.on, "plan": plan.sha256, **counts}
        self._office.write(conn, actor, YEAR, None, body=body)
        for one in plan.children:
            if one.chosen or one.step == GRADUATE:
                self._enter(conn, actor, plan, one, at)
        register.write(conn, self._school, plan.nouns, Authorship(actor.id, at, f"{register.YEAR}{plan.year}"))
        audit.note(conn, actor, at, Act.CLOSE_YEAR, f"year:{plan.year}", plan=plan.sha256, **counts)

    def _enter(self, conn: Connection, actor: Account, plan: YearEnd, one: ChildMove, at: str) -> None:
        """What happened to one child, sealed; the register follows for all together."""
        before, event, on = one.before, uuid.uuid4().hex, plan.around.on
        facts = {"before": before.roll_status, "year": plan.year}
        body = {"event": event, "kind": one.step, "step": "entered", "on": on, **facts}
        says = {"roll_status": one.after.roll_status} if one.after.roll_status != before.roll_status else {}
        rid = self._office.write(conn, actor, "roll", before.id, body=body, set=says).rid
        roll_events.add(conn, self._school, RollEvent(
            event, before.id, one.step, DONE, before.class_id, on, None, rid, actor.id, at, facts,
        ))  # fmt: skip

    def _closed(self, conn: Connection) -> list[Closed]:
        """The years that were closed, the newest first."""
        found = typed.of_type(conn, self._school, YEAR)
        return [
            Closed(body["year"], entry.record.at.started, entry.record.author, body["promoted"], body["graduated"],
                   body["stayed"])
            for entry in reversed(found) for body in [entry.record.body]
        ]  # fmt: skip


def year_of(term: Term) -> str:
    """The school year of a term: 2025-2026."""
    return term.term.rpartition("-")[0]


def ended(calendar: SchoolCalendar, today: dt.date) -> Term | None:
    """The last term of the newest school year that is over; no year is over while its second term is unknown."""
    over = [term for term in calendar.terms if term.term.endswith("-2") and term.last < today]
    return over[-1] if over else None


def next_year(calendar: SchoolCalendar, last: Term) -> Term | None:
    """The first term of the school year that follows, if the calendar knows it."""
    first = int(year_of(last).partition("-")[2])
    return next((term for term in calendar.terms if term.term == f"{first}-{first + 1}-1"), None)
