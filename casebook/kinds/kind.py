"""What a kind of record is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from casebook.errors import RecordMalformed
from casebook.records import Record


@dataclass(frozen=True)
class Kind:
    """A record type, its check (raises RecordMalformed) and whether only the office writes it."""

    type: str
    check: Callable[[Record], None]
    office_only: bool = False


def text_of(record: Record, name: str, *, among: frozenset[str] | None = None, longest: int = 20_000) -> str:
    """The text `name` of the body. Raises RecordMalformed when it is missing, too long or not one of `among`."""
    value = record.body.get(name)
    if not isinstance(value, str) or len(value) > longest or (among is not None and value not in among):
        raise RecordMalformed(field=f"body.{name}")
    return value


def need_case(record: Record) -> None:
    """Raises RecordMalformed when the record belongs to no case file."""
    if not record.case:
        raise RecordMalformed(field="case")
