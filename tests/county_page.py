"""Renews the figures of docs/county.md: python -m tests.bench county ledgers --json build/county.json, then this module.

What is reckoned and said is so from the measured figures as the page prints them, so that anybody can follow it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench import county, district, ledgers, term
from tests.bench.measure import short
from tests.bench.visits import PHOTOS
from tests.bench.visits import VISITS as VISITS_A_PHONE

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
CORE_FILLED, PROCESS_FILLED = 0.5, 0.8
KIB_OF_GB, MIB_OF_GB = 1024 / 1e9, 1024**2 / 1e9
SETUP = """\
Measured with {schools} schools of {phones} phones each that send {sent} visits of {photos} photos at once through one and two server
processes over one PostgreSQL, files on disk and in moto's bucket, and with a school that has moved in with a whole term
({days} days, {absences} absences, {cases} cases), on {cores} cores{load}."""
LEDGERS = """\
Each was opened {loads} times over HTTP by the principal of one school with a whole term, each time right after a headcount of one of its
classes; in the same PostgreSQL are {others} further schools, together {students} students and {size} MiB of rows that lie mixed. The login
page, which asks nothing of the school, takes {login} ms. The budget is {budget} ms; {cores} cores{load}, shared with the database and the headcounts."""
SAID = """\
* **One core** of the server takes in {visits} visits a second or, with a sync around each, {headcounts} headcounts.
  With a second process a visit costs {change} CPU; processes share nothing but the database.
* **The peak is the morning**, not the Friday: {classes} headcounts of a school within {minutes:.0f} minutes are {rush} times
  its visits in the busiest hour, and each is worked out at once (who is missing, which day it is for that child).
* **Group commit**: visits that arrive together share a wait of the database for its disk: {syncs} a visit at {at_once} phones.
  Beside the rows PostgreSQL writes {log} times as much into its log, which archives and standbys carry.
* **The bucket** is asked {puts} times a visit to keep a file and {others} times anything else;
  reading photos in the console comes on top, a request a photo that somebody opens.
* **Memory** decides how many processes there are: a process remembers each school that it serves, so all of a school
  must reach the same one. The first look after a start reads a school's term once, {once} s of CPU.
