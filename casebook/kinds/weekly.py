"""weekly 考勤周报: the week of a class as its grade director signed it, the exact figures with their hash (R21)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casebook.errors import RecordMalformed
from casebook.kinds.kind import Kind, day_of, text_of
from casebook.records import Record, canonical, rid_of


def sha256_of(figures: Mapping[str, Any]) -> str:
    """The hash of figures: the same figures have the same one on every computer. Raises RecordMalformed."""
    return rid_of(canonical(dict(figures)))


def check(record: Record) -> None:
    """Body: class, first (day of the week), role (in which the person signs), figures, sha256 (theirs).

    A later signature of the same week amends the former. Raises RecordMalformed.
    """
    for name in ("class", "role"):
        if not text_of(record, name, longest=64):
            raise RecordMalformed(field=f"body.{name}")
    day_of(record, "first")
    figures = record.body.get("figures")
    if not isinstance(figures, dict):
        raise RecordMalformed(field="body.figures")
    if text_of(record, "sha256", longest=64) != sha256_of(figures):
        raise RecordMalformed(field="body.sha256")


KIND = Kind("weekly", check, office_only=True)
