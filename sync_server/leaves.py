"""Leaves of a child: asked for, checked by a call, ended; every version stays in the records (R17)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from casebook.casefile import Entry
from casebook.days import day_written
from casebook.errors import NoSuchCase, NoSuchPage
from casebook.kinds.leave import LEAVE_KINDS, PROOFS
from casebook.rules.reading import heads
from sync_server import access, audit
from sync_server.access import Subject, Verb
from sync_server.audit import Act
from sync_server.office import Office
from sync_server.store import archive, rows
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store

VERIFY, END, WITHDRAW = "verify", "end", "withdraw"
STEPS = (VERIFY, END, WITHDRAW)
LONGEST = 400
LONGEST_LEAVE = dt.timedelta(days=180)


@dataclass(frozen=True)
class LeaveFile:
    """A leave with all its versions, oldest first."""

    leave: str
    versions: tuple[Entry, ...]

    @property
    def head(self) -> Entry:
        """The version that stands."""
        return heads(list(self.versions))[-1]

    @property
    def said(self) -> Mapping[str, Any]:
        """What it says now."""
        return self.head.record.body

    @property
    def open(self) -> bool:
        """Whether it may still be checked, ended or withdrawn."""
        return not self.said.get("withdrawn") and not self.said.get("returned_on")

    @property
    def backdated(self) -> bool:
        """Whether it was first written down after its first day."""
        return bool(self.versions[0].record.at.started[:10] > self.said["first"])


@dataclass(frozen=True)
class Asked:
    """A leave as somebody types it."""

    first: str
    last: str
    kind: str
    asked_by: str
    reason: str
    proof: str


class LeaveBook:
    """The leaves of one school's children. `clock` gives aware times in the school's zone."""

    def __init__(self, store: Store, school: str, office: Office, clock: Callable[[], dt.datetime]) -> None:
        self._store, self._school, self._office, self._clock = store, school, office, clock

    def of(self, conn: Connection, case: str) -> list[LeaveFile]:
        """The leaves of a child, the newest first day in front."""
        chains: dict[str, list[Entry]] = {}
        for entry in sorted(archive.of_case(conn, self._school, case), key=lambda entry: entry.order):
            if entry.record.type == "leave":
                chains.setdefault(entry.record.body["leave"], []).append(entry)
        found = [LeaveFile(leave, tuple(chain)) for leave, chain in chains.items()]
        return sorted(found, key=lambda one: (one.said["first"], one.leave), reverse=True)

    def faults(self, asked: Asked) -> list[str]:
        """Wording keys of what is wrong with a leave before it is written."""
        first, last = day_written(asked.first), day_written(asked.last)
        found = []
        if first is None or last is None or last < first or last - first > LONGEST_LEAVE:
            found.append("attendance.leave.fault.days")
        if asked.kind not in LEAVE_KINDS or asked.proof not in PROOFS:
            found.append("attendance.leave.fault.kind")
        if not asked.asked_by.strip():
            found.append("attendance.leave.fault.asked_by")
        if not asked.reason.strip():
            found.append("attendance.leave.fault.reason")
        return found

    def enter(self, account: Account, case: str, asked: Asked) -> list[str]:
        """Files a leave; returns what is wrong, and then writes nothing. Raises NotAllowed, NoSuchCase."""

        def write(conn: Connection) -> list[str]:
            self._require(conn, account, case)
            faults = self.faults(asked) or self._repeated(conn, case, asked)
            if not faults:
                texts = {"asked_by": asked.asked_by.strip()[:200], "reason": asked.reason.strip()[:LONGEST]}
                body = {"leave": uuid.uuid4().hex, **vars(asked), **texts}
                self._write(conn, account, case, body, [])
            return faults

        return self._store.run_tx(write)

    def _repeated(self, conn: Connection, case: str, asked: Asked) -> list[str]:
        """A form that was sent twice is one leave."""
        parts = ("first", "last", "kind")
        same = any(all(one.said[part] == getattr(asked, part) for part in parts)
                   for one in self.of(conn, case) if one.open)  # fmt: skip
        return ["attendance.leave.fault.same"] if same else []

    def step(self, account: Account, case: str, leave: str, step: str, said: str = "") -> list[str]:
        """Files that the guardian was called (verify), the day the child was back (end), or why it does not stand.

        Returns what is wrong, and then writes nothing. Raises NotAllowed, NoSuchCase, NoSuchPage.
        """

        def write(conn: Connection) -> list[str]:
            self._require(conn, account, case)
            found = next((one for one in self.of(conn, case) if one.leave == leave), None)
            if found is None or step not in STEPS or not found.open:
                raise NoSuchPage()
            if step == VERIFY and found.said.get("verified_at"):
                return []  # pressed twice: the first call counts
            change, fault = self._change(found, step, said.strip()[:LONGEST])
            if not fault:
                every = [entry.rid for entry in heads(list(found.versions))]
                self._write(conn, account, case, {**found.said, **change}, every)
            return [fault] if fault else []

        return self._store.run_tx(write)

    def _change(self, found: LeaveFile, step: str, said: str) -> tuple[dict[str, str], str]:
        if step == VERIFY:
            return {"verified_at": self._clock().isoformat(timespec="seconds")}, ""
        if step == WITHDRAW:
            return {"withdrawn": said}, "" if said else "attendance.leave.fault.reason"
        day = day_written(said)
        right = day is not None and found.said["first"] <= said and day <= self._clock().date()
        return {"returned_on": said}, "" if right else "attendance.leave.fault.returned"

    def _require(self, conn: Connection, account: Account, case: str) -> None:
        class_id = rows.class_of(conn, self._school, case)
        if class_id is None:
            raise NoSuchCase()
        access.require(account, Verb.KEEP_LEAVE, Subject(case, class_id))

    def _write(
        self, conn: Connection, account: Account, case: str, body: Mapping[str, Any], amends: list[str]
    ) -> None:
        outcome = self._office.write(conn, account, "leave", case, body=body, amends=amends)
        at = self._clock().isoformat(timespec="seconds")
        audit.note(conn, account, at, Act.KEEP_LEAVE, f"case:{case}", leave=body["leave"], rid=outcome.rid)
