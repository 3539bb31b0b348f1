"""Notices of entry (R06): which children of the catchment are due, who was told, who has come for the paper."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from assets import load_wording
from casebook.days import day_written
from casebook.errors import AlreadyDecided, NoSuchPage
from casebook.kinds import find as set_aside
from casebook.kinds.entry import COLLECTED, ISSUED
from casebook.rules.due import OVERDUE
from casebook.rules.enrolment import AGES, is_of_age, years
from casebook.rules.entering import entry_collect
from casebook.rules.facts import EntryNotice
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.rulebook import Rules
from sync_server import access, audit, notices
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.lives import Lives
from sync_server.notices import next_number
from sync_server.office import Office
from sync_server.registry import Student
from sync_server.roster import register
from sync_server.roster.finds import Find, enter, finds
from sync_server.roster.register import Register
from sync_server.store import roll_events, typed
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.store.register import Authorship
from sync_server.store.roll_events import DONE, RollEvent

ENTRY, NOTICE = "entry", "N3"
PAPER_LANGUAGE = "zh_CN"
DUE, YOUNG, EXEMPT = "due", "young", "exempt"
UNTOLD, TOLD, LATE, HERE = STATES = ("untold", "told", "late", "collected")
NOT_ENROLLED = "not_enrolled"
MIGRANT = "KS08"
LONGEST = 60
_CUT = (8, 31)  # by the end of August the child is six, or enters a year later


@dataclass(frozen=True)
class EntryLine:
    """A child that is not enrolled: its age at the next entry, its notice if it has one, and how that stands.

    `until` is the day by which the notice should be collected; of an exempt child the end of the approval.
    """

    child: Student
    age: int
    group: str
    state: str = ""
    notice: EntryNotice | None = None
    until: str = ""

    @property
    def migrant(self) -> bool:
        """Whether the child came with parents who work here."""
        return MIGRANT in self.child.key_flags


class Entries:
    """The notices of entry of one school. `clock` gives aware times in the school's zone."""

    def __init__(
        self, store: Store, school: str, office: Office, lives: Lives, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store, self._school, self._office, self._lives, self._clock = store, school, office, lives, clock

    def lines(self, actor: Account) -> list[EntryLine]:
        """Every child that is not enrolled: those whose notice waits too long first. Raises NotAllowed."""
        access.require(actor, Verb.ENTER_ROLL_EVENT)
        with self._store.read() as conn:
            now = register.load(conn, self._school)
            rules, day = self._lives.world(conn).book.on(self._clock().date()), self._cut()
            _, grown = rules.rule(AGES).value
            waiting = [one for one in now.students.values()
                       if one.roll_status == NOT_ENROLLED and years(one.birth, day) < grown]  # fmt: skip
            lives = self._lives.some(conn, [one.id for one in waiting])
            found = [_waiting(one, lives.get(one.id), day, rules) for one in waiting]
            found += [*_exempt(now, roll_events.of_school(conn, self._school), day)]
        order = (LATE, UNTOLD, TOLD, HERE, "")
        return sorted(found, key=lambda line: (order.index(line.state), line.child.village, line.child.name))

    def finds(self, actor: Account) -> list[Find]:
        """Children of school age whom a census has found and the register does not know. Raises NotAllowed."""
        access.require(actor, Verb.ENTER_ROLL_EVENT)
        with self._store.read() as conn:
            return self._due_finds(conn, register.load(conn, self._school))

    def accept(self, actor: Account, chosen: Collection[str]) -> int:
        """Puts these finds on the register, not enrolled, as the census has them; how many. Raises NotAllowed."""
        access.require(actor, Verb.ENTER_ROLL_EVENT)

        def write(conn: Connection) -> int:
            now, at = register.load(conn, self._school), self._clock().isoformat(timespec="seconds")
            wanted = [find for find in self._due_finds(conn, now) if find.id in chosen]
            for find in wanted:
                nouns = enter(find, register.load(conn, self._school), years(find.birth, self._cut()), self._today())
                register.write(conn, self._school, nouns, Authorship(actor.id, at, "hand"))
                audit.note(conn, actor, at, Act.CHANGE_REGISTER, f"student:{find.id}")
            return len(wanted)

        return self._store.run_tx(write)

    def set_aside(self, actor: Account, find_id: str, why: str) -> str:
        """Notes why a find need not come on the register; the wording key of what is wrong, else blank. It can still be
        accepted later. Raises NotAllowed, NoSuchPage.
        """
        access.require(actor, Verb.ENTER_ROLL_EVENT)

        def write(conn: Connection) -> str:
            found = {find.id: find for find in self._due_finds(conn, register.load(conn, self._school))}
            if find_id not in found:
                raise NoSuchPage()
            if not why.strip():
                return "entry.fault.why"
            body = {"find": find_id, "why": why.strip()[: set_aside.LONGEST]}
            rid = self._office.write(conn, actor, set_aside.TYPE, found[find_id].home.id, body=body).rid
            at = self._clock().isoformat(timespec="seconds")
            audit.note(conn, actor, at, Act.SET_FIND_ASIDE, f"student:{found[find_id].home.id}", rid=rid)
            return ""

        return self._store.run_tx(write)

    def _due_finds(self, conn: Connection, now: Register) -> list[Find]:
        rules = self._lives.world(conn).book.on(self._today())
        return [find for find in finds(conn, self._school, now) if is_of_age(find.birth, self._cut(), rules)]

    def _today(self) -> dt.date:
        return self._clock().date()

    def issue(self, actor: Account, children: Collection[str]) -> int:
        """Issues a numbered notice to each of these children who has none; returns how many. Raises NotAllowed."""
        access.require(actor, Verb.ENTER_ROLL_EVENT)

        def write(conn: Connection) -> int:
            now, lives = register.load(conn, self._school), self._lives.some(conn, children)
            fresh = [id for id in dict.fromkeys(children) if self._is_untold(now, lives, id)]
            used = [str(entry.record.body.get("no", "")) for entry in typed.of_type(conn, self._school, ENTRY)]
            drafts = [self._draft(conn, lives[id], used) for id in fresh]
            for id, body in zip(fresh, drafts, strict=True):
                self._write(conn, actor, id, {**body, "name": actor.name}, ())
            return len(fresh)

        return self._store.run_tx(write)

    def collect(self, actor: Account, child: str, by: str, on: str) -> str:
        """Notes who came for the notice and when; the wording key of what is wrong, else blank.

        Raises NotAllowed, NoSuchPage, AlreadyDecided.
        """
        access.require(actor, Verb.ENTER_ROLL_EVENT)

        def write(conn: Connection) -> str:
            issued = next((one for one in reversed(typed.of_type(conn, self._school, ENTRY))
                           if one.record.case == child and one.record.body["step"] == ISSUED), None)  # fmt: skip
            notice = self._newest(conn, child)
            if issued is None or notice is None:
                raise NoSuchPage()
            if notice.collected_on is not None:
                raise AlreadyDecided()
            day, today = day_written(on), self._clock().date()
            if day is None or not notice.on <= day <= today:
                return "entry.fault.day"
            if not by.strip():
                return "entry.fault.by"
            body = {"entry": issued.record.body["entry"], "step": COLLECTED, "on": on, "by": by.strip()[:LONGEST]}
            self._write(conn, actor, child, body, (issued.rid,))
            return ""

        return self._store.run_tx(write)

    def _cut(self) -> dt.date:
        """The end of August of the entry that comes next."""
        today = self._clock().date()
        return dt.date(today.year + ((today.month, today.day) > _CUT), *_CUT)

    def _is_untold(self, now: Register, lives: dict[str, Lifecycle], id: str) -> bool:
        child = now.students.get(id)
        return child is not None and id in lives and child.roll_status == NOT_ENROLLED and not lives[id].facts.entries

    def _newest(self, conn: Connection, child: str) -> EntryNotice | None:
        found = self._lives.some(conn, [child]).get(child)
        return found.facts.entries[-1] if found and found.facts.entries else None

    def _draft(self, conn: Connection, life: Lifecycle, used: list[str]) -> dict[str, Any]:
        """The body of the record; takes its number."""
        today, words = self._clock().date(), load_wording(PAPER_LANGUAGE)
        no = next_number(life.world.book.on(today).code(f"number.{NOTICE}"), used, today.year)
        used.append(no)
        child = notices.on_file(conn, self._school, life.child.case)
        draft = notices.draft(NOTICE, life, child, no, words)
        return {
            "entry": uuid.uuid4().hex, "step": ISSUED, "on": today.isoformat(), "notice": NOTICE, "no": no,
            "addressee": draft.addressee or words("entry.guardian_of", name=child.name), "text": draft.text,
        }  # fmt: skip

    def _write(
        self, conn: Connection, actor: Account, child: str, body: dict[str, Any], amends: Iterable[str]
    ) -> None:
        rid = self._office.write(conn, actor, ENTRY, child, body=body, amends=tuple(amends)).rid
        at = self._clock().isoformat(timespec="seconds")
        audit.note(conn, actor, at, Act.ENTRY_NOTICE, f"student:{child}", step=body["step"], rid=rid)


def _waiting(child: Student, life: Lifecycle | None, day: dt.date, rules: Rules) -> EntryLine:
    """A child that nobody has enrolled: too young, or due, with its notice."""
    group = DUE if is_of_age(child.birth, day, rules) else YOUNG
    notice = life.facts.entries[-1] if life and life.facts.entries else None
    if life is None or notice is None:
        return EntryLine(child, years(child.birth, day), group, UNTOLD if group == DUE else "")
    due = next(entry_collect(life))
    state = HERE if notice.collected_on else LATE if due.status(life.world.now) == OVERDUE else TOLD
    until = due.due.isoformat() if due.due else ""
    return EntryLine(child, years(child.birth, day), group, state, notice, until)


def _exempt(now: Register, events: Iterable[RollEvent], day: dt.date) -> Iterable[EntryLine]:
    """Children put off or exempt by approval, with the end of the newest one (R10)."""
    until: dict[str, str] = {}
    for event in events:
        if event.kind == "defer" and event.status == DONE:
            until.setdefault(event.student, event.until or "")
    for child in now.students.values():
        if child.roll_status == EXEMPT:
            yield EntryLine(child, years(child.birth, day), EXEMPT, "", None, until.get(child.id, ""))
