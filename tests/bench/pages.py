"""The console at the end of a term: every page asked for right after a headcount has arrived, and after a start."""

from __future__ import annotations

import datetime as dt
import gc
import statistics
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

from starlette.testclient import TestClient

from casebook.feeds import CLASSES
from casebook.kinds.headcount import AWAY_KINDS
from sync_server.access import Reach
from sync_server.sample.school import SCHOOL_ID
from sync_server.store import accounts, rows
from sync_server.web.app import create_app
from sync_server.wiring import Wiring
from tests.bench import handsets
from tests.bench.measure import Figure, cpu_seconds, p95
from tests.bench.term import Term, full_term
from tests.sync_server.rollcall import Clock, headcount, push
from tests.sync_server.schoolhouse import Phone

PEOPLE = ("principal", "office", "director8", "teacher82")
PAGES = ("/attendance", "/duties", "/incidents", "/weekly", "/figures")
LOADS, FEWER_LOADS = 50, 20
OF_ITSELF = {"Origin": "http://sync.local", "Sec-Fetch-Site": "same-origin"}
EVERYBODY = Reach(whole_school=True)
LIMIT = "the login page, which asks nothing of the school"


def figures(folder: Path) -> list[Figure]:
    """CPU milliseconds and seconds, of a school with a whole term on file."""
    term = full_term(folder)
    return [*_after_start(term), *_pages(term), *handsets.figures(folder.with_name("phones"), term)]


def _after_start(term: Term) -> list[Figure]:
    """What the first one waits for who looks after a start, and all deadlines of another day."""
    wiring, clock = term.open()
    browser = logged_in(wiring, "principal", term.password)
    first = cpu_seconds(partial(look, browser, "/"))
    again = cpu_seconds(partial(look, browser, "/"))
    clock.now += dt.timedelta(days=1)
    with wiring.store.read() as conn:
        anew = cpu_seconds(lambda: wiring.lives.child_duties(conn, EVERYBODY))
        duties = len(wiring.lives.child_duties(conn, EVERYBODY))
    wiring.close()
    return [
        Figure("first page after a start of the server", first, "s", again, "the same page again"),
        Figure(f"all deadlines of the school anew ({duties} duties)", anew, "s", again, "a page", budget=1.0),
    ]


def _pages(term: Term) -> list[Figure]:
    wiring, clock = term.open()
    happen = partial(next, arrivals(wiring, clock))
    empty = statistics.median(cpu_seconds(partial(look, logged_out(wiring), "/login")) for _ in range(LOADS)) * 1000
    browsers = {login: logged_in(wiring, login, term.password) for login in PEOPLE}
    look(browsers["principal"], "/")
    gc.freeze()  # as the server does once the lives have been worked out
    found = []
    for login, browser in browsers.items():
        found.append((f"today page of the {login}", *_times(browser, "/", happen, LOADS)))
    by_hand = partial(next, entered_by_hand(wiring, clock, browsers["office"]))
    for login in ("principal", "office"):
        found.append((f"today page of the {login}, entered in the console,", *_times(browsers[login], "/", by_hand, LOADS)))
    with wiring.store.read() as conn:
        case = max(wiring.lives.all(conn), key=lambda life: len(life.facts.contacts) + len(life.facts.deeds)).child.case
    for address in (*PAGES, f"/cases/{case}"):
        name = address if address in PAGES else "/cases/…"
        found.append((f"{name} of the principal", *_times(browsers["principal"], address, happen, FEWER_LOADS)))
    wiring.close()
    gc.unfreeze()
    return [Figure(f"{name} after a headcount, p95 (median {middle:.0f})", worst, "ms", empty, LIMIT, budget=150)
            for name, middle, worst in found]  # fmt: skip


def _times(browser: TestClient, address: str, happen: Callable[[], None], loads: int) -> tuple[float, float]:
    """Median and p95 of CPU milliseconds; each time something has just happened."""
    times = []
    look(browser, address)
    for _ in range(loads):
        happen()
        times.append(cpu_seconds(partial(look, browser, address)) * 1000)
    return statistics.median(times), p95(times)


def arrivals(wiring: Wiring, clock: Clock) -> Iterator[None]:
    """One class after the other corrects its afternoon's headcount: one child more is missing, then is not."""
    with wiring.store.read() as conn:
        office = accounts.by_login(conn, SCHOOL_ID, "office")
        rooms = list(rows.of_feed(conn, SCHOOL_ID, CLASSES))
        of_class = {room: [one["id"] for one in rows.of_feed(conn, SCHOOL_ID, "students").values()
                           if one["class_id"] == room] for room in rooms}  # fmt: skip
    assert office is not None
    phone = Phone(office.id, seed=99).enrol(wiring)
    for turn in count():
        clock.now += dt.timedelta(seconds=20)
        room, day = rooms[turn % len(rooms)], clock.now.date()
        with wiring.store.read() as conn:
            standing = wiring.lives.world(conn).attendance.of(room, day)["pm"]
        child = of_class[room][turn // len(rooms) * 3 % len(of_class[room])]
        missing = {one: kind for one, kind in standing.kinds.items() if one != child}
        missing |= {} if child in standing.kinds else {child: "unexcused"}
        away = sum(kind in AWAY_KINDS for kind in missing.values())
        body = {"expected": standing.expected, "present": standing.expected - away, "reason": "again"}
        record = headcount(phone, day.isoformat(), missing, class_id=room, session="pm", body=body, amends=(standing.rid,),
                           time=clock.now.time().isoformat("seconds"))  # fmt: skip
        (outcome,) = push(wiring, phone, record)
        assert outcome.verdict == "stored", outcome
        wiring.numbers.look_after([outcome.rid])  # as the school does before it answers a phone
        yield


def entered_by_hand(wiring: Wiring, clock: Clock, browser: TestClient) -> Iterator[None]:
    """One class after the other is corrected in the office's console in the same way."""
    with wiring.store.read() as conn:
        rooms = list(rows.of_feed(conn, SCHOOL_ID, CLASSES))
        first_of = {one["class_id"]: one["id"] for one in rows.of_feed(conn, SCHOOL_ID, "students").values()}
    for turn in count():
        clock.now += dt.timedelta(seconds=20)
        room, day = rooms[turn % len(rooms)], clock.now.date()
        with wiring.store.read() as conn:
            kinds = dict(wiring.lives.world(conn).attendance.of(room, day)["pm"].kinds)
        child = first_of[room]
        kinds = {one: kind for one, kind in kinds.items() if one != child} if child in kinds else kinds | {child: "unexcused"}
        told = {f"kind-{one}": kind for one, kind in kinds.items()} | {"day": day.isoformat(), "session": "pm", "reason": "again"}
        answer = browser.post(f"/attendance/{room}", data=told, headers=OF_ITSELF)
        assert answer.status_code == 303, answer.text
        yield


def look(browser: TestClient, address: str) -> None:
    """Opens a page."""
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


def logged_out(wiring: Wiring) -> TestClient:
    """A browser before the login."""
    return TestClient(create_app(wiring), base_url="http://sync.local", follow_redirects=False)


def logged_in(wiring: Wiring, login: str, password: str) -> TestClient:
    """A browser of somebody."""
    browser = logged_out(wiring)
    answer = browser.post("/login", data={"login": login, "password": password}, headers=OF_ITSELF)
    assert answer.status_code == 303, (login, answer.status_code)
    return browser
