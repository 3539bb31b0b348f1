"""case 个案: the office opens or updates a case (R27, R30); the state and the numbers are the office's alone."""

from __future__ import annotations

from casebook.kinds.kind import Kind, need_case, text_of
from casebook.records import Record

ACTS = frozenset({"open", "update", "close"})


def check(record: Record) -> None:
    """Body: act. Raises RecordMalformed."""
    need_case(record)
    text_of(record, "act", among=ACTS)


KIND = Kind("case", check, office_only=True)
