"""Absences without leave: each with its state, its days and the state of the case that came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from casebook.feeds import CLASSES, STUDENTS
from casebook.rules.lifecycle import Incident, Lifecycle
from casebook.rules.states import BEFORE_CASE
from sync_server import access
from sync_server.access import Verb
from sync_server.cases import Child
from sync_server.lives import Wanted
from sync_server.store import rows
from sync_server.store.engine import Connection
from sync_server.web.console.lists import pages
from sync_server.web.console.page import Ask, Console

PAGE_INCIDENTS = 50
EXCUSED = "I1"
ALL = "all"


@dataclass(frozen=True)
class IncidentLine:
    """One absence of one child, the class teacher, and the state of its case now (empty: no case)."""

    child: Child
    teacher: str
    incident: Incident
    case_state: str


def show(console: Console, ask: Ask) -> Response:
    """Children who are still absent, the longest first; or all absences of the school year, the newest first."""
    every = ask.query("which") == ALL
    with console.wiring.store.read() as conn:
        found = _of_year(console, conn, ask) if every else ongoing(console, conn, ask)
        shown = pages(ask, len(found), PAGE_INCIDENTS)
        lines = _drawn(console, conn, found[shown.offset : shown.offset + shown.size])
    return console.page(
        ask, "incidents", lines=lines, pages=shown, every=every, address=lambda number: ask.address(page=number)
    )


def ongoing(console: Console, conn: Connection, ask: Ask) -> list[tuple[Lifecycle, Incident]]:
    """Absences without excuse that are not over, the longest first."""
    lasting = [(life, life.incidents[-1]) for life in _lives(console, conn, ask, _is_away)]
    return sorted(lasting, key=lambda one: (one[1].first, one[0].child.case))


def _of_year(console: Console, conn: Connection, ask: Ask) -> list[tuple[Lifecycle, Incident]]:
    world = console.wiring.lives.world(conn)
    term = world.calendar.term_of(world.today)
    year = term.term.rpartition("-")[0] if term else ""
    first = next((one.first for one in world.calendar.terms if one.term.rpartition("-")[0] == year), dt.date.min)
    found = [
        (life, one) for life in _lives(console, conn, ask) for one in life.incidents if one.days[-1] >= first
    ]
    return sorted(found, key=lambda one: (one[1].first, one[0].child.case), reverse=True)


def _is_away(life: Lifecycle) -> bool:
    return bool(life.incidents) and life.incidents[-1].ended_on is None and life.incidents[-1].state != EXCUSED


def _lives(console: Console, conn: Connection, ask: Ask, wanted: Wanted | None = None) -> list[Lifecycle]:
    return console.wiring.lives.within(conn, access.reach(ask.actor, Verb.READ_CASE), wanted=wanted)


def _drawn(console: Console, conn: Connection, found: Sequence[tuple[Lifecycle, Incident]]) -> list[IncidentLine]:
    children = rows.of_feed(conn, console.school, STUDENTS, {life.child.case for life, _ in found})
    rooms = rows.of_feed(conn, console.school, CLASSES)
    lines = []
    for life, incident in found:
        child = children.get(life.child.case)
        if child is not None:
            teacher = str(rooms.get(child["class_id"], {}).get("teacher_name", ""))
            lines.append(IncidentLine(child, teacher, incident, _case_state(life, incident)))
    return lines


def _case_state(life: Lifecycle, incident: Incident) -> str:
    """The state of the case, where the absence belongs to its newest episode."""
    of_episode = life.episode is not None and incident.days[-1] >= life.episode.since
    return life.state if of_episode and life.state not in BEFORE_CASE else ""
