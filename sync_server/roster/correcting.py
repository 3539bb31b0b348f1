"""Corrects one child by hand: what is typed is read like a line of a roster, shown as a change, and kept as shown."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sync_server import access, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.authoring.complaints import Complaint
from sync_server.registry import RESTRICTED_FLAGS, Guardian, Student
from sync_server.roster import register, search
from sync_server.roster.matching import StudentIndex
from sync_server.roster.people import Ground, fresh_id
from sync_server.roster.plan import FieldChange, Planned
from sync_server.roster.reading import Line
from sync_server.roster.register import Noun, Register, to_json
from sync_server.roster.relatives import OTHER_RELATIVE
from sync_server.roster.saying import Said, read_guardian, read_student
from sync_server.roster.vocabulary import vocabulary
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.store.register import Authorship

NUMBERS = ("id_no", "student_no")
FLAGS = ("key_flags", "family_flags")
CODED = ("gender", "id_type", "placement")
TEXTS = ("former_name", "seat_no", "enrolled_on", "hukou_address", "home_address", "home_landmark")
VILLAGES = ("village", "hukou_village")
FIELDS = ("name", "birth", "ethnic", "boarder", *NUMBERS, *CODED, *TEXTS, *VILLAGES)
OF_GUARDIAN = ("id", "name", "relation", "phone", "can_read", "legal", "caretaker", "away", "remove")
YES, NO = "yes", "no"
NEW_GUARDIANS = 2  # empty places on the form
MOST_GUARDIANS = 12
_BLANKS: Mapping[str, Any] = {"placement": "regular", "boarder": False, "key_flags": (), "family_flags": ()}
_NEEDED = ("name", "birth", "gender")

Typed = Mapping[str, str]  # codes as the form sends them; flags parted by blanks; `g1.name`, `g1.phone` … of adults


@dataclass(frozen=True)
class Correction:
    """What would change for one child, with what is wrong (complaints) and what to look at (remarks)."""

    before: Student
    after: Student
    villages: tuple[Planned, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    remarks: tuple[Complaint, ...] = ()

    @property
    def changes(self) -> list[FieldChange]:
        """Field by field, numbers masked."""
        return Planned(self.before, self.after).changes()

    @property
    def may_go_on(self) -> bool:
        """Whether it can be kept: nothing is wrong and something changes."""
        return not self.complaints and self.before != self.after

    @property
    def sha256(self) -> str:
        """The fingerprint of the child before and after."""
        nouns: list[Noun] = [self.before, self.after, *(one.after for one in self.villages)]
        told = json.dumps([to_json(one) for one in nouns], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()


class Corrections:
    """The corrections of one school. `clock` gives aware times in the school's zone."""

    def __init__(self, store: Store, school: str, clock: Callable[[], dt.datetime]) -> None:
        self._store, self._school, self._clock = store, school, clock

    def look(self, actor: Account, student: str, typed: Typed) -> Correction:
        """What keeping `typed` would change now. Raises NotAllowed, NoSuchPage."""
        with self._store.read() as conn:
            return self._correction(conn, actor, student, typed)

    def keep(self, actor: Account, student: str, typed: Typed, seen: str) -> tuple[bool, Correction]:
        """Keeps exactly what the preview of the fingerprint `seen` showed; False and nothing kept if it differs.

        Class and standing are no corrections: they change by an event (R13, R14). Raises NotAllowed, NoSuchPage.
        """

        def write(conn: Connection) -> tuple[bool, Correction]:
            found = self._correction(conn, actor, student, typed)
            if found.sha256 != seen or not found.may_go_on:
                return False, found
            at = self._clock().isoformat(timespec="seconds")
            nouns = [*(one.after for one in found.villages), found.after]
            register.write(conn, self._school, nouns, Authorship(actor.id, at, "hand"))
            fields = sorted({one.field for one in found.changes})
            audit.note(conn, actor, at, Act.CHANGE_REGISTER, f"student:{student}", fields=fields)
            return True, found

        return self._store.run_tx(write)

    def _correction(self, conn: Connection, actor: Account, student: str, typed: Typed) -> Correction:
        access.require(actor, Verb.KEEP_REGISTER)
        now = register.load(conn, self._school)
        child = search.child_of(now, actor, student)
        return correct(now, child, typed, self._clock().date(), may_see_restricted(actor))


def may_see_restricted(actor: Account) -> bool:
    """Whether restricted flags stand on this person's form at all."""
    return access.allows(actor, Verb.READ_RESTRICTED)


