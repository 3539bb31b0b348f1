"""What a phone and its school compare of what both should have: of each part a count and a digest.

A part is a feed, by the keys and values of its rows, or the records, by their ids. The order plays no role.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from casebook.feeds import TOLD

RECORDS = "records"
NOT_COMPARED = (TOLD,)  # worked out anew with every pull
PREFIX = 16  # hexadecimal digits that tell the records of one school apart


@dataclass(frozen=True)
class Part:
    """How many rows or records one side has of this part, and the SHA-256 over all of them."""

    name: str
    count: int
    sha256: str


def part_of(name: str, marks: Iterable[str]) -> Part:
    """The part that consists of these marks; one that comes twice counts once."""
    listed = sorted(set(marks))
    return Part(name, len(listed), hashlib.sha256("\n".join(listed).encode()).hexdigest())


def row_mark(key: str, value: Any) -> str:
    """One row of a feed."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{key} {hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"


def form_mark(form_id: str, version: str, sha256: str) -> str:
    """One published form that may be started."""
    return f"{form_id}@{version} {sha256}"


def differing(ours: Iterable[Part], theirs: Iterable[Part]) -> list[Part]:
    """The parts of `ours` that are not the same on the other side; what only they have counts as none of ours."""
    mine, others = ({part.name: part for part in side} for side in (ours, theirs))
    lacking = [part_of(name, ()) for name in others.keys() - mine.keys()]
    return [part for part in (*mine.values(), *lacking) if (others.get(part.name) or part_of(part.name, ())) != part]
