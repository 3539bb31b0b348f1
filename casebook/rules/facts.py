"""What the records of one child say, in the terms of the rules: contacts, leaves, acts, each with its time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from casebook.days import day_written
from casebook.fellows import names_in

CHINA = dt.timezone(dt.timedelta(hours=8))
PHONE_MODES = frozenset({"phone", "video"})
DOOR_MODES = frozenset({"door", "workplace"})  # only these count as 上门 (domain 4.5)
ATTEMPTS = frozenset({"absence", "persuade", "attempt", "verify", "call"})  # what counts as an attempt at persuasion
SERVICE = "serve"
OUTSIDERS = frozenset({"cadre", "police", "other"})  # with them along, a visit is a joint one
BY_THE_WAY = frozenset({"attempt", "census", "spot_check"})  # nobody was met about the matter: it settles nothing
MET = frozenset({"met_guardian", "met_caretaker", "met_student_only"})


@dataclass(frozen=True)
class Stamp:
    """When something was captured by the device, when that truly was, and when the school received it.

    `offset` is how many seconds the device's clock was ahead of the school's, as measured when it arrived; `written`
    is the hybrid clock of the record, which tells apart what was written in one second.
    """

    captured: dt.datetime
    received: dt.datetime | None = None
    offset: int = 0
    written: tuple[int, int] = (0, 0)

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
    def order(self) -> tuple[dt.datetime, tuple[int, int], str]:
        """By corrected time, then in the order of writing, then by record: the same on every computer."""
        return self.stamp.at, self.stamp.written, self.rid


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
        return frozenset(names_in(str(self.said.get("covisitors", ""))))

    def text(self, name: str) -> str:
        """An answer as text, empty when there is none."""
        return str(self.said.get(name) or "")

    def codes(self, name: str) -> tuple[str, ...]:
        """A multiple answer as its codes."""
        value = self.said.get(name)
        return tuple(map(str, value)) if isinstance(value, list) else tuple(str(value or "").split())

    def day_said(self, name: str) -> dt.date | None:
        """An answer that is a day."""
        return day_from(self.said.get(name))


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
        return day_from(self.body.get(name)) or self.stamp.day


@dataclass(frozen=True)
class EntryNotice(Fact):
    """A notice of entry (R06), issued on a day under a number; `collected` is when somebody noted who came for it."""

    no: str
    on: dt.date
    collected_on: dt.date | None = None
    collected: dt.datetime | None = None

    def known_at(self, moment: dt.datetime) -> EntryNotice:
        """The notice as it stood at a moment."""
        noted = self.collected is not None and self.collected <= moment
        return self if noted else replace(self, collected_on=None, collected=None)


@dataclass(frozen=True)
class Pause(Fact):
    """A suspension or deferral with its approval's last day (R10); the stamp is that of the decision."""

    until: dt.date


@dataclass(frozen=True)
class Chronicle:
    """One child's facts, each list in order. `absences` are days that the office noted one by one."""

    case: str
    contacts: tuple[Contact, ...] = ()
    leaves: tuple[Leave, ...] = ()
    deeds: tuple[Deed, ...] = ()
    absences: Mapping[dt.date, str] = field(default_factory=dict)
    entries: tuple[EntryNotice, ...] = ()
    pauses: tuple[Pause, ...] = ()

    def until(self, moment: dt.datetime) -> Chronicle:
        """What had been captured by `moment`."""
        return Chronicle(
            self.case,
            tuple(fact for fact in self.contacts if fact.stamp.at <= moment),
            tuple(fact for fact in self.leaves if fact.stamp.at <= moment),
            tuple(fact for fact in self.deeds if fact.stamp.at <= moment),
            {day: rid for day, rid in self.absences.items() if day <= moment.date()},
            tuple(fact.known_at(moment) for fact in self.entries if fact.stamp.at <= moment),
            tuple(fact for fact in self.pauses if fact.stamp.at <= moment),
        )

    def done(self, *acts: str, since: dt.date | None = None) -> list[Deed]:
        """The deeds with one of these names, oldest first, of a day on or after `since`."""
        return [deed for deed in self.deeds if deed.act in acts and (since is None or deed.day() >= since)]

    def visits(self, since: dt.date | None = None) -> list[Contact]:
        """Contacts of a day on or after `since`, oldest first."""
        return [contact for contact in self.contacts if since is None or contact.stamp.day >= since]


def day_from(value: object) -> dt.date | None:
    """The day of a day or an instant written as text, None when it is neither."""
    text = str(value)
    return day_written(text[:10]) if text[10:11] in ("", "T", " ") else None
