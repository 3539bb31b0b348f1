"""The figures of the school year and of a month: heads beside every percentage, names for those who may see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from starlette.responses import Response

from casebook.rules.calendar import SchoolCalendar, Term
from sync_server import access
from sync_server.access import Verb
from sync_server.figures import SCHOOL, Statistics
from sync_server.roster.lookback import rooms_on
from sync_server.store import class_lists
from sync_server.store.engine import Connection
from sync_server.web.console.page import Ask, Console

ASSESSMENT = "class_assessment"


def show(console: Console, ask: Ask) -> Response:
    """The term and cut-off asked for, today's by default. Raises NotAllowed."""
    within = access.reach(ask.actor, Verb.READ_FIGURES)
    if not within.whole_school:
        access.require(ask.actor, Verb.READ_FIGURES, access.Subject("", next(iter(within.classes), "")))
    today = console.wiring.clock().date()
    with console.wiring.store.read() as conn:
        world, use = console.wiring.lives.world(conn), statistics(console)
        term = _term(world.calendar, ask.query("term"), today)
        cutoff = _cutoff(ask.query("cutoff"), term, today)
        year = use.year(conn, term, cutoff) if term else None
        rooms = rooms_on(conn, console.school, cutoff)
        seen = [id for id in rooms if within.whole_school or id in within.classes]
        month = use.month(conn, _month(ask.query("month"), cutoff), seen)
        behind = {*(year.children if year else ()), *month.confirmed, *month.back}
        children = _nameable(console, conn, ask, behind)
    assessed = world.book.on(cutoff).by_key.get(ASSESSMENT)
    return console.page(
        ask, "figures", year=year, month=month, terms=[one.term for one in reversed(world.calendar.terms)], term=term,
        today=today, cutoff=cutoff, rooms=rooms, children=children,
        groups=[one for one in year.groups if within.whole_school] if year else [],
        classes=[one for one in year.classes if one.name in seen] if year else [],
        assessed=bool(assessed and assessed.value) and "principal" in ask.actor.roles, whole=within.whole_school,
        school=SCHOOL,
    )  # fmt: skip


def statistics(console: Console) -> Statistics:
    """The use case, over the console's wiring."""
    wiring = console.wiring
    return Statistics(wiring.store, console.school, wiring.lives, wiring.clock)


def _nameable(console: Console, conn: Connection, ask: Ask, behind: Collection[str]) -> dict[str, str]:
    """Names of the children `behind` the figures that the asker may list; nobody else is named there."""
    within = access.reach(ask.actor, Verb.LIST_STUDENTS)
    every = class_lists.names(conn, console.school, behind)
    return {id: name for id, (name, class_id) in every.items()
            if within.whole_school or class_id in within.classes or id in within.cases}  # fmt: skip


def _term(calendar: SchoolCalendar, asked: str, today: dt.date) -> Term | None:
    named = next((one for one in calendar.terms if one.term == asked), None)
    begun = [one for one in calendar.terms if one.first <= today]
    return named or (begun[-1] if begun else next(iter(calendar.terms), None))


def _cutoff(asked: str, term: Term | None, today: dt.date) -> dt.date:
    """The day asked for, else the end of the term; never a day to come, never before the term."""
    try:
        day = dt.date.fromisoformat(asked)
    except ValueError:
        day = term.last if term else today
    return min(today, max(day, term.first) if term else day)


def _month(asked: str, cutoff: dt.date) -> dt.date:
    try:
        return min(dt.date.fromisoformat(f"{asked}-01"), cutoff)
    except ValueError:
        return cutoff
