"""leave 请销假: asked for, checked by a call, ended; a later record with the same id amends the former (R17)."""

from __future__ import annotations

from casebook.errors import RecordMalformed
from casebook.kinds.kind import Kind, day_of, instant_of, need_case, text_of
from casebook.records import Record

LEAVE_KINDS = frozenset({"personal", "sick", "official"})
PROOFS = frozenset({"slip", "statement", "message", "none"})


def check(record: Record) -> None:
    """Body: leave (id kept by all versions), first and last day, kind, asked_by, reason, proof; later verified_at
    (when the guardian was called back, and said yes), returned_on (销假), withdrawn (why it does not stand).

    Raises RecordMalformed.
    """
    need_case(record)
    text_of(record, "leave", longest=64)
    if day_of(record, "last") < day_of(record, "first"):
        raise RecordMalformed(field="body.last")
    text_of(record, "kind", among=LEAVE_KINDS)
    text_of(record, "asked_by", longest=200)
    text_of(record, "proof", among=PROOFS)
    if not text_of(record, "reason", longest=2_000).strip():
        raise RecordMalformed(field="body.reason")
    _check_later(record)


def _check_later(record: Record) -> None:
    if "verified_at" in record.body:
        instant_of(record, "verified_at")
    if "returned_on" in record.body:
        day_of(record, "returned_on")
    if "withdrawn" in record.body and not text_of(record, "withdrawn", longest=2_000).strip():
        raise RecordMalformed(field="body.withdrawn")


KIND = Kind("leave", check)
