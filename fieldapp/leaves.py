"""Leave of one child: asked for, checked by a call, ended or withdrawn; each a new record over the former (R17)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casebook.casefile import Entry
from casebook.errors import NoSuchVisit
from casebook.rules.facts import Leave
from casebook.rules.reading import heads
from fieldapp import jottings
from fieldapp.bearer import Bearer
from fieldapp.outbox import state_of
from fieldapp.platform.clock import instant
from fieldapp.sealing import seal_own, unsealed
from fieldapp.store.uploads import NO_FILES
from fieldapp.workspace import Workspace

ASKED, VERIFIED, ENDED, WITHDRAWN, CHANGED = "asked", "verified", "ended", "withdrawn", "changed"
RUNNING, COMING, OVER = "running", "coming", "over"
ASKING = ("kind", "first", "last", "asked_by", "reason", "proof")


@dataclass(frozen=True)
class LeaveStep:
    """One version of a leave: what it did (asked, verified, ended, withdrawn, changed), who wrote it, when."""

    what: str
    author_name: str
    at: str


@dataclass(frozen=True)
class LeaveCard:
    """One leave as its newest version says. `standing`: coming, running, over or withdrawn; days are "YYYY-MM-DD".

    `unchecked` when its child must be called back about it (R17) and was not: after `call_by` it no longer counts.
    """

    id: str
    kind: str
    first: str
    last: str
    asked_by: str
    reason: str
    proof: str
    standing: str
    verified_at: str
    returned_on: str
    withdrawn: str
    unchecked: bool
    call_by: str
    steps: tuple[LeaveStep, ...]
    outbox: str = ""


@dataclass(frozen=True)
class Adult:
    """Who may ask for a leave, and whom to call back."""

    name: str
    relation: str
    phone: str


@dataclass(frozen=True)
class LeavePage:
    """All that the screen of a child's leaves shows; `to_call` when each of its leaves must be called back (R17).

    `keeps`: whether it is this person who writes leaves down for the child.
    """

    case: str
    name: str
    today: str
    to_call: bool
    call_hours: int
    adults: tuple[Adult, ...]
    leaves: tuple[LeaveCard, ...]
    said: Mapping[str, Any]
    keeps: bool = True


class Leaves:
    """The leaves on one teacher's phone."""

    def __init__(self, work: Workspace) -> None:
        self._work = work

    def page(self, case: str) -> LeavePage:
        """The child's leaves, the newest first, and what is half said of another. Raises NoSuchCase."""
        work, student = self._work, self._work.student(case)
        entries = work.case_file(case).of_type("leave")
        here = work.life(case)
        hours = here.world.book.on(work.today()).number("leave_verify")
        listed: Any = student.get("guardians") or []
        adults = tuple(Adult(*(str(one.get(name) or "") for name in ("name", "relation", "phone"))) for one in listed)
        newest_first = sorted(here.facts.leaves, key=lambda leave: (leave.first, leave.order), reverse=True)
        cards = tuple(self._card(leave, entries, here.child.key, hours) for leave in newest_first)
        return LeavePage(
            case, str(student.get("name") or ""), work.today().isoformat(), here.child.key, hours, adults, cards,
            jottings.jotted(work, _key(case)), Bearer.of(work).keeps_leaves(student),
        )  # fmt: skip

    def jot(self, case: str, said: Mapping[str, Any]) -> None:
        """Keeps what is said of a new leave so far. Raises StorageFull."""
        jottings.jot(self._work, _key(case), said)

    def ask(self, case: str, said: Mapping[str, str]) -> str:
        """Seals a new leave (`said`: the parts named in ASKING); the record's rid. Raises RecordMalformed."""
        self._work.student(case)
        body = {"leave": uuid.uuid4().hex} | {name: said.get(name, "").strip() for name in ASKING}
        record = unsealed(self._work, "leave", case, body)
        return seal_own(self._work, record, lambda db, *_: jottings.forget(self._work, db, _key(case)))

    def verify(self, case: str, leave: str) -> str:
        """The guardian was called back just now and said yes; the record's rid. Raises NoSuchVisit."""
        return self._amended(case, leave, verified_at=instant(self._work.clock.now()))

    def end(self, case: str, leave: str, day: str) -> str:
        """The child is back since `day`; the record's rid. Raises NoSuchVisit, RecordMalformed."""
        return self._amended(case, leave, returned_on=day)

    def withdraw(self, case: str, leave: str, why: str) -> str:
        """The leave does not stand; the record's rid. Raises NoSuchVisit, RecordMalformed (no reason)."""
        return self._amended(case, leave, withdrawn=why.strip())

    def _amended(self, case: str, leave: str, **changes: str) -> str:
        newest = heads(self._chain(case, leave))
        body = {**newest[-1].record.body, **changes}
        record = unsealed(self._work, "leave", case, body, amends=tuple(entry.rid for entry in newest))
        return seal_own(self._work, record, lambda *_: None)

    def _chain(self, case: str, leave: str) -> list[Entry]:
        entries = self._work.case_file(case).of_type("leave")
        chain = [entry for entry in entries if entry.record.body["leave"] == leave]
        if not chain:
            raise NoSuchVisit(visit=leave)
        return chain

    def _card(self, leave: Leave, entries: list[Entry], key: bool, hours: int) -> LeaveCard:
        chain = [entry for entry in entries if entry.record.body["leave"] == leave.leave]
        head = heads(chain)[-1]
        return LeaveCard(
            id=leave.leave, kind=leave.kind, first=leave.first.isoformat(), last=leave.last.isoformat(),
            asked_by=str(head.record.body.get("asked_by", "")), reason=leave.reason, proof=leave.proof,
            standing=_standing(leave, self._work.today()), withdrawn=leave.withdrawn,
            verified_at=instant(leave.verified) if leave.verified else "",
            returned_on=leave.returned_on.isoformat() if leave.returned_on else "",
            unchecked=key and leave.verified is None and not leave.withdrawn,
            call_by=instant(leave.stamp.at + dt.timedelta(hours=hours)), steps=self._steps(chain),
            outbox=self._outbox(head.rid),
        )  # fmt: skip

    def _steps(self, chain: list[Entry]) -> tuple[LeaveStep, ...]:
        found, before = [], None
        for entry in chain:
            body, author = entry.record.body, self._work.books.roster.staff_name(entry.record.author)
            found.append(LeaveStep(_what(before, body), author, entry.record.at.started))
            before = body
        return tuple(found)

    def _outbox(self, rid: str) -> str:
        own = next((one for one in self._work.books.records.own(self._work.db) if one.rid == rid), None)
        return state_of(own, NO_FILES, None).value if own else ""


def _key(case: str) -> str:
    return f"leave/{case}"


def _standing(leave: Leave, today: dt.date) -> str:
    if leave.withdrawn:
        return WITHDRAWN
    if today < leave.first:
        return COMING
    return RUNNING if leave.covers(today) else OVER


def _what(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> str:
    """What a version did to the former one."""
    if before is None:
        return ASKED
    parts = {"withdrawn": WITHDRAWN, "returned_on": ENDED, "verified_at": VERIFIED}
    return next((what for part, what in parts.items() if now.get(part) != before.get(part)), CHANGED)
