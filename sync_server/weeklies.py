"""The weekly reports of the classes: computed, signed by the grade director as sealed records, and compared (R21)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casebook.casefile import Entry
from casebook.errors import NoSuchPage, NotAllowed
from casebook.kinds.weekly import sha256_of
from casebook.records import canonical
from casebook.rules.absence import stands
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.weekly import week
from casebook.rules.weeksheet import RollMove, WeekSheet, changed_parts, visits_of
from sync_server import access, audit
from sync_server.access import Reach, Subject, Verb
from sync_server.audit import Act
from sync_server.lives import Lives
from sync_server.office import Office
from sync_server.roster.lookback import rooms_on
from sync_server.store import roll_events, typed
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.store.roll_events import DONE

UNSIGNED, SIGNED, CHANGED = "unsigned", "signed", "changed"
_WEEK = dt.timedelta(days=6)


@dataclass(frozen=True)
class Report:
    """The week of a class as it is `today`, and all signatures under it, the newest last."""

    room: Mapping[str, Any]
    sheet: WeekSheet
    sha256: str
    signatures: tuple[Entry, ...] = ()
    today: dt.date = dt.date.min

    @property
    def signature(self) -> Entry | None:
        """The newest signature."""
        return self.signatures[-1] if self.signatures else None

    @property
    def state(self) -> str:
        """unsigned, signed, or changed since it was signed."""
        if self.signature is None:
            return UNSIGNED
        return SIGNED if self.signature.record.body["sha256"] == self.sha256 else CHANGED

    @property
    def changed(self) -> tuple[str, ...]:
        """What differs from the newest signature: days, visits, moves."""
        return changed_parts(self.signature.record.body["figures"], self.sheet.figures) if self.signature else ()

    @property
    def over(self) -> bool:
        """Whether the week's last school day has come; before it nothing can be signed."""
        return bool(self.sheet.week.days) and self.ends_on <= self.today

    @property
    def ends_on(self) -> dt.date:
        """The week's last school day."""
        return self.sheet.week.days[-1].day


class Weeklies:
    """The weekly reports of one school. `clock` gives aware times in the school's zone."""

    def __init__(
        self, store: Store, school: str, lives: Lives, office: Office, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store, self._school, self._lives, self._office, self._clock = store, school, lives, office, clock

    def of_week(self, conn: Connection, account: Account, day: dt.date) -> list[Report]:
        """The reports of all classes the account may see, by grade, of the week in which `day` lies.

        Raises NotAllowed.
        """
        within = access.reach(account, Verb.LIST_STUDENTS)
        if not within.whole_school and not within.classes:
            raise NotAllowed(verb=Verb.LIST_STUDENTS.value)
        every = rooms_on(conn, self._school, monday_of(day))
        rooms = [one for id, one in every.items() if within.whole_school or id in within.classes]
        ordered = sorted(rooms, key=lambda one: (one.get("grade", 0), one["name"]))
        return self._reports(conn, ordered, monday_of(day))

    def is_over(self, conn: Connection, day: dt.date) -> bool:
        """Whether the week in which `day` lies had school days, and the last of them has come."""
        world, first = self._lives.world(conn), monday_of(day)
        held = world.calendar.between(first, first + _WEEK)
        return bool(held) and held[-1] <= world.today

    def one(self, conn: Connection, account: Account, class_id: str, day: dt.date) -> Report:
        """The report of one class. Raises NotAllowed, NoSuchPage."""
        access.require(account, Verb.LIST_STUDENTS, Subject("", class_id))
        room = rooms_on(conn, self._school, monday_of(day)).get(class_id)
        if room is None:
            raise NoSuchPage()
        return self._reports(conn, [room], monday_of(day))[0]

    def sign(self, account: Account, day: dt.date, seen: Mapping[str, str]) -> list[str]:
        """Signs the weeks of the classes in `seen` (class -> hash of the figures that were looked at).

        Returns the classes whose figures have changed meanwhile, or whose week is not over: they are not signed.
        Raises NotAllowed, NoSuchPage.
        """

        def write(conn: Connection) -> list[str]:
            left = []
            for class_id, sha256 in seen.items():
                access.require(account, Verb.SIGN_WEEKLY, Subject("", class_id))
                report = self.one(conn, account, class_id, day)
                if report.sha256 != sha256 or not report.over:
                    left.append(class_id)
                elif report.state != SIGNED:
                    self._write(conn, account, report)
            return left

        return self._store.run_tx(write)

    def _reports(self, conn: Connection, rooms: Sequence[Mapping[str, Any]], first: dt.date) -> list[Report]:
        world, ids = self._lives.world(conn), tuple(str(room["id"]) for room in rooms)
        by_class: dict[str, list[Lifecycle]] = {}
        for life in self._lives.within(conn, Reach(True)):  # also those who have moved to another class since
            by_class.setdefault(life.child.class_on(first) or life.child.class_on(world.today) or "", []).append(life)
        signed, moves = self._signed(conn, first), self._moves(conn, first)
        found = []
        for room, class_id in zip(rooms, ids, strict=True):
            lives = by_class.get(class_id, [])
            leaves = {life.child.case: [leave for leave in life.facts.leaves if stands(leave, life.child, life.world)]
                      for life in lives}  # fmt: skip
            days = week(class_id, first, world.attendance, world.calendar, leaves)
            sheet = WeekSheet(days, visits_of(lives, first), tuple(moves.get(class_id, ())))
            found.append(Report(room, sheet, sha256_of(sheet.figures), tuple(signed.get(class_id, ())), world.today))
        return found

    def _signed(self, conn: Connection, first: dt.date) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        saying = canonical({"first": first.isoformat()})[1:-1]  # a year has some thousand of them: read only these
        for entry in typed.of_type(conn, self._school, "weekly", saying):
            if entry.record.body["first"] == first.isoformat():
                found.setdefault(entry.record.body["class"], []).append(entry)
        return found

    def _moves(self, conn: Connection, first: dt.date) -> dict[str, list[RollMove]]:
        found: dict[str, list[RollMove]] = {}
        for event in sorted(roll_events.of_school(conn, self._school), key=lambda event: (event.on_day, event.event)):
            day = dt.date.fromisoformat(event.on_day)
            if event.status == DONE and first <= day <= first + _WEEK:
                found.setdefault(event.class_id, []).append(RollMove(event.student, event.kind, day))
        return found

    def _write(self, conn: Connection, account: Account, report: Report) -> None:
        class_id, first = report.sheet.week.class_id, report.sheet.week.first.isoformat()
        roles = [role for role in account.roles if Verb.SIGN_WEEKLY in access.TABLE.get(role, {})]
        body = {
            "class": class_id, "first": first, "role": roles[0], "figures": report.sheet.figures,
            "sha256": report.sha256,
        }  # fmt: skip
        amends = [report.signature.rid] if report.signature else []
        outcome = self._office.write(conn, account, "weekly", None, body=body, amends=amends)
        at = self._clock().isoformat(timespec="seconds")
        audit.note(conn, account, at, Act.SIGN_WEEKLY, f"class:{class_id}", first=first, rid=outcome.rid)


def monday_of(day: dt.date) -> dt.date:
    """The first day of the week in which `day` lies."""
    return day - dt.timedelta(days=day.weekday())
