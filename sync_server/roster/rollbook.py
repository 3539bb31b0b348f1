"""Enters and decides events of the roll: sealed as records, the register following them, nothing overwritten (R13)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from casebook.days import day_written
from casebook.errors import AlreadyDecided, NoSuchPage, NotAllowed
from casebook.kinds.roll import APPROVED, ENTERED, REFUSED
from sync_server import access, audit, papers
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.office import Office
from sync_server.registry import Student
from sync_server.roster import register
from sync_server.roster.roll import KINDS, Kind
from sync_server.store import register as kept
from sync_server.store import roll_events
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.store.register import Authorship
from sync_server.store.roll_events import RollEvent
from sync_server.uploads import Uploads

AHEAD = dt.timedelta(days=31)
BACK = dt.timedelta(days=400)
LONGEST = 200
TEXTS = ("other_school", "paper_no", "approval_body", "approval_no", "note")


@dataclass(frozen=True)
class Entry:
    """What the registrar writes down; texts as typed, `paper` is a photographed paper or blank."""

    student: str
    kind: str
    on_day: str
    until: str = ""
    texts: Mapping[str, str] | None = None
    paper: bytes = b""

    def text(self, name: str) -> str:
        """One of TEXTS, trimmed."""
        return (self.texts or {}).get(name, "").strip()[:LONGEST]


class RollBook:
    """The events of one school's roll. `clock` gives aware times in the school's zone."""

    def __init__(
        self, store: Store, school: str, office: Office, uploads: Uploads, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store, self._school, self._office, self._uploads, self._clock = store, school, office, uploads, clock

    def faults(self, student: Student, entry: Entry) -> list[str]:
        """Wording keys of everything that is missing or impossible; nothing when the event may be entered."""
        kind = KINDS.get(entry.kind)
        if kind is None or not kind.by_hand or student.roll_status not in kind.before:
            return ["registry.event.fault.standing"]
        has = {"paper": bool(entry.paper or entry.text("paper_no")), "until": bool(day_written(entry.until))}
        found = [
            f"registry.event.fault.{name}" for name in kind.needs if not has.get(name, bool(entry.text(name)))
        ]
        day, today = day_written(entry.on_day), self._clock().date()
        if day is None or not today - BACK <= day <= today + AHEAD:
            found.append("registry.event.fault.on_day")
        until = day_written(entry.until) if "until" in kind.needs else None
        if day is not None and until is not None and until <= day:
            found.append("registry.event.fault.until_before")
        if entry.paper and papers.picture_type(entry.paper) is None:
            found.append("registry.event.fault.picture")
        return found

    def _faults(self, conn: Connection, student: Student, entry: Entry) -> list[str]:
        """The same; and nobody comes back into a class that has graduated or is no more (R12)."""
        found, kind = self.faults(student, entry), KINDS.get(entry.kind)
        room = kept.entry(conn, self._school, kept.CLASS, student.class_id)
        gone = kind is not None and kind.change > 0 and (room is None or bool(room.get("closed")))
        return [*found, "registry.event.fault.class_closed"] if gone else found

    def enter(self, actor: Account, entry: Entry) -> tuple[str, list[str]]:
        """Enters an event: its id, or what is missing. Raises NotAllowed, NoSuchPage, and what uploads raise."""
        access.require(actor, Verb.ENTER_ROLL_EVENT)
        with self._store.read() as conn:
            faults = self._faults(conn, self._child(conn, entry.student), entry)
        if faults:
            return "", faults
        facts = {name: entry.text(name) for name in TEXTS if entry.text(name)}
        if entry.paper:
            facts["paper_sha256"] = papers.keep(self._uploads, self._school, entry.paper)
        event = uuid.uuid4().hex

        def write(conn: Connection) -> list[str]:
            child = self._child(conn, entry.student)
            if not (again := self._faults(conn, child, entry)) and not self._is_waiting(conn, child.id):
                self._enter(conn, actor, entry, child, event, facts)
                return []
            return again or ["registry.event.fault.waiting"]

        found = self._store.run_tx(write)
        return ("", found) if found else (event, [])

    def decide(self, actor: Account, event: str, approve: bool, remark: str) -> None:
        """Approves or refuses what another entered. Raises NotAllowed, NoSuchPage, AlreadyDecided."""
        access.require(actor, Verb.APPROVE_ROLL_EVENT)

        def write(conn: Connection) -> None:
            known = roll_events.one(conn, self._school, event)
            if known is None:
                raise NoSuchPage()
            if known.account == actor.id:
                raise NotAllowed(verb=Verb.APPROVE_ROLL_EVENT.value)
            if known.status != roll_events.ENTERED:
                raise AlreadyDecided()
            self._decide(conn, actor, known, approve, remark.strip()[:LONGEST])

        self._store.run_tx(write)

    def _enter(
        self, conn: Connection, actor: Account, entry: Entry, child: Student, event: str, facts: dict[str, Any]
    ) -> None:
        kind = KINDS[entry.kind]
        until = entry.until if "until" in kind.needs else ""
        status = (kind.meanwhile or child.roll_status) if kind.principal else kind.after
        facts |= {"before": child.roll_status}
        body = {"event": event, "kind": kind.name, "step": ENTERED, "on": entry.on_day, "until": until, **facts}
        rid = self._seal(conn, actor, child, status, body)
        now = self._clock().isoformat(timespec="seconds")
        roll_events.add(conn, self._school, RollEvent(
            event, child.id, kind.name, roll_events.ENTERED if kind.principal else roll_events.DONE, child.class_id,
            entry.on_day, until or None, rid, actor.id, now, facts,
        ))  # fmt: skip
        self._follow(conn, actor, replace(child, roll_status=status), event)
        audit.note(conn, actor, now, Act.ENTER_ROLL_EVENT, f"student:{child.id}", kind=kind.name, event=event)

    def _decide(self, conn: Connection, actor: Account, known: RollEvent, approve: bool, remark: str) -> None:
        kind: Kind = KINDS[known.kind]
        child = self._child(conn, known.student)
        status = kind.after if approve else str(known.facts["before"])
        step = APPROVED if approve else REFUSED
        body = {"event": known.event, "kind": kind.name, "step": step, "remark": remark}
        rid = self._seal(conn, actor, child, status, body, amends=known.rid)
        now = self._clock().isoformat(timespec="seconds")
        outcome = roll_events.DONE if approve else roll_events.REFUSED
        roll_events.decide(conn, self._school, known.event, outcome, rid, (actor.id, now))
        self._follow(conn, actor, replace(child, roll_status=status), known.event)
        audit.note(conn, actor, now, Act.DECIDE_ROLL_EVENT, f"student:{child.id}", event=known.event, step=step)

    def _seal(
        self, conn: Connection, actor: Account, child: Student, status: str, body: dict[str, Any], amends: str = ""
    ) -> str:
        """A record of every step; the standing is set only where it changes."""
        says = {"roll_status": status} if status != child.roll_status else {}
        amended = (amends,) if amends else ()
        return self._office.write(conn, actor, "roll", child.id, body=body, set=says, amends=amended).rid

    def _follow(self, conn: Connection, actor: Account, after: Student, event: str) -> None:
        by = Authorship(actor.id, self._clock().isoformat(timespec="seconds"), f"event:{event}")
        register.write(conn, self._school, [after], by)

    def _is_waiting(self, conn: Connection, student: str) -> bool:
        return any(one.status == roll_events.ENTERED for one in roll_events.of_student(conn, self._school, student))

    def _child(self, conn: Connection, student: str) -> Student:
        found = kept.entry(conn, self._school, kept.STUDENT, student)
        if found is None:
            raise NoSuchPage()
        return register.student_from(found)
