"""What one child's records add up to under the rules: incidents, episodes, state, attempts, voices (domain 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from casebook.rules.absence import Child, Day, Run, World, days_of, runs_of
from casebook.rules.facts import Chronicle, Contact, Deed
from casebook.rules.guards import Person, Situation, is_missing
from casebook.rules.replay import Episode, Replay, Step, Unmet, replay
from casebook.rules.rulebook import Rules
from casebook.rules.states import BEFORE_CASE, OPEN

if TYPE_CHECKING:
    from casebook.rules.due import Deadline

LEDGER_NONE, LEDGER_WATCH, LEDGER_SUSPECTED, LEDGER_DROPOUT = "none", "watch", "suspected", "dropout"
_LEDGER = {"I2": LEDGER_WATCH, "C1": LEDGER_WATCH, "C2": LEDGER_SUSPECTED, "C6": LEDGER_WATCH} | dict.fromkeys(
    ("C3", "C4", "C5"), LEDGER_DROPOUT
)
WATCHED_CODES = frozenset({"Z2"})  # elsewhere, but the roll has not moved: stays on watch
TEACHER_CAUSED = "TE"


@dataclass(frozen=True)
class Incident:
    """One student, one unbroken run of unexcused days; its own state, whatever became of the case."""

    first: dt.date
    days: tuple[dt.date, ...]
    assumed: int
    ended_on: dt.date | None
    kind: str
    source: str
    state: str
    cover: str = ""


@dataclass(frozen=True)
class Attempts:
    """How often persuasion was tried; joint visits are among the door visits, services are counted apart (R31)."""

    phone: int = 0
    door: int = 0
    joint: int = 0
    service: int = 0


@dataclass(frozen=True)
class Voice:
    """The newest reasons from one side, with the contact they come from; `restricted`: some are kept for few (R62)."""

    codes: tuple[str, ...] = ()
    source: str = ""
    restricted: bool = False


@dataclass(frozen=True)
class Lifecycle:
    """One child under the rules at one moment."""

    child: Child
    facts: Chronicle
    world: World
    days: tuple[Day, ...]
    incidents: tuple[Incident, ...]
    story: Replay
    dues: tuple[Deadline, ...] | None = field(default=None, compare=False, repr=False)

    def keep_dues(self, dues: Iterable[Deadline]) -> None:
        """Remembers the deadlines that `deadlines` has worked out: they follow from the life and nothing else."""
        object.__setattr__(self, "dues", tuple(dues))

    @property
    def state(self) -> str:
        """The case's state, or the newest incident's while there is no case."""
        return self.story.state

    @property
    def episode(self) -> Episode | None:
        """The newest episode."""
        return self.story.episodes[-1] if self.story.episodes else None

    @property
    def unmet(self) -> tuple[Unmet, ...]:
        """Acts that were written and do not count, with what they lack."""
        return self.story.unmet

    @cached_property
    def since(self) -> dt.date | None:
        """The first day of the episode, or of the newest incident."""
        if self.episode:
            return self.episode.since
        return self.incidents[-1].first if self.incidents else None

    @property
    def rules(self) -> Rules:
        """The rules of the day on which it began."""
        return self.world.book.on(self.since or self.world.today)

    @property
    def is_open(self) -> bool:
        """Whether a case is going on."""
        return self.state in OPEN

    @cached_property
    def absent_days(self) -> tuple[dt.date, ...]:
        """School days missed without excuse in this episode."""
        since = self.since
        return tuple(day for incident in self.incidents if not incident.cover
                     for day in incident.days if since and day >= since)  # fmt: skip

    @cached_property
    def contacts(self) -> list[Contact]:
        """Visits and calls of this episode, until the child was back or the case closed."""
        over = self.episode.over_on if self.episode else None
        return [] if self.since is None else [
            contact for contact in self.facts.visits(self.since) if over is None or contact.stamp.day <= over
        ]  # fmt: skip

    @property
    def attempts(self) -> Attempts:
        """Attempts of this episode."""
        found = self.contacts
        return Attempts(
            sum(contact.is_phone for contact in found), sum(contact.is_door for contact in found),
            sum(contact.is_joint for contact in found), sum(contact.is_service for contact in found),
        )  # fmt: skip

    @property
    def voices(self) -> Mapping[str, Voice]:
        """Reasons as the guardian, the student and the school see them."""
        return {side: _voice(self.contacts, f"reasons_{side}") for side in ("guardian", "student", "judged")}

    @property
    def silent_days(self) -> tuple[dt.date, ...]:
        """School days on which the case was being looked into (C1) and nobody tried to reach the family (R31)."""
        opened, after = self.entered("C1"), [step for step in self.story.steps if step.state != "C1"]
        if opened is None:
            return ()
        over = next((step.day for step in after if step.moment > opened.moment), self.world.today)
        tried = {contact.stamp.day for contact in self.contacts if contact.is_attempt}
        last = over - dt.timedelta(days=1)
        return tuple(day for day in self.world.calendar.between(opened.day, last) if day not in tried)

    @property
    def missing(self) -> bool:
        """Whether nobody knows where the child is: such a case never closes."""
        open_or_watched = self.is_open or self.state in ("I0", "I2")
        return open_or_watched and is_missing(self.seen)

    @property
    def on_watch(self) -> bool:
        """Closed because the child learns elsewhere, until the roll has moved since (4.12, Z2)."""
        last = next((deed.act for deed in reversed(self.story.accepted) if deed.act in ("closed", "roll_moved")), "")
        moved = last == "roll_moved"
        return self.state == "C8" and bool(self.episode) and self.episode.code in WATCHED_CODES and not moved  # type: ignore[union-attr]

    @property
    def ledger_class(self) -> str:
        """none, watch 重点关注, suspected 疑似辍学 or dropout 辍学: derived, never typed."""
        watched = self.child.key or self.on_watch
        return _LEDGER.get(self.state, LEDGER_WATCH if watched else LEDGER_NONE)

    def situation(self, person: Person, body: Mapping[str, Any] | None = None) -> Situation:
        """The case as a person sees it who wants to do a step now: for `states.may`."""
        return Situation(
            self.state, self.world.now, self.since, self.facts, self.rules, self.world.calendar,
            self.story.accepted, {day.day: day for day in self.days}, person, body or {},
        )  # fmt: skip

    @cached_property
    def seen(self) -> Situation:
        """The case as it stands, seen by nobody in particular."""
        return self.situation(Person("", ""))

    def entered(self, state: str) -> Step | None:
        """When the newest episode first entered a state."""
        number = self.episode.number if self.episode else 0
        return next((step for step in self.story.steps if step.state == state and step.episode == number), None)

    def done(self, act: str, **parts: str) -> Deed | None:
        """The first act of this episode that counts, has this name and says these parts."""
        return next((deed for deed in self.seen.done(act)
                     if all(deed.text(part) == value for part, value in parts.items())), None)  # fmt: skip


def lifecycle(child: Child, facts: Chronicle, world: World) -> Lifecycle:
    """Everything that follows from a child's facts; the same whatever the order in which records arrived."""
    known = facts.until(world.now)
    days = days_of(child, known, world)
    runs = runs_of(days)
    story = replay(known, days, runs, world)
    return Lifecycle(child, known, world, days, tuple(_incidents(runs, story)), story)


