"""The first screen of a phone, here on this machine: a class teacher's and a grade director's, warm and after opening."""

from __future__ import annotations

import datetime as dt
import random
import statistics
from pathlib import Path
from typing import Any

from casebook import feeds
from casebook.protocol import Row
from casebook.records import encode, reread
from casebook.sealing import Sealed
from fieldapp.desk import Desk
from fieldapp.platform.clock import CHINA
from fieldapp.store.books import Books
from fieldapp.store.roster import put_rows
from fieldapp.store.store import next_revision
from tests.bench.measure import Figure, median_seconds, seconds
from tests.casebook.rules.tale import BOY, FIRST_DAY, Tale, calendar, moment
from tests.casebook.rules.test_deadlines import boy_k

ME, SCHOOL = "t" * 32, "3199000001"
NOW, TERM_END = "2026-01-05 10:00", dt.date(2026, 1, 23)
LIMIT = "reading the same records from their bytes"


class Noon:
    """A clock that stands."""

    tz = CHINA

    def now(self) -> dt.datetime:
        return moment(NOW)

    def monotonic_ms(self) -> int:
        return 0


def figures(folder: Path) -> list[Figure]:
    """Milliseconds; `class` has 54 children, `grade` 200 in four classes, both a term of headcounts twice a day."""
    return [
        *_of_person(folder / "class", "a class teacher, 54 children", ["class_teacher"], 1, 54, (12, 3)),
        *_of_person(folder / "grade", "a grade director, 200 children", ["grade_director"], 4, 50, (50, 10)),
    ]


def _of_person(folder: Path, who: str, roles: list[str], classes: int, heads: int, away: tuple[int, int]) -> list[Figure]:
    tale = _term(classes, heads, away)
    _fill(folder, roles, classes, heads, tale)
    payloads = [encode(entry.record) for entry in tale.entries]
    raw = seconds(lambda: [reread(payload) for payload in payloads]) * 1000
    desk = Desk.open(folder, clock=Noon())
    opened = seconds(desk.today) * 1000
    warm = median_seconds(desk.today, 15) * 1000
    shown = len(desk.today().tasks)
    desk.look_ahead()
    desk.close()
    again = statistics.median(_reopened(folder) for _ in range(7)) * 1000
    return [
        Figure(f"first screen of {who} ({shown} duties), warm", warm, "ms", raw, LIMIT, budget=50, ratio_budget=1),
        Figure("the same after opening the app, foreseen", again, "ms", raw, LIMIT, budget=25),
        Figure(f"with nothing foreseen, {len(payloads):,} records", opened, "ms", raw, LIMIT, ratio_budget=20),
    ]


def _reopened(folder: Path) -> float:
    """Seconds until a phone that has just opened its store shows the first screen."""
    desk = Desk.open(folder, clock=Noon())
    shown = seconds(desk.today)
    desk.close()
    return shown


def _term(classes: int, heads: int, away: tuple[int, int]) -> Tale:
    """Every class counted twice a day; `away`: children who missed days, and how many of them with a long case."""
    dice, tale = random.Random(11), Tale()
    days = calendar().between(FIRST_DAY, moment(NOW).date())
    missing: dict[tuple[int, dt.date], list[str]] = {}
    for number in range(away[0]):
        room, child = number % classes, f"child-{number % classes}-{number // classes}"
        long = number < away[1]
        start = days.index(dt.date(2025, 12, 8)) if long else dice.randrange(len(days) - 3)
        for day in days[start:] if long else days[start : start + dice.choice((1, 1, 2))]:
            missing.setdefault((room, day), []).append(child)
        _tell(tale, child, days[start], long)
    for room in range(classes):
        for day in days:
            absent = dict.fromkeys(missing.get((room, day), ()), "unexcused")
            for session, time in (("am", "07:50"), ("pm", "14:10")):
                tale.headcount(day.isoformat(), absent, session=session, time=time, class_id=f"class-{room}", expected=heads)
    return tale


def _tell(tale: Tale, child: str, first: dt.date, long: bool) -> None:
    story = boy_k() if long else Tale()
    if not long:
        story.call(f"{first} 08:30")
    if not long and first.day % 2:  # every other absence still waits for its visit
        story.visit(f"{first} 16:30", "absence", excuse="none", sign_level="slight", reasons_guardian="LE2")
    for entry in story.entries:
        record = entry.record
        if record.case == BOY:
            tale.write(record.type, record.at.started[:16].replace("T", " "), record.body, case=child, form=record.form,
                       author=record.author)  # fmt: skip


def _fill(folder: Path, roles: list[str], classes: int, heads: int, tale: Tale) -> None:
    books = Books.open(folder)
    with books.store.write() as db:
        put_rows(db, books.store.vault, _rows(roles, classes, heads), next_revision(db))
        books.settings.put(db, account={"id": ME, "name": "T", "roles": roles}, school={"id": SCHOOL, "name": "S"})
        for place, entry in enumerate(tale.entries, 1):
            sealed = Sealed(encode(entry.record), b"-", "k")
            books.records.add_pulled(db, sealed, entry.record, place, entry.received_at or "")
    books.store.close()


def _rows(roles: list[str], classes: int, heads: int) -> list[Row]:
    reach = [f"class-{room}" for room in range(classes)]
    me: dict[str, Any] = {"id": ME, "name": "T", "roles": roles, "classes": reach, "cases": []}
    days = {"term": "2025-1", "first": FIRST_DAY.isoformat(), "last": TERM_END.isoformat()}
    held = set(calendar().days)
    every = [FIRST_DAY + dt.timedelta(days=n) for n in range((TERM_END - FIRST_DAY).days + 1)]
    off = [day.isoformat() for day in every if day not in held and day.weekday() < 5]
    on = [day.isoformat() for day in every if day in held and day.weekday() > 4]
    teacher = ME if "class_teacher" in roles else "x"
    return [
        Row(feeds.ME, ME, me), Row(feeds.CALENDAR, "2025-1", {**days, "off": off, "on": on}),
        *[Row(feeds.CLASSES, one, {"id": one, "name": one, "teacher_id": teacher}) for one in reach],
        *[Row(feeds.STUDENTS, f"child-{room}-{seat}", {
            "id": f"child-{room}-{seat}", "name": f"child {seat}", "pinyin": "", "initials": "", "class_id": f"class-{room}",
            "class_name": f"class-{room}", "village": f"v{seat % 9}", "village_name": f"village {seat % 9}",
            "key_flags": ["KS07"] if seat % 12 == 0 else [], "siblings": [], "guardians": []})
          for room in range(classes) for seat in range(heads)],
    ]  # fmt: skip
