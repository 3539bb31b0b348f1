"""Renews the figures of docs/reliability.md from the runs kept in build/reliability/: python -m tests.reliability_page"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.series import KEPT

PAGE = Path(__file__).parent.parent / "docs" / "reliability.md"
HEAD = "| fault | where | times | runs | minutes | lost | doubled | gaps | other |\n|---|---|---|---|---|---|---|---|---|"
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

    def __str__(self) -> str:
        kinds = [_kind(sentence) for sentence in self.wrong]
        found = [str(kinds.count(kind)) for kind in (*KINDS, "other")]
        minutes = "" if self.seconds is None else str(math.ceil(self.seconds / 60))
        return f"| {' | '.join([self.fault, self.where, f'{self.times:,}', f'{self.runs:,}', minutes, *found])} |"


def table() -> str:
    """The faults and what came of them."""
    return "\n".join([HEAD, *map(str, [*_simulated(), *_real()])])


def parsers() -> str:
    """What was thrown at the parsers."""
    lines = ["| parser | inputs | seconds | unexpected |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {one['inputs']:,} | {one['seconds']:,} | {one['failed']} |"
                                for name, one in _kept("fuzz")["of"].items())])  # fmt: skip


def sizes() -> str:
    """What the runs were made of."""
    sim, byte, day, many = (_kept(name) for name in ("convergence", "cut_at_every_byte", "cut_at_random", "day_of_many"))
    writes = {name: _kept(name)["points"] for name in ("phone_killed", "phone_full", "school_killed", "school_full")}
    calls = _kept("unsynced_lost")
    return "\n".join([
        f"* Simulation: {sim['runs']:,} seeds, {sim['records']:,} records, {sum(sim['faults'].values()):,} faults;"
        f" {sim['really_sealed']:,} seeds with real Ed25519 signatures, the others with seals that are hashes.",
        f"* Every byte: {byte['points']:,} syncs, one for each byte that goes up or comes down, of a visit with"
        f" {_each(byte, 'content')} bytes of files (a photo and a signature).",
        f"* Days at random: {day['phones']:,} days, {day['visits']:,} visits, {day['content'] / 1e6:.1f} MB of files;"
        f" {day['sent'] / day['content']:.2f} times as many bytes went up.",
        f"* Many at once: {many['phones']} phones, {many['visits']:,} visits, {many['content'] / 1e6:.1f} MB of files,"
        f" {many['struck']:,} cuts; {many['sent'] / many['content']:.2f} times as many bytes went up.",
        f"* Writes of one visit: {writes['phone_killed']} on the phone ({writes['phone_full']} that need room),"
        f" {writes['school_killed']} at school ({writes['school_full']}).",
        f"* Power cut without a disk image: {calls['struck']:,} moments among {calls['points']:,} calls to the system,"
        " three disks each: nothing that was not synced is there, all of it, or parts of it, torn in the middle.",
    ])  # fmt: skip


def mutants() -> str:
    """Which seed noticed which wrong rule."""
    lines = ["| wrong rule | noticed by seed | as |", "|---|---|---|"]
    noticed = sorted(_kept("mutants")["noticed"].items())
    return "\n".join([*lines, *(f"| {rule} | {seed} | {said} |" for rule, (seed, said) in noticed)])


def renewed(page: str) -> str:
    """The page with its figures made anew."""
    for name, made in (("table", table()), ("sizes", sizes()), ("mutants", mutants()), ("parsers", parsers())):
        marks = re.compile(rf"(<!-- made: {name} -->\n).*?(\n<!-- end -->)", re.S)
        page, count = marks.subn(lambda found, made=made: found[1] + made + found[2], page)  # type: ignore[misc]
        assert count == 1, name
    return page


def _simulated() -> Iterator[Row]:
    """The seeded simulation: a line for all, and one for each fault with the runs in which it happened."""
    kept = _kept("convergence")
    wrong = tuple(sentence for found in kept["failed"].values() for sentence in found)
    times = sum(kept["faults"].values())
    yield Row("all of the following, drawn anew for every run", IN_MEMORY, times, kept["runs"], wrong, kept["seconds"])
    for fault, times in sorted(kept["faults"].items(), key=lambda one: -one[1]):
        yield Row(fault, IN_MEMORY, times, kept["runs_with"][fault])


def _real() -> Iterator[Row]:
    for subject, (fault, where) in SUBJECTS.items():
        kept = _kept(subject)
        yield Row(fault, where, kept["struck"], kept["visits"], tuple(kept["wrong"]), kept["seconds"])


def _each(kept: Any, what: str) -> str:
    return f"{round(kept[what] / kept['visits']):,}"


def _kept(subject: str) -> Any:
    path = KEPT / f"{subject}.json"
    assert path.exists(), f"{path} is not there yet: docs/reliability.md says which command makes it"
    return json.loads(path.read_text("utf-8"))


def _kind(sentence: str) -> str:
    return next((kind for kind, words in KINDS.items() if any(word in sentence for word in words)), "other")


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
