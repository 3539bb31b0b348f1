"""Phones at the end of a term: what syncs cost the school, and how soon the first screen of a started app is there."""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from casebook.records import reread
from fieldapp.desk import Desk
from sync_server.handout import MAX_PULL
from sync_server.sample.school import SCHOOL_ID
from sync_server.store import accounts, devices
from sync_server.store.devices import Device
from sync_server.wiring import Wiring
from tests.bench.firstscreen import Standing
from tests.bench.measure import Figure, cpu_seconds
from tests.bench.term import LEADER, Term
from tests.sync_server.schoolhouse import served

WHO = {"teacher82": "a class teacher", LEADER: "a leader of villages with 200 children"}
STARTS = 7
EVENING = "T20:30:00"  # after the last headcount that the pages were measured with
ROOT = Path(__file__).parents[2]


def figures(folder: Path, term: Term) -> list[Figure]:
    """CPU milliseconds of both sides."""
    wiring, _ = term.open()
    now = f"{wiring.now()[:10]}{EVENING}{wiring.now()[-6:]}"
    for login in WHO:
        _enrolled(folder / login, wiring, login, now)
    found = [figure for login in WHO for figure in _of_person(folder / login, wiring, login, now)]
    wiring.close()
    return found


def _enrolled(folder: Path, wiring: Wiring, login: str, now: str) -> None:
    """A phone in step with the school."""
    with served(wiring) as address, wiring.store.read() as conn:
        account = accounts.by_login(conn, SCHOOL_ID, login)
        assert account is not None
        code = wiring.store.run_tx(lambda conn: wiring.enrolment.make_code(conn, account)).text
        desk = Desk.open(folder, clock=Standing(now), pause=lambda seconds: None)
        desk.enrol(address, code)
        report = desk.sync()
        assert report.complete, report
        desk.look_ahead()
        desk.close()


def _of_person(folder: Path, wiring: Wiring, login: str, now: str) -> list[Figure]:
    desk = Desk.open(folder, clock=Standing(now))
    payloads = [bytes(payload) for (payload,) in desk._work.db.execute("SELECT payload FROM record")]
    raw = cpu_seconds(lambda: [reread(payload) for payload in payloads]) * 1000
    morning = _next_morning(desk, now)
    desk.close()
    foreseen, next_day = _starts(folder, now), _starts(folder, morning)
    desk = Desk.open(folder, clock=Standing(now))
    with desk._work.books.store.write() as db:
        db.execute("DELETE FROM foreseen")
    desk.close()
    unforeseen = _starts(folder, now)
    desk = Desk.open(folder, clock=Standing(now))
    ahead = cpu_seconds(desk.look_ahead) * 1000
    desk.close()
    first = cpu_seconds(lambda device=_device(wiring, login): _pull(wiring, device, 0))
    who, limit = f"{WHO[login]} ({foreseen['tasks']:.0f} duties)", f"reading its {len(payloads):,} records from their bytes"
    return [
        Figure(f"first screen after a start: {who}", _screen(foreseen), "ms", raw, limit, budget=50),
        Figure("on the next school day's morning", _screen(next_day), "ms", raw, limit, budget=50),
        Figure("of these, with all that Python itself and imports take", _whole(foreseen), "ms", raw, limit),
        Figure("with nothing foreseen (after a kill right after a change)", _screen(unforeseen), "ms", raw, limit),
        Figure("looking ahead in the background after a start", ahead, "ms", raw, limit),
        Figure(f"first pull of everything: {WHO[login]}", first, "s", raw / 1000, limit),
    ]


def _next_morning(desk: Desk, now: str) -> str:
    """The next school day, twenty past seven."""
    work = desk._fresh()
    day = work.calendar.next_school_day(dt.date.fromisoformat(now[:10]))
    assert day is not None
    return f"{day}T07:20:00{now[-6:]}"


def _starts(folder: Path, now: str) -> dict[str, float]:
    """Median CPU milliseconds of the parts of a start."""
    starts = [_start(folder, now) for _ in range(STARTS)]
    return {part: statistics.median(one[part] for one in starts) for part in starts[0]}


def _screen(start: Mapping[str, float]) -> float:
    return start["open"] + start["today"]


def _whole(start: Mapping[str, float]) -> float:
    return start["load"] + _screen(start)


def _start(folder: Path, now: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.firstscreen", str(folder), now]
    told = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def _device(wiring: Wiring, login: str) -> Device:
    with wiring.store.read() as conn:
        account = accounts.by_login(conn, SCHOOL_ID, login)
        assert account is not None
        return next(one for one in devices.all_of(conn, SCHOOL_ID) if one.account == account.id)


def _pull(wiring: Wiring, device: Device, after: int) -> int:
    """Reads from the cursor to the end; how many pages that took."""
    pages, more = 0, True
    while more:
        page = wiring.handout.pull(device, after, MAX_PULL)
        after, more, pages = page.next, page.more, pages + 1
    return pages
