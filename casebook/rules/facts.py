"""What the records of one child say, in the terms of the rules: contacts, leaves, acts, each with its time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from casebook.casefile import Entry
from casebook.errors import FormBroken
from casebook.forms.xmlinput import MAX_ANSWERS_BYTES, local_name, parse_xml

CHINA = dt.timezone(dt.timedelta(hours=8))
PHONE_MODES = frozenset({"phone", "video"})
DOOR_MODES = frozenset({"door", "workplace"})  # only these count as 上门 (domain 4.5)
ATTEMPTS = frozenset({"absence", "persuade", "attempt", "verify", "call"})  # what counts as an attempt at persuasion
SERVICE = "serve"
OUTSIDERS = frozenset({"cadre", "police", "other"})  # with them along, a visit is a joint one
MET = frozenset({"met_guardian", "met_caretaker", "met_student_only"})
_BETWEEN_NAMES = re.compile(r"[^\w\u00b7\u2022]+")


@dataclass(frozen=True)
class Stamp:
    """When something was captured by the device, when that truly was, and when the school received it.

    `offset` is how many seconds the device's clock was ahead of the school's, as measured when it arrived.
    """

    captured: dt.datetime
    received: dt.datetime | None = None
    offset: int = 0

    @property
    def at(self) -> dt.datetime:
        """The corrected capture time: this decides what is on time."""
        return self.captured - dt.timedelta(seconds=self.offset)

    @property
    def day(self) -> dt.date:
        """The local day of the corrected capture time."""
        return self.at.date()

    def off_by_more_than(self, minutes: int) -> bool:
        """Whether the clock was so far off that people must see it."""
        return abs(self.offset) > minutes * 60


@dataclass(frozen=True)
class Fact:
    """What one record, or all versions of one thing, says: who, when, and the record that stands."""

    rid: str
    author: str
    stamp: Stamp

    @property
    def order(self) -> tuple[dt.datetime, str]:
        """By corrected time, then by record: the same on every computer."""
        return self.stamp.at, self.rid


@dataclass(frozen=True)
class Contact(Fact):
    """A visit or a call: `said` holds its answers and what it set; the first version's time counts (R25)."""

    visit: str
    purposes: frozenset[str]
    said: Mapping[str, Any]
    form: str = ""
    photos: int = 0

    @cached_property
    def mode(self) -> str:
        """door, workplace, phone … (domain 4.5)."""
        return str(self.said.get("mode", ""))

    @property
    def is_service(self) -> bool:
        """Whether a notice was to be served: counted by itself, not as persuasion."""
        return SERVICE in self.purposes

    @property
    def is_attempt(self) -> bool:
        """Whether it counts as an attempt at persuasion (R31)."""
        return bool(self.purposes & ATTEMPTS) and not self.is_service

    @property
    def is_door(self) -> bool:
        """Whether somebody went there to persuade."""
        return self.is_attempt and self.mode in DOOR_MODES

    @property
    def is_phone(self) -> bool:
        """Whether it was a call or a video talk to persuade."""
        return self.is_attempt and self.mode in PHONE_MODES

    @property
    def is_joint(self) -> bool:
        """Whether people from outside the school went along."""
        return self.is_door and bool(OUTSIDERS & set(str(self.said.get("with_whom", "")).split()))

    @property
    def reached(self) -> bool:
        """Whether somebody was met or answered."""
        return self.said.get("contact_result") in MET

    @cached_property
    def fellows(self) -> frozenset[str]:
        """Names of the colleagues who went along."""
        return frozenset(filter(None, _BETWEEN_NAMES.split(str(self.said.get("covisitors", "")))))

    def text(self, name: str) -> str:
        """An answer as text, empty when there is none."""
        return str(self.said.get(name) or "")

    def codes(self, name: str) -> tuple[str, ...]:
        """A multiple answer as its codes."""
        value = self.said.get(name)
        return tuple(map(str, value)) if isinstance(value, list) else tuple(str(value or "").split())

    def day_said(self, name: str) -> dt.date | None:
        """An answer that is a day."""
        return _day(self.said.get(name))


@dataclass(frozen=True)
class Leave(Fact):
    """A leave as its newest version says; `stamp` and `author` are the first version's (who asked back-dated it?)."""

    leave: str
    first: dt.date
    last: dt.date
    kind: str
    reason: str
    proof: str
    verified: dt.datetime | None = None
    returned_on: dt.date | None = None
    withdrawn: str = ""

    @property
    def backdated(self) -> bool:
        """Whether it was written down after its first day."""
        return self.stamp.day > self.first

    def covers(self, day: dt.date) -> bool:
        """Whether the child is on leave that day: the day of coming back ends it."""
        ended = self.returned_on is not None and day >= self.returned_on
        return not self.withdrawn and not ended and self.first <= day <= self.last


