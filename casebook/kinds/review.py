"""review 审核: accepts one version of a visit, or returns it with a remark (domain 4.5, status)."""

from __future__ import annotations

from casebook.errors import RecordMalformed
from casebook.kinds.kind import Kind, need_case, text_of
from casebook.records import Record

ACCEPTED = "accepted"
RETURNED = "returned"
DECISIONS = frozenset({ACCEPTED, RETURNED})


def check(record: Record) -> None:
    """Body: visit, version (the rid reviewed), decision, remark (demanded when returned). Raises RecordMalformed."""
    need_case(record)
    text_of(record, "visit", longest=64)
    text_of(record, "version", longest=64)
    decision = text_of(record, "decision", among=DECISIONS)
    remark = text_of(record, "remark", longest=2_000)
    if decision == RETURNED and not remark.strip():
        raise RecordMalformed(field="body.remark")


KIND = Kind("review", check, office_only=True)
