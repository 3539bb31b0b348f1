"""roll 学籍变动: a child comes, goes, pauses or returns (R13); leaving the class list takes the principal (R14)."""

from __future__ import annotations

from casebook.kinds.kind import Kind, day_of, need_case, text_of
from casebook.records import Record

ENTERED, APPROVED, REFUSED = "entered", "approved", "refused"
REKEYED = "rekeyed"  # somebody has entered it in the national system (R16)
STEPS = frozenset({ENTERED, APPROVED, REFUSED, REKEYED})


def check(record: Record) -> None:
    """Body: event (id), kind, step, with the entry and the re-keying `on` (day). Raises RecordMalformed."""
    need_case(record)
    for name in ("event", "kind"):
        text_of(record, name, longest=64)
    if text_of(record, "step", among=STEPS) in (ENTERED, REKEYED):
        day_of(record, "on")


KIND = Kind("roll", check, office_only=True)
