"""Renews the figures of docs/reliability.md from the runs kept in build/reliability/: python -m tests.reliability_page"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "reliability.md"
KEPT = Path("build/reliability")
HEAD = "| fault | where | times | runs | lost | doubled | gaps | other |\n|---|---|---|---|---|---|---|---|"
IN_MEMORY, ON_PHONE, AT_SCHOOL = "phones and school in memory", "phone, files and SQL", "school, files and SQL"
WIRE = "real phone, HTTP, real server"
#: File of a run -> what it says of itself, where it happens, what a run is counted by.
SUBJECTS: dict[str, tuple[str, str, str]] = {
    "cut_at_every_byte": ("connection cut at a byte of a visit's sync", WIRE, "visits"),
    "cut_at_random": ("connection cut at random through a day", WIRE, "visits"),
    "day_of_many": ("many phones at once, all on bad links", WIRE, "visits"),
    "phone_killed": ("app killed at a write", ON_PHONE, "visits"),
    "phone_full": ("disk full at a write", ON_PHONE, "visits"),
    "school_killed": ("school's computer killed at a write", AT_SCHOOL, "visits"),
    "school_full": ("disk full at a write", AT_SCHOOL, "visits"),
    "server_killed": ("server killed while phones send", WIRE, "visits"),
    "power_cut": ("power cut", "school on a disk image", "visits"),
}
KINDS = {
    "lost": ("lost", "missing", "lacks", "forgotten", "not there", "not complete", "never complete", "not shown", "not taken"),
    "doubled": ("twice", "records of", "another receipt"),
    "gaps": ("never got", "sequence", "wrong place", "the receipt of"),
}


@dataclass(frozen=True)
class Row:
    """A line of the table: the fault, where it happened, how often, in how many runs, and what went wrong."""

    fault: str
    where: str
    times: int
    runs: int
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        kinds = [_kind(sentence) for sentence in self.wrong]
        found = [str(kinds.count(kind)) for kind in (*KINDS, "other")]
        return f"| {' | '.join([self.fault, self.where, f'{self.times:,}', f'{self.runs:,}', *found])} |"


def table() -> str:
    """The faults and what came of them."""
    return "\n".join([HEAD, *map(str, [*_simulated(), *_real()])])


def parsers() -> str:
    """What was thrown at the parsers."""
    lines = ["| parser | inputs | unexpected |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {one['inputs']:,} | {int(one['failed'])} |" for name, one in _kept("fuzz").items())])


def renewed(page: str) -> str:
    """The page with its figures made anew."""
    for name, made in (("table", table()), ("parsers", parsers())):
        marks = re.compile(rf"(<!-- made: {name} -->\n).*?(\n<!-- end -->)", re.S)
        page, count = marks.subn(lambda found, made=made: found[1] + made + found[2], page)  # type: ignore[misc]
        assert count == 1, name
    return page


def _simulated() -> Iterator[Row]:
    """The seeded simulation: a line for all, and one for each fault with the runs in which it happened."""
    kept = _kept("convergence")
    wrong = tuple(sentence for found in kept["failed"].values() for sentence in found)
    yield Row("all of the following, drawn anew for every run", IN_MEMORY, sum(kept["faults"].values()), kept["runs"], wrong)
    for fault, times in sorted(kept["faults"].items(), key=lambda one: -one[1]):
        yield Row(fault, IN_MEMORY, times, kept["runs_with"][fault], ())


def _real() -> Iterator[Row]:
    for subject, (fault, where, counted) in SUBJECTS.items():
        kept = _kept(subject)
        times = kept.get("cuts", kept.get("struck", 0))
        yield Row(fault, where, times, kept[counted], tuple(kept["wrong"]))


def _kept(subject: str) -> Any:
    path = KEPT / f"{subject}.json"
    assert path.exists(), f"{path} is not there yet: docs/reliability.md says which command makes it"
    return json.loads(path.read_text("utf-8"))


def _kind(sentence: str) -> str:
    return next((kind for kind, words in KINDS.items() if any(word in sentence for word in words)), "other")


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