* **Connections**: {connections} at once were in use by one process."""
ASSUMED = """\
The assumptions: {visits} visits a school on a busy day, {evening:.0%} of them within {hours:.0f} hours; {classes} headcounts within
{minutes:.0f} minutes, {rounds} times a day; a sync that finds nothing new beside every visit and headcount; cores filled to
{core:.0%}, processes of 1 GiB to {process:.0%}; {days} such days and {terms} terms a year, so that rows and files are rather too many."""


def measured(page: str) -> dict[str, float]:
    """The figures that the page shows, by name."""
    rows = re.findall(r"^\| ([^|]+) \| ([\d.,]+) \| [^|]* \|$", _between(page, "measured"), re.M)
    return {name: float(value.replace(",", "")) for name, value in rows}


def table_of(run: Mapping[str, Any]) -> str:
    """What a run of the bench said, and with what."""
    lines = ["| measured | value | unit |", "|---|---|---|"]
    lines += [f"| {one['name']} | {short(one['value'])} | {one['unit']} |" for one in run["figures"] if one.get("subject") != "ledgers"]
    schools, phones = district.SCHOOLS, county.PHONES
    setup = SETUP.format(
        schools=schools, phones=phones, sent=schools * phones * VISITS_A_PHONE, photos=PHOTOS, days=term.DAYS,
        absences=term.ABSENCES, cases=term.CASES, cores=run["machine"]["cores"],
        load=_load(run),
    )  # fmt: skip
    return "\n".join([*lines, "", setup])


def ledgers_of(run: Mapping[str, Any]) -> str:
    """What a run of the bench said of the lists, and with what."""
    found = {one["name"]: one for one in run["figures"] if one.get("subject") == "ledgers"}
    value = {name: one["value"] for name, one in found.items()}
    lines = ["| list | median, ms | p95, ms |", "|---|---|---|"]
    lines += [f"| `{name}` | {short(found[name]['limit'])} | {short(value[name])} |" for name in ledgers.PAGES]
    setup = LEDGERS.format(
        loads=ledgers.LOADS, others=f"{value['schools'] - 1:.0f}", students=f"{value[ledgers.STUDENTS]:,.0f}",
        size=short(value["rows of all schools"]), login=short(value[ledgers.LOGIN]), budget=ledgers.BUDGET_MS,
        cores=run["machine"]["cores"], load=_load(run),
    )  # fmt: skip
    return "\n".join([*lines, "", setup])


def opened(page: str) -> dict[str, float]:
    """The p95 of each list that the page shows."""
    return {name: float(value) for name, value in re.findall(r"^\| `([^`]+)` \| [\d.]+ \| ([\d.]+) \|$", page, re.M)}


def _load(run: Mapping[str, Any]) -> str:
    load = run["machine"]["load"]
    return "" if load is None else f" with a load of {load:.1f} at the end"


def said(found: Mapping[str, float]) -> str:
    """What the figures mean, in words."""
    one, two = (found[f"{count}: server CPU per visit"] for count in ("1 process", "2 processes"))
    headcount = found["a headcount: server CPU"] + found["a sync that finds nothing new: server CPU"]
    return SAID.format(
        visits=short(1000 / one), headcounts=short(1000 / headcount), classes=CLASSES, minutes=ROUND_S / 60,
        change=f"{abs(two / one - 1):.0%} {'more' if two > one else 'less'}", at_once=district.SCHOOLS * county.PHONES,
        rush=short(CLASSES / ROUND_S / (VISITS * EVENING_SHARE / EVENING_S)),
        syncs=short(found["1 process: database's syncs per visit"]),
        log=short(found["1 process: database's log per visit"] / found["1 process: database per visit"]),
        puts=short(found["bucket: puts per visit"]), others=short(found["bucket: other requests per visit"]),
        once=short(found["a term remembered: server CPU once"]),
        connections=short(found["1 process: connections at most"]),
    )  # fmt: skip


def assumed() -> str:
    """What the table of sizes takes for granted."""
    return ASSUMED.format(
        visits=VISITS, evening=EVENING_SHARE, hours=EVENING_S / 3600, classes=CLASSES, minutes=ROUND_S / 60,
        rounds=ROUNDS, core=CORE_FILLED, process=PROCESS_FILLED, days=SCHOOL_DAYS, terms=TERMS,
    )  # fmt: skip


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
        yield short(max(evening * visit, morning * headcount) / (1000 * CORE_FILLED))
    yield short(max(evening * found["1 process: database's syncs per visit"], morning))
    per_process = (1024 * PROCESS_FILLED - found["1 process: memory of a process at most"]) // found["a term remembered: memory"]
    yield f"{math.ceil(schools / per_process):,}"
    rows = (TERMS * found["a term of 1,200 children: database"] * MIB_OF_GB
            + VISITS * SCHOOL_DAYS * found["1 process: database per visit"] * KIB_OF_GB)  # fmt: skip
    yield _bytes(schools * rows)
    yield _bytes(schools * VISITS * SCHOOL_DAYS * found["bucket: bytes per visit"] * KIB_OF_GB)
    yield f"{schools * VISITS * found['bucket: puts per visit']:,.0f}"


def _bytes(gigabytes: float) -> str:
    return f"{short(gigabytes / 1000)} TB" if gigabytes >= 1000 else f"{short(gigabytes)} GB"


def renewed(page: str) -> str:
    """The page with all that follows from its table made anew."""
    found = measured(page)
    for name, made in (("said", said(found)), ("sizing", sizing(found)), ("assumed", assumed())):
        page = _with(page, name, made)
    return page


def _with(page: str, name: str, made: str) -> str:
    marks = re.compile(rf"(<!-- made: {name} -->\n).*?(\n<!-- end -->)", re.S)
    page, count = marks.subn(lambda found: found[1] + made + found[2], page)
    assert count == 1, name
    return page


def _between(page: str, name: str) -> str:
    return page.partition(f"<!-- made: {name} -->\n")[2].partition("\n<!-- end -->")[0]


def shown(page: str, run: Mapping[str, Any]) -> str:
    """The page with what a run has measured, and all that follows; what it has not measured stays."""
    subjects = {one["subject"] for one in run["figures"]}
    for subject, name, made in (("county", "measured", table_of), ("ledgers", "ledgers", ledgers_of)):
        page = _with(page, name, made(run)) if subject in subjects else page
    return renewed(page)


if __name__ == "__main__":
    PAGE.write_text(shown(PAGE.read_text("utf-8"), json.loads(KEPT.read_text("utf-8"))), "utf-8")
