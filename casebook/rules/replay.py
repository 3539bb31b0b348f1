"""Runs one child's facts through the state machine, in the order of corrected times: the history of its states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from casebook.rules.absence import PRESENT, Day, Run, World
from casebook.rules.facts import Chronicle, Contact, Deed
from casebook.rules.guards import Person, Situation
from casebook.rules.reckoning import reckon
from casebook.rules.states import BACK, BEFORE_CASE, NONE, Allowed, Refused, find, may

_CASE_CLOCKS = ("relapse_case", "formal_case", "suspect_mark")
# What the calendar does at the start of one day, in this order: the old is over before the new begins.
_CLOCKS = ("back_in_class", "absent_again", "first_day", *_CASE_CLOCKS)
_RECORD, _PERSON, _OUTCOME = range(len(_CLOCKS), len(_CLOCKS) + 3)


@dataclass(frozen=True)
class Event:
    """Something that may move the machine: the clock (at the start of its day), a record, a person, or its outcome."""

    moment: dt.datetime
    rank: int
    name: str
    source: str
    day: dt.date
    run: Run | None = None
    deed: Deed | None = None

    @property
    def order(self) -> tuple[dt.datetime, int, str, str]:
        """The same order on every computer."""
        return self.moment, self.rank, self.name, self.source


@dataclass(frozen=True)
class Step:
    """A state entered: on which day, by which event, from which record, by which rule, in which episode."""

    state: str
    day: dt.date
    event: str
    source: str
    clause: str
    episode: int
    moment: dt.datetime


@dataclass(frozen=True)
class Unmet:
    """An act that is kept and does not count, with everything it lacked at its time."""

    rid: str
    event: str
    day: dt.date
    missing: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Episode:
    """One time of staying away (each relapse is another), from its first day on."""

    number: int
    since: dt.date
    opened_on: dt.date
    rule: str
    returned_on: dt.date | None = None
    struck_off_on: dt.date | None = None
    closed_on: dt.date | None = None
    code: str = ""

    @property
    def over_on(self) -> dt.date | None:
        """The day the child was back or the case was closed, None while it goes on."""
        return self.returned_on or self.closed_on


@dataclass(frozen=True)
class Replay:
    """What the machine went through: all states entered, all episodes, what counted and what did not."""

    state: str
    steps: tuple[Step, ...]
    episodes: tuple[Episode, ...]
    accepted: tuple[Deed, ...]
    unmet: tuple[Unmet, ...]


def replay(facts: Chronicle, days: Sequence[Day], runs: Sequence[Run], world: World) -> Replay:
    """The history up to now: the same for every order in which the records came."""
    machine = _Machine(facts, {day.day: day for day in days}, world)
    events = [*_clock(runs, days, world), *_records(facts, runs), *_deeds(facts)]
    machine.clocks = [event for event in events if event.name in _CASE_CLOCKS]
    for event in sorted(events, key=lambda event: event.order):
        if event.moment <= world.now:
            machine.offer(event)
    return Replay(
        machine.state, tuple(machine.steps), tuple(machine.episodes), tuple(machine.accepted), tuple(machine.unmet)
    )


class _Machine:
    """The state so far; `offer` lets one event try."""

    def __init__(self, facts: Chronicle, days: Mapping[dt.date, Day], world: World) -> None:
        self._facts, self._days, self._world = facts, days, world
        self.state = NONE
        self.run: Run | None = None
        self.steps: list[Step] = []
        self.episodes: list[Episode] = []
        self.accepted: list[Deed] = []
        self.unmet: list[Unmet] = []
        self.clocks: list[Event] = []

    def offer(self, event: Event) -> None:
        """Moves if a row allows it; an act that no row allows is noted as unmet."""
        if event.name == "first_day":
            self._new_incident(event)
        if event.name in _CLOCKS:
            self._move_by_itself(event)
        else:
            self._try(event)

    def _new_incident(self, event: Event) -> None:
        """Another run of absence is another incident, whatever became of the last one."""
        self.run = event.run
        if self.state in BEFORE_CASE:
            self.state = NONE

    def _move_by_itself(self, event: Event) -> None:
        move = find(event.name, self.state)
        if move is not None and move.target is not None:
            self._enter(move.target, event, move.clause)

    def _try(self, event: Event) -> None:
        before = self.state
        answer = may(event.name, self._situation(event))
        if isinstance(answer, Refused):
            if event.deed or (event.name == "notice_served" and self.state == "C3"):
                self.unmet.append(Unmet(event.source, event.name, event.day, answer.missing, answer.facts))
            return
        if event.deed:
            self.accepted.append(event.deed)
        self._follow(answer, event)
        if event.name == "declared_leaving" and before in BEFORE_CASE:
            self._follow(may(event.name, self._situation(event)), event)

    def _follow(self, answer: Allowed | Refused, event: Event) -> None:
        if isinstance(answer, Allowed) and answer.move.target is not None:
            self._enter(answer.move.target, event, answer.move.clause)

    def _enter(self, state: str, event: Event, clause: str) -> None:
        opening = state == "C1" and self.state in (*BEFORE_CASE, *BACK)
        self.state = state
        if opening:
            self._open(event)
        self._note(event)
        episode = self.episodes[-1].number if self.episodes else 0
        self.steps.append(Step(state, self._day_of(event), event.name, event.source, clause, episode, event.moment))
        if state == "C1":
            self._catch_up(event)

    def _open(self, event: Event) -> None:
        lasting = self.run if self.run and self.run.reaches(event.day, self._world) else None
        run = event.run or lasting
        since = run.first if run else event.day
        self.episodes.append(Episode(len(self.episodes) + 1, since, event.day, event.name))

    def _note(self, event: Event) -> None:
        """Writes the days of coming back, striking off and closing into the episode."""
        if not self.episodes:
            return
        now = self.episodes[-1]
        if event.name == "return_confirmed":
            now = replace(now, returned_on=self._day_of(event))
        elif event.name == "struck_off":
            now = replace(now, struck_off_on=event.day)
        elif event.name == "closed":
            closing = self._named(event, "closing")
            now = replace(now, closed_on=event.day, code=closing.text("code") if closing else "")
        elif event.name == "refuted":
            now = replace(now, closed_on=None, code="")
        self.episodes[-1] = now

    def _catch_up(self, event: Event) -> None:
        """A case that is opened in the middle of a long absence has passed the later marks already."""
        for clock in sorted(self.clocks, key=lambda clock: clock.order):
            lasting = clock.run and clock.run.reaches(event.day, self._world)
            if clock.name == "suspect_mark" and lasting and clock.moment < event.moment:
                self._move_by_itself(replace(clock, day=event.day, moment=event.moment))

    def _day_of(self, event: Event) -> dt.date:
        returned = self._named(event, "returned") if event.name == "return_confirmed" else None
        return returned.day() if returned else event.day

    def _named(self, event: Event, part: str) -> Deed | None:
        rid = event.deed.text(part) if event.deed else ""
        return next((deed for deed in self.accepted if deed.rid == rid), None)

    def _situation(self, event: Event) -> Situation:
        deed = event.deed
        person = Person(deed.author, deed.role, deed.text("name")) if deed else Person("", "")
        since = self.episodes[-1].since if self.episodes else (self.run.first if self.run else None)
        return Situation(
            self.state, event.moment, since, self._facts.until(event.moment),
            self._world.book.on(since or event.day), self._world.calendar, tuple(self.accepted), self._days, person,
            deed.body if deed else {},
        )  # fmt: skip


def _clock(runs: Sequence[Run], days: Sequence[Day], world: World) -> Iterator[Event]:
    """What the calendar does: each mark of a run counts only if the child was still away on that day."""
    for place, run in enumerate(runs):
        yield _tick("first_day", run.first, run, world)
        if run.covered:
            continue
        if place and _soon_after(runs[place - 1], run, days, world):
            yield _tick("absent_again", run.first, runs[place - 1], world)
        for name in _CASE_CLOCKS:
            day = reckon(world.book.on(run.first).rule(name), run.first, world.calendar).day
            if day is not None and run.reaches(day, world):
                yield _tick(name, day, run, world)
        back = _back_again(run, days, world)
        if back is not None:
            yield _tick("back_in_class", back, run, world)


def _tick(name: str, day: dt.date, run: Run, world: World) -> Event:
    start = dt.datetime.combine(day, dt.time(), world.now.tzinfo)
    return Event(start, _CLOCKS.index(name), name, run.days[-1].source, day, run)


def _soon_after(former: Run, run: Run, days: Sequence[Day], world: World) -> bool:
    """Whether the child had not yet been back in class for as many days as a sign needs to be over (R29)."""
    needed = world.book.on(former.first).number("sign_back_days")
    between = sum(day.status == PRESENT for day in days if former.last < day.day < run.first)
    return not former.covered and between < needed


def _back_again(run: Run, days: Sequence[Day], world: World) -> dt.date | None:
    needed = world.book.on(run.first).number("sign_back_days")
    seen = [day.day for day in days if day.day > run.last]
    here = [day.day for day in days if day.day > run.last and day.status == PRESENT]
    return here[needed - 1] if len(here) >= needed and seen[:needed] == here[:needed] else None


def _records(facts: Chronicle, runs: Sequence[Run]) -> Iterator[Event]:
    """What records of visits and leaves do: excuse, show a sign, serve a notice."""
    made = {fact.rid: fact for fact in (*facts.contacts, *facts.leaves)}
    for run in runs:
        fact = made.get(run.days[0].cover)
        if fact is not None:
            moment = max(fact.stamp.at, dt.datetime.combine(run.first, dt.time(), fact.stamp.at.tzinfo))
            yield Event(moment, _RECORD, "excused", fact.rid, moment.date(), run)
    for contact in facts.contacts:
        name = _sign(contact)
        if name:
            yield Event(contact.stamp.at, _RECORD, name, contact.rid, contact.stamp.day)
        if contact.is_service:
            yield Event(contact.stamp.at, _RECORD, "notice_served", contact.rid, contact.stamp.day)


def _sign(contact: Contact) -> str:
    if contact.text("sign_level") == "strong":
        return "strong_sign"
    return "sign" if contact.text("sign_level") == "slight" or contact.text("excuse") == "none" else ""


def _deeds(facts: Chronicle) -> Iterator[Event]:
    for deed in facts.deeds:
        yield Event(deed.stamp.at, _PERSON, deed.act, deed.rid, deed.day(), deed=deed)
        if deed.act == "served":
            yield Event(deed.stamp.at, _OUTCOME, "notice_served", deed.rid, deed.day())
