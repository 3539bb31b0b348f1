"""year 学年结束: the school's year is closed; classes have moved up, the last grade has graduated (R11, R12)."""

from __future__ import annotations

import re

from casebook.errors import RecordMalformed
from casebook.kinds.kind import Kind, count_of, day_of, text_of
from casebook.records import Record

COUNTS = ("promoted", "graduated", "stayed")
_YEAR = re.compile(r"(\d{4})-(\d{4})\Z")


def check(record: Record) -> None:
    """Body: year (2025-2026), on (the day from which it holds), plan (hash of what was decided), and how many children
    were promoted, graduated and stayed. Raises RecordMalformed.
    """
    named = _YEAR.match(text_of(record, "year", longest=9))
    if named is None or int(named[2]) != int(named[1]) + 1:
        raise RecordMalformed(field="body.year")
    day_of(record, "on")
    text_of(record, "plan", longest=64)
    for name in COUNTS:
        count_of(record, name)


KIND = Kind("year", check, office_only=True)