@dataclass(frozen=True)
class Deed(Fact):
    """An act of a person in a role."""

    act: str
    role: str
    body: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A part of the act as text."""
        return str(self.body.get(name) or "")

    def day(self, name: str = "on") -> dt.date:
        """A part of the act that is a day; the day it was written down when it does not say."""
        return _day(self.body.get(name)) or self.stamp.day


@dataclass(frozen=True)
class Chronicle:
    """One child's facts, each list in order. `absences` are days that the office noted one by one."""

    case: str
    contacts: tuple[Contact, ...] = ()
    leaves: tuple[Leave, ...] = ()
    deeds: tuple[Deed, ...] = ()
    absences: Mapping[dt.date, str] = field(default_factory=dict)

    def until(self, moment: dt.datetime) -> Chronicle:
        """What had been captured by `moment`."""
        return Chronicle(
            self.case,
            tuple(fact for fact in self.contacts if fact.stamp.at <= moment),
            tuple(fact for fact in self.leaves if fact.stamp.at <= moment),
            tuple(fact for fact in self.deeds if fact.stamp.at <= moment),
            {day: rid for day, rid in self.absences.items() if day <= moment.date()},
        )

    def done(self, *acts: str, since: dt.date | None = None) -> list[Deed]:
        """The deeds with one of these names, oldest first, of a day on or after `since`."""
        return [deed for deed in self.deeds if deed.act in acts and (since is None or deed.day() >= since)]

    def visits(self, since: dt.date | None = None) -> list[Contact]:
        """Contacts of a day on or after `since`, oldest first."""
        return [contact for contact in self.contacts if since is None or contact.stamp.day >= since]


def chronicle(
    case: str, entries: Iterable[Entry], offsets: Mapping[str, int] | None = None, zone: dt.tzinfo = CHINA
) -> Chronicle:
    """The facts of one child's records, whatever their order; `offsets` are seconds a clock was ahead, by record."""
    kept = sorted({entry.rid: entry for entry in entries}.values(), key=lambda entry: entry.order)
    read = _Reader(offsets or {}, zone)
    return Chronicle(
        case,
        tuple(sorted((read.contact(chain) for chain in _chains(kept, "visit")), key=lambda fact: fact.order)),
        tuple(sorted((read.leave(chain) for chain in _chains(kept, "leave")), key=lambda fact: fact.order)),
        tuple(sorted(read.deeds(kept), key=lambda fact: fact.order)),
        {day: entry.rid for entry in kept if (day := _noted_absent(entry))},
    )


def stamp_of(entry: Entry, offsets: Mapping[str, int], zone: dt.tzinfo = CHINA) -> Stamp:
    """The times of a record, in the school's zone."""
    captured = dt.datetime.fromisoformat(entry.record.at.started).astimezone(zone)
    received = dt.datetime.fromisoformat(entry.received_at).astimezone(zone) if entry.received_at else None
    return Stamp(captured, received, offsets.get(entry.rid, 0))


def heads(entries: list[Entry]) -> list[Entry]:
    """The records that no other amends, in order."""
    amended = {rid for entry in entries for rid in entry.record.amends}
    return [entry for entry in entries if entry.rid not in amended] or entries[-1:]


@dataclass(frozen=True)
class _Reader:
    """Reads facts out of records."""

    offsets: Mapping[str, int]
    zone: dt.tzinfo

    def contact(self, chain: list[Entry]) -> Contact:
        first, head = chain[0], heads(chain)[-1].record
        body = head.body
        return Contact(
            first.rid, first.record.author, self._stamp(first), visit=body["visit"],
            purposes=frozenset(body.get("purposes", ())), said={**answers(body.get("instance", "")), **head.set},
            form=head.form.id if head.form else "", photos=sum(a.role == "photo" for a in head.att),
        )  # fmt: skip

    def leave(self, chain: list[Entry]) -> Leave:
        first, body = chain[0], heads(chain)[-1].record.body
        return Leave(
            first.rid, first.record.author, self._stamp(first), leave=body["leave"],
            first=dt.date.fromisoformat(body["first"]), last=dt.date.fromisoformat(body["last"]), kind=body["kind"],
            reason=body["reason"], proof=body["proof"], verified=_instant(body.get("verified_at"), self.zone),
            returned_on=_day(body.get("returned_on")), withdrawn=body.get("withdrawn", ""),
        )  # fmt: skip

    def deeds(self, entries: list[Entry]) -> Iterable[Deed]:
        acts = heads([entry for entry in entries if entry.record.type == "act"])
        for entry in acts:
            body = entry.record.body
            yield Deed(entry.rid, entry.record.author, self._stamp(entry), body["act"], body["role"], body)
        for entry in entries:
            if entry.record.type == "case" and entry.record.body["act"] == "open":
                body = {"because": entry.record.body.get("rule", "")}
                yield Deed(entry.rid, entry.record.author, self._stamp(entry), "opened", "academic_office", body)

    def _stamp(self, entry: Entry) -> Stamp:
        return stamp_of(entry, self.offsets, self.zone)


@lru_cache(4096)
def answers(instance: str) -> dict[str, str]:
    """Question name -> answer of a form's instance; empty when it cannot be read. Not to be changed by the caller."""
    try:
        root, _ = parse_xml(instance.encode(), MAX_ANSWERS_BYTES)
    except FormBroken:
        return {}
    return {local_name(node.tag): node.text.strip() for node in root.iter() if len(node) == 0 and node.text}


def _chains(entries: list[Entry], kind: str) -> Iterable[list[Entry]]:
    """The versions of each thing of a kind, oldest first."""
    chains: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.record.type == kind:
            chains.setdefault(entry.record.body[kind], []).append(entry)
    return chains.values()


def _noted_absent(entry: Entry) -> dt.date | None:
    return _day(entry.record.body["absent_on"]) if entry.record.type == "incident" else None


def _day(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def _instant(value: object, zone: dt.tzinfo) -> dt.datetime | None:
    return dt.datetime.fromisoformat(str(value)).astimezone(zone) if value else None
