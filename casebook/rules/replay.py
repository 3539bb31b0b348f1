"""Runs one child's facts through the state machine, in the order of corrected times: the history of its states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from casebook.rules.absence import Day, Run, World
from casebook.rules.events import CASE_CLOCKS, CLOCKS, Event, events_of
from casebook.rules.facts import Chronicle, Deed
from casebook.rules.guards import Person, Situation
from casebook.rules.states import BACK, BEFORE_CASE, NONE, Allowed, Refused, find, may


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
    events = list(events_of(facts, days, runs, world))
    machine.clocks = [event for event in events if event.name in CASE_CLOCKS]
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
        if event.name in CLOCKS:
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
