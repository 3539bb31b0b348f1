"""roll 学籍变动: a child comes, goes, pauses or returns (R13); leaving the class list takes the principal (R14)."""

from __future__ import annotations

from casebook.kinds.kind import Kind, day_of, need_case, text_of
from casebook.records import Record

ENTERED, APPROVED, REFUSED = "entered", "approved", "refused"
STEPS = frozenset({ENTERED, APPROVED, REFUSED})


def check(record: Record) -> None:
    """Body: event (id), kind, step, and with the entry `on` (day). Raises RecordMalformed."""
    need_case(record)
    for name in ("event", "kind"):
        text_of(record, name, longest=64)
    if text_of(record, "step", among=STEPS) == ENTERED:
        day_of(record, "on")


KIND = Kind("roll", check, office_only=True)
