"""Renews the figures of docs/county.md: python -m tests.bench county --json build/county.json, then this module.

What is reckoned is reckoned from the measured figures as the page prints them, so that anybody can follow it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.bench.measure import short

PAGE = Path(__file__).parent.parent / "docs" / "county.md"
KEPT = Path("build/county.json")
SIZES = (1, 100, 1_000, 10_000)
HEAD = (
    "schools", "visits a day", "visits a second, evening", "headcounts a second, morning", "server cores", "database cores",
    "syncs of the log a second", "processes of 1 GiB", "rows a year", "files a year", "puts a day",
)  # fmt: skip
#: A school of 1,200 children in the weeks around the start of a term.
VISITS, CLASSES, ROUNDS, SCHOOL_DAYS, TERMS = 100, 24, 2, 200, 2
#: Half of a day's visits arrive in two hours; a round of headcounts within twenty minutes.
EVENING_SHARE, EVENING_S, ROUND_S = 0.5, 7_200, 1_200
#: A core is filled to a half, a process of 1 GiB to four fifths.
CORE_MS, PROCESS_MIB = 500, 820
KIB_OF_GB, MIB_OF_GB = 1024 / 1e9, 1024**2 / 1e9


def measured(page: str) -> dict[str, float]:
    """The figures that the page shows, by name."""
    rows = re.findall(r"^\| ([^|]+) \| ([\d.,]+) \| [^|]* \|$", _between(page, "measured"), re.M)
    return {name: float(value.replace(",", "")) for name, value in rows}


def table_of(kept: list[Mapping[str, object]]) -> str:
    """What a run of the bench said."""
    lines = ["| measured | value | unit |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {one['name']} | {short(float(str(one['value'])))} | {one['unit']} |" for one in kept)])


def sizing(found: Mapping[str, float]) -> str:
    """What so many schools need."""
    lines = [f"| {' | '.join(HEAD)} |", "|" + "---|" * len(HEAD)]
    return "\n".join([*lines, *(f"| {' | '.join(_needs(found, schools))} |" for schools in SIZES)])


def _needs(found: Mapping[str, float], schools: int) -> Iterator[str]:
    evening = schools * VISITS * EVENING_SHARE / EVENING_S
    morning = schools * CLASSES / ROUND_S
    yield f"{schools:,}"
    yield f"{schools * VISITS:,}"
    yield short(evening)
    yield short(morning)
    looks = {side: found[f"a sync that finds nothing new: {side} CPU"] for side in ("server", "database")}
    for side in ("server", "database"):
        visit = found[f"bucket: {side} CPU per visit"] + looks[side]
        headcount = found[f"a headcount: {side} CPU"] + looks[side]
        yield short(max(evening * visit, morning * headcount) / CORE_MS)
    yield short(max(evening * found["1 process: database's syncs per visit"], morning))
    per_process = (PROCESS_MIB - found["1 process: memory of a process at most"]) // found["a term remembered: memory"]
    yield f"{math.ceil(schools / per_process):,}"
    rows = (TERMS * found["a term of 1,200 children: database"] * MIB_OF_GB
            + VISITS * SCHOOL_DAYS * found["1 process: database per visit"] * KIB_OF_GB)  # fmt: skip
    yield _bytes(schools * rows)
    yield _bytes(schools * VISITS * SCHOOL_DAYS * found["bucket: bytes per visit"] * KIB_OF_GB)
    yield f"{schools * VISITS * found['bucket: puts per visit']:,.0f}"


def _bytes(gigabytes: float) -> str:
    return f"{short(gigabytes / 1000)} TB" if gigabytes >= 1000 else f"{short(gigabytes)} GB"


def renewed(page: str, name: str, made: str) -> str:
    """The page with one of its parts made anew."""
    marks = re.compile(rf"(<!-- made: {name} -->\n).*?(\n<!-- end -->)", re.S)
    page, count = marks.subn(lambda found: found[1] + made + found[2], page)
    assert count == 1, name
    return page


def _between(page: str, name: str) -> str:
    return page.partition(f"<!-- made: {name} -->\n")[2].partition("\n<!-- end -->")[0]


if __name__ == "__main__":
    text = renewed(PAGE.read_text("utf-8"), "measured", table_of(json.loads(KEPT.read_text("utf-8"))["figures"]))
    PAGE.write_text(renewed(text, "sizing", sizing(measured(text))), "utf-8")
