"""incident 缺勤事件: a child is absent without leave; the first day demands a visit the same day (R25)."""

from __future__ import annotations

from casebook.kinds.kind import Kind, day_of, need_case, text_of
from casebook.records import Record


def check(record: Record) -> None:
    """Body: incident (id), absent_on (day). Raises RecordMalformed."""
    need_case(record)
    text_of(record, "incident", longest=64)
    day_of(record, "absent_on")


KIND = Kind("incident", check, office_only=True)
