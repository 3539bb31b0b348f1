"""headcount 考勤: one class, one session of a day; a correction is a new record that amends and says why (R18, R23)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casebook.errors import RecordMalformed
from casebook.kinds.kind import Kind, count_of, day_of, text_of
from casebook.records import Record

LESSON = "lesson"
SESSIONS = frozenset({"am", "noon", "pm", LESSON})
PRESENT_KINDS = frozenset({"late", "left_early"})  # in the seats, with a remark
AWAY_KINDS = frozenset(
    {"unexcused", "not_registered", "personal", "sick", "official", "suspended", "home_taught"}
)
ABSENCE_KINDS = PRESENT_KINDS | AWAY_KINDS
SOURCES = frozenset({"roll", "monitor", "duty"})
MAX_ABSENT = 200


def check(record: Record) -> None:
    """Body: class, day, session, expected, present, absent [{student, kind, note?}], source, reporter?, reason?.

    Expected = present + away (domain 9.4 e); a lesson may count heads without knowing every name.
    Raises RecordMalformed.
    """
    text_of(record, "class", longest=64)
    day_of(record, "day")
    session = text_of(record, "session", among=SESSIONS)
    text_of(record, "source", among=SOURCES)
    away = sum(entry["kind"] in AWAY_KINDS for entry in _absent(record))
    missing = count_of(record, "expected") - count_of(record, "present")
    if missing < 0 or missing < away or (missing != away and session != LESSON):
        raise RecordMalformed(field="body.present")
    if record.amends and not text_of(record, "reason", longest=2_000).strip():
        raise RecordMalformed(field="body.reason")


def _absent(record: Record) -> list[Mapping[str, Any]]:
    entries = record.body.get("absent")
    if not isinstance(entries, list) or len(entries) > MAX_ABSENT:
        raise RecordMalformed(field="body.absent")
    named = set()
    for entry in entries:
        kind, student = (entry.get("kind"), entry.get("student")) if isinstance(entry, dict) else (None, None)
        if not isinstance(kind, str) or kind not in ABSENCE_KINDS or not isinstance(student, str) or not student:
            raise RecordMalformed(field="body.absent")
        named.add(student)
    if len(named) != len(entries):
        raise RecordMalformed(field="body.absent")
    return entries


KIND = Kind("headcount", check)
