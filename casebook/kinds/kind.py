"""What a kind of record is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from casebook.days import day_written
from casebook.errors import RecordMalformed
from casebook.records import Record


@dataclass(frozen=True)
class Kind:
    """A record type, its check (raises RecordMalformed) and whether only the office writes it, all or some of it."""

    type: str
    check: Callable[[Record], None]
    office_only: bool = False
    office_when: Callable[[Record], bool] | None = None

    def is_for_office(self, record: Record) -> bool:
        """Whether only the office may write this very record."""
        return self.office_only or (self.office_when is not None and self.office_when(record))


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


def texts_of(record: Record, name: str) -> list[str]:
    """The list of texts `name` of the body, at least one. Raises RecordMalformed."""
    value = record.body.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(text, str) and text for text in value):
        raise RecordMalformed(field=f"body.{name}")
    return value


def count_of(record: Record, name: str) -> int:
    """The number `name` of the body, zero or more. Raises RecordMalformed."""
    value = record.body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RecordMalformed(field=f"body.{name}")
    return value


def day_of(record: Record, name: str) -> dt.date:
    """The day `name` of the body. Raises RecordMalformed."""
    day = day_written(record.body.get(name))
    if day is None:
        raise RecordMalformed(field=f"body.{name}")
    return day


def instant_of(record: Record, name: str) -> dt.datetime:
    """The instant `name` of the body, with its offset. Raises RecordMalformed."""
    try:
        found = dt.datetime.fromisoformat(text_of(record, name, longest=40))
    except ValueError as error:
        raise RecordMalformed(field=f"body.{name}") from error
    if found.tzinfo is None:
        raise RecordMalformed(field=f"body.{name}")
    return found
