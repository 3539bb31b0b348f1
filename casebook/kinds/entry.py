"""entry 入学通知: the notice of entry of a child is issued under a number, and later collected (R06)."""

from __future__ import annotations

from casebook.errors import RecordMalformed
from casebook.kinds.kind import Kind, day_of, need_case, text_of
from casebook.records import Record

ISSUED, COLLECTED = "issued", "collected"
STEPS = frozenset({ISSUED, COLLECTED})


def check(record: Record) -> None:
    """Body: entry (id kept by both steps), step, on (day); when issued notice (N3), no, addressee, text; when collected
    by (who came for it). Raises RecordMalformed.
    """
    need_case(record)
    text_of(record, "entry", longest=64)
    day_of(record, "on")
    issued = text_of(record, "step", among=STEPS) == ISSUED
    for name in ("notice", "no", "addressee", "text") if issued else ("by",):
        if not text_of(record, name, longest=2_000).strip():
            raise RecordMalformed(field=f"body.{name}")


KIND = Kind("entry", check, office_only=True)
