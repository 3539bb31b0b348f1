"""Stories of the rules told to a phone: the same records, sealed by the school in memory, and the rules' own answer."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Any

from assets import read_bytes
from casebook import feeds
from casebook.casefile import Entry
from casebook.records import Record, decode
from casebook.rules.absence import World, child_from
from casebook.rules.attendance import attendance
from casebook.rules.calendar import SchoolCalendar
from casebook.rules.lifecycle import Lifecycle, lifecycle
from casebook.rules.reading import chronicle
from casebook.rules.rulebook import Rulebook
from fieldapp.desk import Desk
from tests.casebook.rules.tale import BOY, CLASS, Tale, default_rows, moment
from tests.fieldapp.fake_school import CODE, SINCE, TEACHER, FakeSchool
from tests.fieldapp.phone import HandClock, clean, form_row, phone, student

YEAR = "rules/calendar/2025-2026.json"


def story_school(**me: Any) -> FakeSchool:
    """A school with the calendar of 2025, one class with one child, and one form; `me` is whose phone it is."""
    school = FakeSchool()
    for term in terms():
        school.publish(feeds.CALENDAR, term["term"], term)
    person = {"id": TEACHER, "name": "示例老师", "roles": ["class_teacher"], "classes": [CLASS], "cases": []} | me
    school.publish(feeds.ME, TEACHER, person)
    school.publish(feeds.CLASSES, CLASS, {"id": CLASS, "name": "八(2)班", "teacher_id": TEACHER})
    school.publish(feeds.STUDENTS, BOY, student(BOY, "张示伟", "zsw", "zsw", class_id=CLASS, key_flags=[]))
    row = form_row()
    school.publish(feeds.FORMS, f"{row['id']}@{row['version']}", row)
    return school


def terms() -> list[dict[str, Any]]:
    """Rows of the calendar feed."""
    return [{name: term[name] for name in ("term", "first", "last", "off", "on")} for term in json.loads(read_bytes(YEAR))["terms"]]


def tell(school: FakeSchool, tale: Tale) -> None:
    """Writes the records of a story into the school's log; records that name others name them as they are now."""
    rids: dict[str, str] = {}
    for entry in tale.entries:
        record = entry.record
        body = {name: rids.get(value, value) if isinstance(value, str) else value for name, value in record.body.items()}
        kept = {"at": record.at, "form": record.form, "set": record.set, "hlc": record.hlc,
                "amends": tuple(rids[rid] for rid in record.amends)}  # fmt: skip
        rids[entry.rid] = school.decide(record.type, record.case, body, author=record.author, **kept)
        if entry.rid in tale.offsets:
            school.offsets[rids[entry.rid]] = tale.offsets[entry.rid]


def told_phone(folder: Path, school: FakeSchool, now: str) -> tuple[Desk, HandClock]:
    """A phone that has read everything, at one moment."""
    clock = HandClock(moment(now))
    desk = phone(folder, school, clock)
    desk.enrol("http://school.test", CODE)
    clean(desk.sync())
    return desk, clock


def reckoned(school: FakeSchool, now: dt.datetime, row: dict[str, Any]) -> Lifecycle:
    """What the rules say of the child of a roster's row with all that is in the school's log, worked out afresh."""
    entries = [Entry(rid, _read(payload), SINCE) for rid, payload in school.payloads.items()]
    mine = [entry for entry in entries if entry.record.case == row["id"]]
    captured = [entry for entry in entries if _captured(entry.record, school.offsets.get(entry.rid, 0)) <= now]
    rules = [value.value for _, kind, value in school.log if kind == "row" and value.feed == feeds.RULES]
    world = World(
        SchoolCalendar.from_rows(terms()), Rulebook.of_school([*default_rows(), *rules]),
        attendance(captured, school.offsets), now,
    )  # fmt: skip
    return lifecycle(child_from(row), chronicle(row["id"], mine, school.offsets), world)


@cache
def _read(payload: bytes) -> Record:
    return decode(payload)


def _captured(record: Record, offset: int) -> dt.datetime:
    return dt.datetime.fromisoformat(record.at.started) - dt.timedelta(seconds=offset)
