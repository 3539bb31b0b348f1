"""The same term at the school's computer: the first page of a day, and what one more headcount costs."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert
from starlette.testclient import TestClient

from casebook import feeds
from casebook.casefile import Entry
from casebook.records import encode
from casebook.rules.absence import Child
from sync_server import founding, passwords, rulebook
from sync_server.access import Reach
from sync_server.lives import Lives
from sync_server.registry import default_terms
from sync_server.settings import Settings
from sync_server.store import accounts, facts, rows, schema, schools
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection
from sync_server.store.rows import ScopedRow
from sync_server.web.app import create_app
from sync_server.wiring import Wiring, build
from tests.bench.measure import Figure, cpu_seconds, p95
from tests.casebook.rules.tale import Tale
from tests.sync_server.rollcall import Clock, headcount, push
from tests.sync_server.schoolhouse import Phone

SCHOOL, OFFICE, PASSWORD = "3199000001", "o" * 32, "bench-password"
STUDENTS, TURNS = 1_200, 40
EVERYBODY = Reach(whole_school=True)


def figures(folder: Path, tale: Tale, children: list[Child], now: str) -> list[Figure]:
    """CPU seconds to read and work out everything, milliseconds of pages and headcounts, with this term on file."""
    clock = Clock(f"{now} 07:30")
    wiring = _school(folder, tale, children, clock)
    phone = Phone(OFFICE)
    phone.enrol(wiring)
    cold = cpu_seconds(lambda: _today(wiring, Lives(SCHOOL, clock)))
    _today(wiring, wiring.lives)
    clock.now += dt.timedelta(days=1)
    anew = cpu_seconds(lambda: _today(wiring, wiring.lives))
    browser = _logged_in(wiring)
    filed, pages = zip(*_turns(wiring, phone, browser, clock, children), strict=True)
    idle = statistics.median(cpu_seconds(lambda: browser.get("/")) for _ in range(TURNS)) * 1000
    wiring.close()
    heads = f"{STUDENTS:,} students, {len(tale.entries):,} records"
    return [
        Figure(f"{heads}: read and worked out after a start", cold, "s", anew, "working it out again", budget=5.0),
        Figure("a new day: all lives of the school anew", anew, "s", cold, "with reading", budget=1.0),
        Figure("today page after a headcount, p95", p95(pages) * 1000, "ms", idle, "the page with nothing new",
               budget=150),
        Figure("one headcount filed, numbers looked after", statistics.median(filed) * 1000, "ms", idle, "a page"),
    ]  # fmt: skip


def _today(wiring: Wiring, lives: Lives) -> None:
    with wiring.store.read() as conn:
        lives.child_duties(conn, EVERYBODY)


def _turns(
    wiring: Wiring, phone: Phone, browser: TestClient, clock: Clock, children: list[Child]
) -> Iterator[tuple[float, float]]:
    """A class is counted, with somebody missing, and the office looks at its first page: how long each took."""
    for turn in range(TURNS):
        clock.now += dt.timedelta(seconds=30)
        child, today = children[turn * 7 % len(children)], clock.now.date()
        record = headcount(phone, today.isoformat(), {child.case: "unexcused"}, class_id=child.class_on(today),
                           time=clock.now.time().isoformat("seconds"))  # fmt: skip

        def file(record=record) -> None:  # type: ignore[no-untyped-def]
            assert push(wiring, phone, record)[0].verdict == "stored"
            wiring.numbers.look()

        yield cpu_seconds(file), cpu_seconds(lambda: _page(browser))


def _page(browser: TestClient) -> None:
    assert browser.get("/").status_code == 200


def _logged_in(wiring: Wiring) -> TestClient:
    browser = TestClient(create_app(wiring), base_url="http://sync.local", follow_redirects=False)
    same = {"Origin": "http://sync.local", "Sec-Fetch-Site": "same-origin"}
    browser.post("/login", data={"login": "office", "password": PASSWORD}, headers=same)
    _page(browser)
    return browser


def _school(folder: Path, tale: Tale, children: list[Child], clock: Clock) -> Wiring:
    """A school with classes, students, calendar, rules and the records of the tale, put in as rows."""
    settings = Settings(data=folder / "lives")
    founding.found(settings, SCHOOL, "Bench", clock).close()
    wiring = build(settings, clock=clock)

    def fill(conn: Connection) -> None:
        office = Account(OFFICE, SCHOOL, "office", "O", ("academic_office",))
        accounts.add(conn, office, passwords.hashed(PASSWORD), wiring.now())
        terms = [ScopedRow(feeds.CALENDAR, str(term["term"]), feeds.SCHOOL_SCOPE, term) for term in default_terms()]
        rows.put(conn, SCHOOL, [*terms, *_roster(children)], wiring.now())
        rulebook.publish_defaults(conn, SCHOOL, wiring.now())
        first = schools.take(conn, SCHOOL, len(tale.entries))
        conn.execute(insert(schema.record), [_kept(entry, first + n) for n, entry in enumerate(tale.entries)])
        for entry in tale.entries:
            facts.note(conn, SCHOOL, entry.rid, entry.record)

    wiring.store.run_tx(fill)
    wiring.numbers.look()
    return wiring


def _roster(children: list[Child]) -> Iterator[ScopedRow]:
    for number in range(24):
        room = {"id": f"class-{number}", "name": f"class-{number}", "grade": number // 4 + 1, "teacher_id": ""}
        yield ScopedRow(feeds.CLASSES, room["id"], feeds.SCHOOL_SCOPE, room)
    others = [Child(f"other-{n}", (children[n % len(children)].stays[0],)) for n in range(STUDENTS - len(children))]
    for child in (*children, *others):
        class_id = child.stays[0].class_id
        row = {"id": child.case, "name": child.case, "class_id": class_id, "class_name": class_id,
               "key_flags": ["KS1"] if child.key else []}  # fmt: skip
        yield ScopedRow(feeds.STUDENTS, child.case, feeds.class_scope(class_id), row)


def _kept(entry: Entry, sseq: int) -> dict[str, object]:
    record = entry.record
    return {
        "school": SCHOOL, "rid": entry.rid, "sseq": sseq, "payload": encode(record), "signature": b"s",
        "keyid": "k" * 64, "type": record.type, "case": record.case, "visit": None, "author": record.author,
        "dev": record.dev, "ep": 1, "seq": sseq, "prev": "", "received_at": entry.received_at, "verdict": "stored",
        "code": None, "receipt": b"r", "receipt_signature": b"r",
    }  # fmt: skip


