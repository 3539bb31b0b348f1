"""What must be re-keyed into the national system (R16): changes of the roll and marks, each with its deadline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from casebook.days import day_written
from casebook.errors import AlreadyDecided, NoSuchPage
from casebook.kinds.roll import REKEYED
from casebook.rules.absence import World
from casebook.rules.deadlines import national_mark
from casebook.rules.due import OVERDUE, WARNED, Deadline, Kept
from casebook.rules.reckoning import reckon, warn_day
from sync_server import access, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.lives import Lives
from sync_server.office import Office
from sync_server.roster.roll import KINDS
from sync_server.roster.rollbook import AHEAD
from sync_server.store import roll_events
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.store.roll_events import DONE, RollEvent

RULE = "national_mark"
MARK = "mark"


@dataclass(frozen=True)
class Rekeying:
    """One line of the sheet: a change in effect since `day` (`event` is None for the mark of a case).

    `status` is one of the deadline's; `kept_by` is the account that entered it in the national system.
    """

    student: str
    kind: str
    day: dt.date
    deadline: Deadline
    status: str
    event: RollEvent | None = None
    kept_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody has entered it yet."""
        return self.deadline.kept is None

    @property
    def is_pressing(self) -> bool:
        """Whether it is late, or about to be."""
        return self.is_open and self.status in (OVERDUE, WARNED)


class Rekeyings:
    """The sheet of one school, out of the events of its roll and the lives of its children."""

    def __init__(
        self, store: Store, school: str, office: Office, lives: Lives, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store, self._school, self._office, self._lives, self._clock = store, school, office, lives, clock

    def lines(self, actor: Account) -> list[Rekeying]:
        """Everything, what is due first at the top and what is done below, the newest first. Raises NotAllowed."""
        access.require(actor, Verb.ENTER_ROLL_EVENT)
        with self._store.read() as conn:
            world = self._lives.world(conn)
            found = [*self._of_roll(conn, world), *self._of_cases(conn, world)]
        waiting = sorted((one for one in found if one.is_open), key=lambda one: one.deadline.due or dt.date.max)
        return [*waiting, *sorted((one for one in found if not one.is_open), key=_kept_on, reverse=True)]

    def tick(self, actor: Account, event: str, on: str) -> str:
        """Notes under seal that a change was entered on a day; the wording key of what is wrong, else blank.

        Raises NotAllowed, NoSuchPage, and AlreadyDecided when somebody has ticked it off before.
        """
        access.require(actor, Verb.ENTER_ROLL_EVENT)

        def write(conn: Connection) -> str:
            known = roll_events.one(conn, self._school, event)
            if known is None or known.status != DONE:
                raise NoSuchPage()
            if REKEYED in known.facts:
                raise AlreadyDecided()
            day = day_written(on)
            earliest = dt.date.fromisoformat(known.on_day) - AHEAD  # a change may be entered there before it holds here
            if day is None or not earliest <= day <= self._clock().date():
                return "rekeying.fault.day"
            self._keep(conn, actor, known, day)
            return ""

        return self._store.run_tx(write)

    def _keep(self, conn: Connection, actor: Account, known: RollEvent, day: dt.date) -> None:
        body = {"event": known.event, "kind": known.kind, "step": REKEYED, "on": day.isoformat()}
        amended = (known.decided_rid or known.rid,)
        rid = self._office.write(conn, actor, "roll", known.student, body=body, amends=amended).rid
        at = self._clock().isoformat(timespec="seconds")
        done = {"on": day.isoformat(), "rid": rid, "account": actor.id, "at": at}
        roll_events.note(conn, self._school, known.event, {**known.facts, REKEYED: done})
        audit.note(conn, actor, at, Act.REKEY_ROLL_EVENT, f"student:{known.student}", event=known.event)

    def _of_roll(self, conn: Connection, world: World) -> Iterator[Rekeying]:
        for event in roll_events.of_school(conn, self._school):
            if event.status == DONE and KINDS[event.kind].by_hand:  # a year's end goes in as one list there
                done = event.facts.get(REKEYED)
                kept = Kept(dt.date.fromisoformat(done["on"]), done["rid"]) if done else None
                due = _deadline(world, event, kept)
                by = str(done["account"]) if done else ""
                yield Rekeying(event.student, event.kind, effective(event), due, due.status(world.now), event, by)

    def _of_cases(self, conn: Connection, world: World) -> Iterator[Rekeying]:
        """Suspected and confirmed cases carry a mark there as well; it is noted as a step of the case."""
        for life in self._lives.all(conn):
            for due in national_mark(life):
                step, deed = life.entered("C2") or life.entered("C3"), life.done("marked")
                assert step is not None
                by = deed.author if deed else ""
                yield Rekeying(life.child.case, MARK, step.day, due, due.status(world.now), kept_by=by)


def effective(event: RollEvent) -> dt.date:
    """The day from which it is to be re-keyed: when it took effect here, or was approved, whichever is later."""
    return max(dt.date.fromisoformat(event.on_day), dt.datetime.fromisoformat(event.decided_at or event.at).date())


def _deadline(world: World, event: RollEvent, kept: Kept | None) -> Deadline:
    start = effective(event)
    rule = world.book.on(start).rule(RULE)
    counted = reckon(rule, start, world.calendar)
    return Deadline(
        RULE, event.student, counted.day, counted.steps, rule.clause, rule.source, event.rid,
        warn_on=warn_day(rule, counted.day, world.calendar), kept=kept,
    )  # fmt: skip


def _kept_on(one: Rekeying) -> dt.date:
    return one.deadline.kept.day if one.deadline.kept else dt.date.min