def correct(now: Register, before: Student, typed: Typed, today: dt.date, restricted: bool) -> Correction:
    """The correction that `typed` means; `restricted`: it speaks of restricted flags as well."""
    cells = _cells(before, typed)
    said = read_student(Line("", 0, cells, {name: name for name in cells}, frozenset(cells)), today)
    for name in _NEEDED:
        if name not in said.facts and name not in said.blamed:
            said.complain(f"registry.row.needed.{name}", name)
    ground = Ground(now, f"hand:{before.id}", {})
    facts = {name: _fact(before, said, name) for name in (*FIELDS, *FLAGS) if name not in VILLAGES}
    for name in FLAGS:
        facts[name] = _flags(before, facts[name], name, restricted)
    for name in VILLAGES:
        facts[name] = _village(now, ground, before, said, name)
    after = replace(before, **facts, guardians=tuple(_guardians(before, said)))
    _compare_with_others(now, ground, before, after, said)
    return Correction(before, after, ground.planned()[0], tuple(said.complaints), tuple(said.remarks))


def _cells(before: Student, typed: Typed) -> dict[str, str]:
    """What was typed, as a line of a roster would say it; a number left blank is the one we have."""
    name_of = vocabulary().name_of
    cells = {name: text.strip() for name, text in typed.items()}
    cells |= {name: cells.get(name) or getattr(before, name) for name in NUMBERS}
    cells |= {name: name_of(name, cells.get(name, "")) for name in (*CODED, "boarder")}
    for name, text in typed.items():
        kind = name.partition(".")[2]
        if kind == "can_read":
            cells[name] = name_of("can_read", text)
        elif kind in ("legal", "caretaker"):
            cells[name] = name_of("yes_no", YES if text == YES else NO)
    return cells


def _fact(before: Student, said: Said, name: str) -> Any:
    """As typed; what could not be understood stays as it was, what was emptied is blank."""
    if name in said.facts:
        return said.facts[name]
    emptied = not said.line.get(name) or vocabulary().is_nothing(said.line.get(name))
    return _BLANKS.get(name, "") if emptied and name not in _NEEDED else getattr(before, name)


def _flags(before: Student, told: tuple[str, ...], name: str, restricted: bool) -> tuple[str, ...]:
    """Nobody sets or takes away a restricted flag without seeing it (domain 4.7, 4.8)."""
    if restricted:
        return tuple(sorted(told))
    kept = RESTRICTED_FLAGS.intersection(getattr(before, name))
    return tuple(sorted({*told} - RESTRICTED_FLAGS | kept))


def _village(now: Register, ground: Ground, before: Student, said: Said, name: str) -> str:
    """The code; a name that still is what the form showed means the very same village."""
    code: str = getattr(before, name)
    text = said.facts.get(name, "")
    if text == now.village(code).name:
        return code
    return ground.village_of(said, name) if text else ""


def _guardians(before: Student, said: Said) -> Iterator[Guardian]:
    known = {one.id: one for one in before.guardians}
    for slot in slots(before):
        says = said.line.get
        old = known.get(says(f"{slot}.id"))
        if says(f"{slot}.remove") == YES:
            continue
        adult = read_guardian(said, slot) if slot not in ("g1", "g2") else _already_read(said, slot)
        if adult is None:
            if old is not None:
                said.complain("correcting.guardian_without_name", f"{slot}.name", name=old.name)
            continue
        if not adult.relation:
            said.remark("registry.row.relation_missing", f"{slot}.relation", name=adult.name)
        yield Guardian(
            old.id if old else fresh_id(f"hand:{before.id}", slot, adult.name), adult.name,
            adult.relation or OTHER_RELATIVE, adult.phone, bool(adult.legal), bool(adult.caretaker),
            adult.can_read or "yes", says(f"{slot}.away") == YES,
        )  # fmt: skip


def _already_read(said: Said, slot: str) -> Any:
    """A line has two adults of its own, in their order: they were read, and remarked upon, with it."""
    named = [one for one in ("g1", "g2") if said.line.get(f"{one}.name")]
    return said.guardians[named.index(slot)] if slot in named[: len(said.guardians)] else None


def slots(child: Student) -> list[str]:
    """The places of adults on the form: everybody known, and room for new ones."""
    count = min(len(child.guardians) + NEW_GUARDIANS, max(MOST_GUARDIANS, len(child.guardians)))
    return [f"g{number}" for number in range(1, count + 1)]


def _compare_with_others(now: Register, ground: Ground, before: Student, after: Student, said: Said) -> None:
    """A number belongs to one child; who has the same name and birthday may be the same child."""
    others = StudentIndex.of(one for one in now.students.values() if one.id != before.id)
    for name in NUMBERS:
        number = getattr(after, name)
        holders = others.by_number.get(number, []) if number and number != getattr(before, name) else []
        if holders:
            said.complain("correcting.number_taken", name, names=ground.names_of(holders))
    if (after.name, after.birth) != (before.name, before.birth):
        alike = others.by_birth.get((after.name, after.birth.isoformat()), [])
        if alike:
            said.remark("registry.row.maybe_known", "name", names=ground.names_of(alike))
