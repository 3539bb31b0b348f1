"""Looks through everything a story prints for a day that was worked out and does not say by which clause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

DAY = re.compile(r"\d{4}-\d\d-\d\d")
#: Days that were worked out from others; a mapping that has one must say its clause, or stand in one that does.
WORKED_OUT = frozenset({"due", "warn_on"})
#: Days that somebody wrote, or on which something happened, and the steps of an explanation itself.
GIVEN = frozenset({
    "at", "captured", "corrected", "received", "received_at", "day", "from", "on", "first", "ended_on", "until", "last",
    "start", "opens_on", "absent_on", "month", "subject", "upto", "since",
})  # fmt: skip
RETOLD = frozenset({"states", "path", "values", "why", "kept", "events", "expected", "found", "outcome"})


def unexplained(told: Any, path: str = "", clause: str = "") -> Iterator[str]:
    """Paths of all days that are neither explained nor known to be given."""
    if isinstance(told, Mapping):
        clause = str(told.get("clause") or clause)
        for name, part in told.items():
            if name not in RETOLD:
                yield from _part(name, part, f"{path}.{name}", clause)
    elif isinstance(told, list):
        for n, part in enumerate(told):
            yield from unexplained(part, f"{path}.{n}", clause)


def _part(name: str, part: Any, path: str, clause: str) -> Iterator[str]:
    if isinstance(part, str) and DAY.match(part):
        if not (name in GIVEN or (name in WORKED_OUT and clause)):
            yield path
    elif isinstance(part, Mapping) and all(DAY.match(key) for key in part) and part:
        yield from unexplained(list(part.values()), path, clause)  # by day
    else:
        yield from unexplained(part, path, clause)


def unreasoned(told: Mapping[str, Any]) -> Iterator[str]:
    """Deadlines without source or reasons in words, and steps that name no clause; states that no step explains."""
    for name, child in told["children"].items():
        for key, due in child["deadlines"].items():
            if not (due["clause"] and due["source"] and due["because"] and all(due["why"])):
                yield f"{name}.deadlines.{key}"
        steps = {(step["state"], step["day"]) for step in child["steps"] if step["clause"]}
        yield from (f"{name}.states.{state}" for state, day in child["states"].items() if (state, day) not in steps)
        yield from (f"{name}.path.{step}" for step in child["path"] if tuple(step.split()) not in steps)
