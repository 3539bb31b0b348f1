"""Renews the figures of docs/reliability.md from the runs kept in build/reliability/: python -m tests.reliability_page

What was not played again stays as it is; each line names the commit whose sources were played.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.series import KEPT

PAGE = Path(__file__).parent.parent / "docs" / "reliability.md"
HEAD = "| fault | where | times | runs | minutes | lost | doubled | gaps | other | sources |\n|---|---|---|---|---|---|---|---|---|---|"
IN_MEMORY, ON_PHONE, AT_SCHOOL = "phones and school in memory", "phone, files and SQL", "school, files and SQL"
WIRE = "real phone, HTTP, real server"
#: File of a run -> what it says of itself, where it happens.
SUBJECTS: dict[str, tuple[str, str]] = {
    "cut_at_every_byte": ("connection cut at every byte of a visit's sync", WIRE),
    "cut_at_random": ("connection cut at random through a day", WIRE),
    "day_of_many": ("many phones at once, all on bad links", WIRE),
    "phone_killed": ("app killed at every write", ON_PHONE),
    "phone_full": ("disk full at every write", ON_PHONE),
    "school_killed": ("school's computer killed at every write", AT_SCHOOL),
    "school_full": ("disk full at every write", AT_SCHOOL),
    "server_killed": ("server killed while phones send", WIRE),
    "county_killed": ("two server processes and the database killed in turns", "HTTP, two real servers, PostgreSQL"),
    "power_cut": ("power cut", "school on a disk image"),
    "unsynced_lost": ("power cut, and any part of what was not synced is lost", "disks made from the school's calls to the system"),
}
KINDS = {
    "lost": ("lost", "missing", "lacks", "forgotten", "not there", "not complete", "never complete", "not shown", "not taken"),
    "doubled": ("twice", "records of", "another receipt"),
    "gaps": ("never got", "sequence", "wrong place", "the receipt of"),
}


@dataclass(frozen=True)
class Row:
    """A line of the table: the fault, where it happened, how often, in how many runs, how long they took, what went wrong."""

    fault: str
    where: str
    times: int
    runs: int
    wrong: tuple[str, ...] = ()
    seconds: float | None = None
    sources: str = ""

    def __str__(self) -> str:
        kinds = [_kind(sentence) for sentence in self.wrong]
        found = [str(kinds.count(kind)) for kind in (*KINDS, "other")]
        minutes = "" if self.seconds is None else str(math.ceil(self.seconds / 60))
        cells = [self.fault, self.where, f"{self.times:,}", f"{self.runs:,}", minutes, *found, self.sources]
        return f"| {' | '.join(cells)} |"


def table(present: str, sources: str) -> str:
    """The faults and what came of them."""
    made = [replace(row, sources=sources) for row in (*_simulated(), *_real())]
    return "\n".join([HEAD, *_renewed(present.splitlines()[2:], map(str, made), cells=2)])


def parsers(present: str, sources: str) -> str:
    """What was thrown at the parsers."""
    found = _kept("fuzz")
    made = [f"| {name} | {one['inputs']:,} | {one['seconds']:,} | {one['failed']} | {sources} |"
            for name, one in found["of"].items()] if found else []  # fmt: skip
    lines = ["| parser | inputs | seconds | unexpected | sources |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *_renewed(present.splitlines()[2:], made, cells=1)])


def sizes(present: str, _sources: str) -> str:
    """What the runs were made of."""
    return "\n".join(_renewed(present.splitlines(), filter(None, (said() for said in SAID)), cells=0))


def mutants(present: str, _sources: str) -> str:
    """Which seed noticed which wrong rule."""
    found = _kept("mutants")
    if not found:
        return present
    lines = ["| wrong rule | noticed by seed | as |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {rule} | {seed} | {said} |" for rule, (seed, said) in sorted(found["noticed"].items()))])


def renewed(page: str, sources: str) -> str:
    """The page with the figures of what was played."""
    for make in (table, sizes, mutants, parsers):
        marks = re.compile(rf"(<!-- made: {make.__name__} -->\n)(.*?)(\n<!-- end -->)", re.S)
        page, count = marks.subn(lambda found, make=make: found[1] + make(found[2], sources) + found[3], page)  # type: ignore[misc]
        assert count == 1, make.__name__
    return page


def _renewed(present: Iterable[str], made: Iterable[str], cells: int) -> list[str]:
    """The lines with those that were made anew in their places; they are known by their first cells, or up to a colon."""
    def key(line: str) -> str:
        return "|".join(line.split("|")[: cells + 1]) if cells else line.partition(":")[0]

    lines = {key(line): line for line in present}
    lines.update((key(line), line) for line in made)
    return list(lines.values())


def _said_of_simulation() -> str | None:
    sim = _kept("convergence")
    return sim and (
        f"* Simulation: {sim['runs']:,} seeds, {sim['records']:,} records, {sum(sim['faults'].values()):,} faults;"
        f" {sim['really_sealed']:,} seeds with real Ed25519 signatures, the others with seals that are hashes."
    )


def _said_of_bytes() -> str | None:
    byte = _kept("cut_at_every_byte")
    return byte and (
        f"* Every byte: {byte['points']:,} syncs, one for each byte that goes up or comes down, of a visit with"
        f" {_each(byte, 'content')} bytes of files (a photo and a signature)."
    )


def _said_of_days() -> str | None:
    day = _kept("cut_at_random")
    return day and (
        f"* Days at random: {day['phones']:,} days, {day['visits']:,} visits, {day['content'] / 1e6:.1f} MB of files;"
        f" {day['sent'] / day['content']:.2f} times as many bytes went up."
    )


def _said_of_many() -> str | None:
    many = _kept("day_of_many")
    return many and (
        f"* Many at once: {many['phones']} phones, {many['visits']:,} visits, {many['content'] / 1e6:.1f} MB of files,"
        f" {many['struck']:,} cuts; {many['sent'] / many['content']:.2f} times as many bytes went up."
    )


def _said_of_writes() -> str | None:
    found = [_kept(name) for name in ("phone_killed", "phone_full", "school_killed", "school_full")]
    if not all(found):
        return None
    phone, room, school, full = (one["points"] for one in found)
    return f"* Writes of one visit: {phone} on the phone ({room} that need room), {school} at school ({full})."


def _said_of_calls() -> str | None:
    calls = _kept("unsynced_lost")
    return calls and (
        f"* Power cut without a disk image: {calls['struck']:,} moments among {calls['points']:,} calls to the system,"
        " three disks each: nothing that was not synced is there, all of it, or parts of it, torn in the middle."
    )


SAID = (_said_of_simulation, _said_of_bytes, _said_of_days, _said_of_many, _said_of_writes, _said_of_calls)


def _simulated() -> Iterator[Row]:
    """The seeded simulation: a line for all, and one for each fault with the runs in which it happened."""
    kept = _kept("convergence")
    if not kept:
        return
    wrong = tuple(sentence for found in kept["failed"].values() for sentence in found)
    times = sum(kept["faults"].values())
    yield Row("all of the following, drawn anew for every run", IN_MEMORY, times, kept["runs"], wrong, kept["seconds"])
    for fault, times in sorted(kept["faults"].items(), key=lambda one: -one[1]):
        yield Row(fault, IN_MEMORY, times, kept["runs_with"][fault])


def _real() -> Iterator[Row]:
    for subject, (fault, where) in SUBJECTS.items():
        if kept := _kept(subject):
            yield Row(fault, where, kept["struck"], kept["visits"], tuple(kept["wrong"]), kept["seconds"])


def _each(kept: Any, what: str) -> str:
    return f"{round(kept[what] / kept['visits']):,}"


def _kept(subject: str) -> Any:
    """What came of it; None when it was not played. docs/reliability.md says which command does."""
    path = KEPT / f"{subject}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def _kind(sentence: str) -> str:
    return next((kind for kind, words in KINDS.items() if any(word in sentence for word in words)), "other")


if __name__ == "__main__":
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    PAGE.write_text(renewed(PAGE.read_text("utf-8"), commit), "utf-8")
