"""One file per kind of record: what its body must hold and who may write it. Unknown kinds are kept and passed on."""

from __future__ import annotations

from casebook.kinds import (
    act,
    case,
    class_survey,
    entry,
    find,
    headcount,
    incident,
    leave,
    resolve,
    review,
    roll,
    rule,
    visit,
    weekly,
)
from casebook.kinds import year as school_year
from casebook.kinds.kind import Kind
from casebook.records import Record

_ALL = (
    incident.KIND, case.KIND, visit.KIND, review.KIND, resolve.KIND, headcount.KIND, leave.KIND, act.KIND, roll.KIND,
    weekly.KIND, rule.KIND, school_year.KIND, entry.KIND, class_survey.KIND,
    find.KIND,
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.type: kind for kind in _ALL}


def check_kind(record: Record) -> None:
    """Raises RecordMalformed when the body of a known kind lacks what the kind demands."""
    kind = KINDS.get(record.type)
    if kind is not None:
        kind.check(record)


def is_for_office(record: Record) -> bool:
    """Whether only the school's office may write this record."""
    kind = KINDS.get(record.type)
    return kind is not None and kind.is_for_office(record)
