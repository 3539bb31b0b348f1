"""Until when a life that was worked out still holds, as long as nobody writes anything: for whoever keeps lives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from casebook.rules.deadlines import deadlines
from casebook.rules.due import Deadline
from casebook.rules.facts import Chronicle, Fact
from casebook.rules.lifecycle import Lifecycle


def next_turn(life: Lifecycle, facts: Chronicle, dues: Iterable[Deadline] | None = None) -> dt.datetime:
    """The first moment from now on at which time alone changes what the life or its deadlines say.

    `facts` are all that are known, also those whose corrected time is still to come; `dues` the child's deadlines,
    when they are known already. The day's end is the latest.
    """
    now = life.world.now
    return min(moment for moment in _turns(life, facts, dues) if moment >= now)


def holds(life: Lifecycle, turn: dt.datetime, now: dt.datetime) -> bool:
    """Whether a life kept with its next turn still says the same at `now`; a clock set back is another time."""
    return life.world.now <= now < turn


def _turns(life: Lifecycle, facts: Chronicle, dues: Iterable[Deadline] | None) -> Iterator[dt.datetime]:
    now = life.world.now
    yield dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), now.tzinfo)
    known: list[Fact] = [*facts.contacts, *facts.leaves, *facts.deeds]
    yield from (fact.stamp.at for fact in known)
    yield from (due.at for due in (deadlines(life) if dues is None else dues) if due.at is not None)
    if life.child.key:
        yield from _excuses_end(life, facts)


def _excuses_end(life: Lifecycle, facts: Chronicle) -> Iterator[dt.datetime]:
    """When a leave that nobody has checked by a call stops to excuse (R17)."""
    missing = life.world.attendance.missing.get(life.child.case, {})
    written = [(leave.first, leave.stamp.at) for leave in facts.leaves]
    written += [(day, count.stamp.at) for day, sessions in missing.items() for count in sessions.values()]
    for day, moment in written:
        yield moment + dt.timedelta(hours=life.world.book.on(day).number("leave_verify"))
