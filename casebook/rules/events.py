"""What may move a case, gathered from one child's days and facts: marks of the calendar, records, acts of people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from casebook.rules.absence import PRESENT, Day, Run, World
from casebook.rules.facts import Chronicle, Contact, Deed, day_from
from casebook.rules.reckoning import reckon

CASE_CLOCKS = ("relapse_case", "formal_case", "suspect_mark")
# What the calendar does at the start of one day, in this order: the old is over before the new begins.
CLOCKS = ("back_in_class", "absent_again", "first_day", *CASE_CLOCKS)
_RECORD, _PERSON, _OUTCOME = range(len(CLOCKS), len(CLOCKS) + 3)


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
    written: tuple[int, int] = (0, 0)

    @property
    def order(self) -> tuple[dt.datetime, int, tuple[int, int], int, str, str]:
        """The same order on every computer: acts of one second as they were written, each before its outcome."""
        return self.moment, min(self.rank, _PERSON), self.written, self.rank, self.name, self.source


def events_of(facts: Chronicle, days: Sequence[Day], runs: Sequence[Run], world: World) -> Iterator[Event]:
    """All events, in no particular order; `Event.order` is the order in which they count."""
    yield from _clock(runs, days, world)
    yield from _records(facts, runs)
    yield from _deeds(facts)


def _clock(runs: Sequence[Run], days: Sequence[Day], world: World) -> Iterator[Event]:
    """What the calendar does: each mark of a run counts only if the child was still away on that day."""
    for place, run in enumerate(runs):
        yield _tick("first_day", run.first, run, world)
        if run.covered:
            continue
        if place and _soon_after(runs[place - 1], run, days, world):
            yield _tick("absent_again", run.first, runs[place - 1], world)
        for name in CASE_CLOCKS:
            day = reckon(world.book.on(run.first).rule(name), run.first, world.calendar).day
            if day is not None and run.reaches(day, world):
                yield _tick(name, day, run, world)
        back = _back_again(run, days, world)
        if back is not None:
            yield _tick("back_in_class", back, run, world)


def _tick(name: str, day: dt.date, run: Run, world: World) -> Event:
    start = dt.datetime.combine(day, dt.time(), world.now.tzinfo)
    return Event(start, CLOCKS.index(name), name, run.days[-1].source, day, run)


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
        written = deed.stamp.written
        yield Event(deed.stamp.at, _PERSON, deed.act, deed.rid, deed.day(), deed=deed, written=written)
        if deed.act == "served":
            served = day_from(deed.body.get("slip_on")) or deed.day()
            yield Event(deed.stamp.at, _OUTCOME, "notice_served", deed.rid, served, written=written)
