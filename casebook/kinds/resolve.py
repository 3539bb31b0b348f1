"""resolve: a person decides a conflict; `base` names all values seen, `set` holds the one that stays."""

from __future__ import annotations

from casebook.errors import RecordMalformed
from casebook.kinds.kind import Kind, need_case
from casebook.records import Record


def check(record: Record) -> None:
    """Every property set names at least one value it decides about. Raises RecordMalformed."""
    need_case(record)
    if not record.set or any(not record.base.get(prop) for prop in record.set):
        raise RecordMalformed(field="base")


KIND = Kind("resolve", check, office_only=True)
