"""Headcounts of a day: all classes, the burning ones first; one class with its history; entering and correcting."""

from __future__ import annotations

import datetime as dt

from starlette.responses import Response

from casebook.days import day_written
from casebook.kinds.headcount import AWAY_KINDS, PRESENT_KINDS
from casebook.rules.attendance import ROLL_SESSIONS
from sync_server import access
from sync_server.access import Subject, Verb
from sync_server.attendance import STATES, AttendanceDesk, ClassDay, Roll, may_see_names, versions
from sync_server.store import accounts
from sync_server.web.console.page import Ask, Console, go

KINDS = (
    "unexcused", "sick", "personal", "official", "not_registered", "suspended", "home_taught", "late", "left_early",
)  # fmt: skip
assert set(KINDS) == AWAY_KINDS | PRESENT_KINDS
PREFIX = "kind-"
MOST_FIELDS = 250
EARLIEST = dt.date(2000, 1, 1)


def show(console: Console, ask: Ask) -> Response:
    """Every class that the asker may see, on one school day. Raises NotAllowed."""
    use, day = desk(console), asked_day(console, ask)
    with console.wiring.store.read() as conn:
        classes = use.day(conn, ask.actor, day)
        world, names = console.wiring.lives.world(conn), accounts.names(conn, console.school)
    before, after = world.calendar.previous_school_day(day), world.calendar.next_school_day(day)
    totals = {state: sum(one.state == state for one in classes) for state in STATES}
    return console.page(
        ask, "attendance", classes=classes, day=day, today=world.today, names=names, totals=totals,
        is_school_day=world.calendar.is_school_day(day), before=before,
        after=after if after and after <= world.today else None, may_see_weekly=_may_see_weekly(ask),
    )  # fmt: skip


def card(console: Console, ask: Ask) -> Response:
    """One class on one day. Raises NotAllowed, NoSuchPage."""
    return _drawn(console, ask, asked_day(console, ask))


def enter(console: Console, ask: Ask) -> Response:
    """Files a headcount or a correction, or shows what is wrong. Raises NotAllowed, NoSuchPage."""
    class_id, form = ask.part("class_id"), ask.form
    absent = {name.removeprefix(PREFIX): kind for name, kind in form.items() if name.startswith(PREFIX) and kind}
    roll = Roll(class_id, form.get("day", ""), form.get("session", ""), absent, form.get("reason", ""))
    faults = desk(console).enter(ask.actor, roll)
    if faults:
        return _drawn(console, ask, day_between(console, roll.day), tuple(faults), roll)
    console.wiring.numbers.look()  # as after a push: what this opens has its number, and pages find all worked out
    return go(f"/attendance/{class_id}?day={roll.day}&done=entered")


def check(console: Console, ask: Ask) -> Response:
    """Files a count of heads of now. Raises NotAllowed, NoSuchPage."""
    class_id = ask.part("class_id")
    faults = desk(console).check(ask.actor, class_id, ask.form.get("heads", "").strip())
    if faults:
        return _drawn(console, ask, console.wiring.clock().date(), tuple(faults))
    return go(f"/attendance/{class_id}?done=checked")


def desk(console: Console) -> AttendanceDesk:
    """The use case, over the console's wiring."""
    wiring = console.wiring
    return AttendanceDesk(wiring.store, console.school, wiring.lives, wiring.office, wiring.clock)


def asked_day(console: Console, ask: Ask) -> dt.date:
    """The day of the address, today when it names none; never a day to come."""
    return day_between(console, ask.query("day"))


def day_between(console: Console, text: str) -> dt.date:
    """The day that somebody typed, within the years that a school's records can be of; today when it is none."""
    today = console.wiring.clock().date()
    return min(max(day_written(text) or today, EARLIEST), today)


def _drawn(
    console: Console, ask: Ask, day: dt.date, faults: tuple[str, ...] = (), typed: Roll | None = None
) -> Response:
    class_id, use = ask.part("class_id"), desk(console)
    with console.wiring.store.read() as conn:
        one = use.one(conn, ask.actor, class_id, day)
        children = use.names(conn, one, ask.actor)
        names, world = accounts.names(conn, console.school), console.wiring.lives.world(conn)
    may_enter = access.allows(ask.actor, Verb.ENTER_HEADCOUNT, Subject("", class_id))
    chosen = _session(ask, one, typed)
    standing = next((each.count for each in one.sessions if each.session == chosen), None)
    return console.page(
        ask, "attendance_class", 422 if faults else 200, one=one, day=day, today=world.today, children=children,
        names=names, faults=faults, kinds=KINDS, prefix=PREFIX, sessions=ROLL_SESSIONS, chosen=chosen,
        standing=standing, typed=typed, versions=versions, may_enter=may_enter,
        may_name=may_see_names(ask.actor, one), is_school_day=world.calendar.is_school_day(day),
        child_names={child["id"]: child["name"] for child in children}, done=ask.query("done"),
        opens=access.allows(ask.actor, Verb.READ_CASE, Subject("", class_id)),
    )  # fmt: skip


def _may_see_weekly(ask: Ask) -> bool:
    """The weekly reports name children."""
    within = access.reach(ask.actor, Verb.LIST_STUDENTS)
    return within.whole_school or bool(within.classes)


def _session(ask: Ask, one: ClassDay, typed: Roll | None) -> str:
    """The session to enter: the one asked for, else the first that is owed and lacks a report, else the first."""
    asked = typed.session if typed else ask.query("session")
    lacking = [each.session for each in one.sessions if each.count is None]
    known = [each.session for each in one.sessions]
    return asked if asked in ROLL_SESSIONS else (*lacking, *known, ROLL_SESSIONS[0])[0]