def _incidents(runs: Sequence[Run], story: Replay) -> Iterator[Incident]:
    """The incident of each run; what lies after the case was closed for another reason is nobody's absence."""
    closed = [episode.closed_on for episode in story.episodes if episode.closed_on]
    for run, following in zip_longest(runs, runs[1:]):
        days = tuple(day for day in run.days if not any(day.day > on for on in closed))
        if days:
            first, state = days[0], _incident_state(run, following, story)
            yield Incident(
                first.day, tuple(day.day for day in days), sum(day.assumed for day in days), run.ended_on, first.kind,
                first.source, state, first.cover if run.covered else "",
            )  # fmt: skip


def _incident_state(run: Run, following: Run | None, story: Replay) -> str:
    """The last state without a case that was entered between this run and the next."""
    if run.covered:
        return "I1"
    states = [step.state for step in story.steps
              if step.state in BEFORE_CASE and step.day >= run.first
              and (following is None or step.day < following.first)]  # fmt: skip
    return states[-1] if states else "I0"


def _voice(contacts: Sequence[Contact], name: str) -> Voice:
    for contact in reversed(contacts):
        codes = contact.codes(name)
        if codes:
            plain = tuple(code for code in codes if not code.startswith(TEACHER_CAUSED))
            return Voice(plain, contact.rid, len(plain) < len(codes))
    return Voice()
