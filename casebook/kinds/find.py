"""find_set_aside 摸底核实: a child that a census found and that need not come on the register, and why (R07)."""

from __future__ import annotations

from casebook.errors import RecordMalformed
from casebook.kinds.kind import Kind, need_case, text_of
from casebook.records import Record

TYPE = "find_set_aside"
LONGEST = 200


def check(record: Record) -> None:
    """Body: find (id of the child found), why (in a few words, naming nobody). It belongs to the child of the same home
    that the census visited. Raises RecordMalformed.
    """
    need_case(record)
    text_of(record, "find", longest=64)
    if not text_of(record, "why", longest=LONGEST).strip():
        raise RecordMalformed(field="body.why")


KIND = Kind(TYPE, check, office_only=True)
