"""One file per kind of record: what its body must hold and who may write it. Unknown kinds are kept and passed on."""

from __future__ import annotations

from casebook.kinds import case, incident, resolve, review, visit
from casebook.kinds.kind import Kind
from casebook.records import Record

KINDS: dict[str, Kind] = {kind.type: kind for kind in (incident.KIND, case.KIND, visit.KIND, review.KIND, resolve.KIND)}


def check_kind(record: Record) -> None:
    """Raises RecordMalformed when the body of a known kind lacks what the kind demands."""
    kind = KINDS.get(record.type)
    if kind is not None:
        kind.check(record)


def is_office_kind(record_type: str) -> bool:
    """Whether only the school's office may write records of this type."""
    kind = KINDS.get(record_type)
    return kind is not None and kind.office_only
