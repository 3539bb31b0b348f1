"""The weeks around term start: key students visited at home (R41), every class surveyed (R43); owed until kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from casebook.rules.absence import World
from casebook.rules.calendar import Term
from casebook.rules.due import Deadline, by_fact, deadline, since
from casebook.rules.facts import BY_THE_WAY, DOOR_MODES, Contact
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.reckoning import Because, reckon

KEY_VISITS, SURVEY = "term_key_visits", "class_survey"


@dataclass(frozen=True)
class Season:
    """The term that a day lies in or comes before, the day from which its key students are visited, and why then."""

    term: Term
    opens: dt.date
    because: tuple[Because, ...]


def season(world: World, day: dt.date) -> Season | None:
    """None where the calendar ends before that day."""
    term = next((term for term in world.calendar.terms if day <= term.last), None)
    if term is None:
        return None
    opens = reckon(world.book.on(term.first).rule("term_key_visits_before"), term.first, world.calendar)
    return Season(term, opens.day or term.first, opens.steps)


def key_visits(life: Lifecycle) -> Iterator[Deadline]:
    """R41: a key student's family is visited around term start; who was not stays owed until the term ends."""
    now = season(life.world, life.world.today) if life.child.key else None
    if now is None or life.world.today < now.opens:
        return
    due = key_visit(life, now)
    if due is not None and due.due is not None:
        room = life.child.class_on(due.due) or ""
        in_time = due.kept is not None and due.kept.day <= due.due
        if in_time or _asked(room, now.term.first, due.due, life.world):
            yield due


def key_visit(life: Lifecycle, around: Season) -> Deadline | None:
    """The visit that a child is owed around one term start: one who was a key student then, and on a class list."""
    world, child, first = life.world, life.child, around.term.first
    rule, start = world.book.on(first).rule(KEY_VISITS), since("term_starts", first, term=around.term.term)
    due = deadline(rule, child.case, start, first, world)
    last, here = due.due or first, max(world.today, first)
    if not child.key or child.key_since > last or not child.class_on(last) or not child.class_on(here):
        return None
    made = (one for one in life.facts.visits(around.opens) if counts(one) and one.stamp.day <= around.term.last)
    return replace(due, because=(*due.because, *around.because), kept=by_fact(next(made, None)))


def counts(contact: Contact) -> bool:
    """Whether a contact is a visit to a key student's family: somebody went there, for any reason, and met them."""
    return contact.mode in DOOR_MODES and contact.reached and not contact.purposes <= BY_THE_WAY


def class_survey(class_id: str, world: World) -> Iterator[Deadline]:
    """R43: in the first week of a term the class teacher finds out who falls behind or is in need; owed until done."""
    now = season(world, world.today)
    if now is None or world.today < now.term.first:
        return
    term = now.term
    rule, start = world.book.on(term.first).rule(SURVEY), since("term_starts", term.first, term=term.term)
    due = deadline(rule, class_id, start, term.first, world)
    day = world.attendance.surveyed_on(class_id, term.first, term.last)
    kept = by_fact(world.attendance.surveys[class_id, day], day) if day else None
    if kept or _asked(class_id, term.first, due.due or term.first, world):
        yield replace(due, kept=kept)


def _asked(class_id: str, first: dt.date, last: dt.date, world: World) -> bool:
    """While its time runs of everybody; afterwards where the class was counted in it: else the school had not begun."""
    days = world.calendar.between(first, last)
    return world.today <= last or any(world.attendance.of(class_id, day) for day in days)
