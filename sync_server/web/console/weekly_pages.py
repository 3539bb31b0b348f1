"""The weekly reports: all classes of a week with their totals, one class day by day, and the director's signature."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from starlette.responses import Response

from casebook.feeds import STUDENTS
from sync_server import access
from sync_server.access import Subject, Verb
from sync_server.store import accounts, rows
from sync_server.web.console.attendance_pages import asked_day, day_between
from sync_server.web.console.page import Ask, Console, go
from sync_server.weeklies import SIGNED, Report, Weeklies, monday_of

MOST_FIELDS = 60
PREFIX = "seen-"
WEEK = dt.timedelta(days=7)


def show(console: Console, ask: Ask) -> Response:
    """Every class of a week, by grade, with the grade's sum. Raises NotAllowed."""
    return _list(console, ask, asked_day(console, ask))


def card(console: Console, ask: Ask) -> Response:
    """One class, day by day. Raises NotAllowed, NoSuchPage."""
    class_id, day = ask.part("class_id"), asked_day(console, ask)
    with console.wiring.store.read() as conn:
        report = weeklies(console).one(conn, ask.actor, class_id, day)
        children = rows.of_feed(conn, console.school, STUDENTS, _named(report))
        names = accounts.names(conn, console.school)
    may_sign = access.allows(ask.actor, Verb.SIGN_WEEKLY, Subject("", class_id))
    return console.page(
        ask, "weekly_class", report=report, monday=monday_of(day), names=names, may_sign=may_sign, prefix=PREFIX,
        child_names={id: child["name"] for id, child in children.items()}, done=ask.query("done"),
        today=console.wiring.clock().date(),
    )  # fmt: skip


def sign(console: Console, ask: Ask) -> Response:
    """Signs what was looked at; what has changed meanwhile is shown again. Raises NotAllowed, NoSuchPage."""
    day = day_between(console, ask.form.get("day", ""))
    seen = {name.removeprefix(PREFIX): sha for name, sha in ask.form.items() if name.startswith(PREFIX)}
    left = weeklies(console).sign(ask.actor, day, seen)
    if left:
        return _list(console, ask, day, tuple(left))
    return go(f"/weekly?day={monday_of(day).isoformat()}&done=signed")


def weeklies(console: Console) -> Weeklies:
    """The use case, over the console's wiring."""
    wiring = console.wiring
    return Weeklies(wiring.store, console.school, wiring.lives, wiring.office, wiring.clock)


def _list(console: Console, ask: Ask, day: dt.date, left: tuple[str, ...] = ()) -> Response:
    with console.wiring.store.read() as conn:
        reports = weeklies(console).of_week(conn, ask.actor, day)
        names = accounts.names(conn, console.school)
    monday, today = monday_of(day), console.wiring.clock().date()
    signable = [one for one in reports if one.over and one.state != SIGNED and _may_sign(ask, one)]
    return console.page(
        ask, "weekly", 409 if left else 200, grades=_by_grade(reports), monday=monday, names=names, left=left,
        before=monday - WEEK, after=monday + WEEK if monday + WEEK <= today else None, signable=signable,
        prefix=PREFIX, done=ask.query("done"), today=today,
    )  # fmt: skip


def _by_grade(reports: Sequence[Report]) -> list[tuple[int, list[Report], Counter[str], Counter[str]]]:
    """Grade, its classes, and the sums of their absences by kind and of their same-day visits by outcome."""
    found = []
    for grade, group in groupby(reports, key=lambda one: int(one.room.get("grade", 0))):
        classes = list(group)
        kinds: Counter[str] = Counter()
        visits: Counter[str] = Counter()
        for one in classes:
            kinds.update(one.sheet.week.totals)
            visits.update(one.sheet.visit_counts)
        found.append((grade, classes, kinds, visits))
    return found


def _may_sign(ask: Ask, report: Report) -> bool:
    return access.allows(ask.actor, Verb.SIGN_WEEKLY, Subject("", str(report.room["id"])))


def _named(report: Report) -> set[str]:
    """Every child the sheet names."""
    days, sheet = report.sheet.week.days, report.sheet
    named = {student for day in days for student in (*day.unexcused, *(one.student for one in day.changes))}
    return named | {one.student for one in sheet.visits} | {one.student for one in sheet.moves}
