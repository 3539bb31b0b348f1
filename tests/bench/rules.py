"""How long it takes to work out a whole school anew: a term of headcounts, 300 incidents and 60 cases."""

from __future__ import annotations

import datetime as dt
import random
import statistics
from collections.abc import Callable
from pathlib import Path

from casebook.casefile import Entry
from casebook.records import decode, encode
from casebook.rules import reading
from casebook.rules.absence import Child, Stay, World
from casebook.rules.attendance import Attendance, attendance
from casebook.rules.duties import child_duties
from casebook.rules.lifecycle import Lifecycle, lifecycle
from casebook.rules.reading import chronicle
from tests.bench import lives
from tests.bench.measure import Figure, cpu_seconds
from tests.casebook.rules.tale import BOY, FIRST_DAY, Tale, calendar, moment
from tests.casebook.rules.test_deadlines import boy_k

CLASSES, CHILDREN, INCIDENTS, CASES = 24, 50, 300, 60
NOW = "2026-01-05"


def figures(folder: Path) -> list[Figure]:
    """CPU seconds for the headcounts of a term and for all children with incidents, milliseconds for one child."""
    tale, children = _school()
    records = [encode(entry.record) for entry in tale.entries]
    reread = _cpu(lambda: [decode(payload) for payload in records])
    counted = _cpu(lambda: attendance(tale.entries))
    mine = _by_child(tale)
    world = World(calendar(), tale.rules, attendance(tale.entries), moment(NOW))
    cold = _cpu(lambda: _all_anew(children, mine, world))
    limit = "reading the same records from their bytes"
    open_cases = sum(life.is_open for life in _lives(children, mine, world))
    return [
        Figure(f"{len(tale.entries):,} records: headcounts indexed", counted, "s", reread, limit, budget=1.0),
        Figure(f"{INCIDENTS} incidents, {open_cases} cases: all states, deadlines, tasks", cold, "s", reread, limit,
               budget=1.0),
        Figure("one child", cold / len(children) * 1000, "ms", reread / len(children) * 1000, limit),
        *lives.figures(folder, tale, children, NOW),
    ]  # fmt: skip


def _cpu(work: Callable[[], object]) -> float:
    """CPU seconds, the median of three: nothing here waits for anything."""
    return statistics.median(cpu_seconds(work) for _ in range(3))


def _all_anew(children: list[Child], mine: dict[str, list[Entry]], world: World) -> None:
    """Nothing kept from before: not the answers of the forms, not who is missing."""
    reading.answers.cache_clear()
    fresh = World(world.calendar, world.book, Attendance(world.attendance.counts, world.attendance.lessons), world.now)
    for life in _lives(children, mine, fresh):
        child_duties(life)


def _lives(children: list[Child], mine: dict[str, list[Entry]], world: World) -> list[Lifecycle]:
    return [lifecycle(child, chronicle(child.case, mine.get(child.case, [])), world) for child in children]


def _by_child(tale: Tale) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in tale.entries:
        if entry.record.case:
            found.setdefault(entry.record.case, []).append(entry)
    return found


def _school() -> tuple[Tale, list[Child]]:
    """24 classes counted twice a day; children who missed days, 60 of them with the whole of story F behind them."""
    dice, tale = random.Random(7), Tale()
    children = [Child(f"child-{n}", (Stay(f"class-{n % CLASSES}", FIRST_DAY),), key=n % 12 == 0) for n in range(INCIDENTS)]
    away: dict[tuple[str, dt.date], list[str]] = {}
    days = calendar().between(FIRST_DAY, dt.date(2026, 1, 23))
    for number, child in enumerate(children):
        long = number < CASES
        start = days.index(dt.date(2025, 12, 8)) if long else dice.randrange(len(days) - 3)
        for day in days[start:] if long else days[start : start + dice.choice((1, 1, 2))]:
            away.setdefault((child.stays[0].class_id, day), []).append(child.case)
        _tell(tale, child, days[start], long)
    for room in range(CLASSES):
        for day in days:
            absent = dict.fromkeys(away.get((f"class-{room}", day), ()), "unexcused")
            for session, time in (("am", "07:50"), ("pm", "14:10")):
                tale.headcount(day.isoformat(), absent, session=session, time=time, class_id=f"class-{room}", expected=CHILDREN)
    return tale, children


def _tell(tale: Tale, child: Child, first: dt.date, long: bool) -> None:
    if not long:
        story = Tale()
        story.call(f"{first} 08:30")
        story.visit(f"{first} 16:30", "absence", excuse="none", sign_level="slight", reasons_guardian="LE2")
    else:
        story = boy_k()
    for entry in story.entries:
        record = entry.record
        if record.case == BOY:
            tale.write(record.type, record.at.started[:16].replace("T", " "), record.body, case=child.case, form=record.form,
                       author=record.author)  # fmt: skip
