"""A school that moves to the county with a whole term: what it takes up, and what a headcount and a look cost there."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
from sqlalchemy import text

from casebook.feeds import CLASSES
from sync_server.access import Reach
from sync_server.lives import Lives
from sync_server.operations import keeping
from sync_server.operations.restore import restore
from sync_server.sample.school import SCHOOL_ID
from sync_server.settings import Settings
from sync_server.store import accounts, rows
from sync_server.wiring import build
from tests.bench.district import District
from tests.bench.measure import Figure, cpu_seconds
from tests.bench.term import LAST_DAY, NOON, Term, full_term
from tests.postgres import Cluster
from tests.sync_server.rollcall import Clock, headcount
from tests.sync_server.schoolhouse import Phone, push_body, served

ROOT = Path(__file__).parents[2]
LOOKS, REMEMBERED = 24, 5
EVERYBODY = Reach(whole_school=True)


def figures(folder: Path, database: Cluster) -> Iterator[Figure]:
    """Rows, memory, CPU milliseconds of server and database; the clock stands in the term's last afternoon."""
    term = full_term(folder / "data")
    district, records = moved(folder, term, database)
    district.tidy()
    size = district.counted().size / 2**20
    yield Figure("a term of 1,200 children: database", size, "MiB", records / 1024, f"1 KiB for each of {records:,} records")
    now = f"{LAST_DAY} {NOON:%H:%M}"
    yield from _remembered(district, now)
    wiring = build(district.settings, clock=Clock(now))
    with wiring.store.read() as conn:
        office = accounts.by_login(conn, SCHOOL_ID, "office")
        rooms = sorted(rows.of_feed(conn, SCHOOL_ID, CLASSES))
    assert office is not None
    phone = Phone(office.id, seed=99).enrol(wiring)
    with served(wiring) as url, httpx.Client(base_url=url, headers=phone.headers, timeout=60) as line:
        cursor = _read_all(line)

        def count(number: int) -> None:
            record = headcount(phone, LAST_DAY.isoformat(), class_id=rooms[number % len(rooms)], session="noon")
            (outcome,) = line.post("/v1/push", json=push_body(record)).json()["outcomes"]
            assert outcome["verdict"] == "stored", outcome

        def look(_number: int) -> None:
            assert line.get("/v1/hello").status_code == line.get(f"/v1/pull?after={cursor}&limit=500").status_code == 200

        yield from _cost(district, "a sync that finds nothing new", look)
        yield from _cost(district, "a headcount", count)
    wiring.close()


def moved(folder: Path, term: Term, database: Cluster) -> tuple[District, int]:
    """The school as it comes back from its backup on PostgreSQL, and how many records that are."""
    wiring, _ = term.open()
    made = keeping.make(wiring, keeping.shelf_of(wiring.settings))
    with wiring.store.read() as conn:
        records = conn.execute(text("SELECT count(*) FROM record")).scalar_one()
    url = database.postgres.url(database.postgres.create())
    restore(made.backup, folder / "moved", wiring.clock(), database_url=url)
    wiring.close()
    return District(database, Settings(data=folder / "moved", database_url=url)), records


def _remembered(district: District, now: str) -> Iterator[Figure]:
    """What a process remembers of one more school, and reads for it once: in a process that does nothing else."""
    command = [sys.executable, "-m", "tests.bench.settler", str(district.settings.data), str(district.settings.database_url)]
    told = subprocess.run([*command, now], cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(told.stdout)
    yield Figure("a term remembered: memory", found["each"], "MiB", found["before"], "the process before")
    yield Figure("a term remembered: server CPU once", found["cpu"], "s", 0.3, "a start of the server, about")


def remember(data: Path, url: str, now: str) -> dict[str, float]:
    """MiB before the second school is remembered, of each further one, and its CPU seconds."""
    wiring = build(Settings(data=data, database_url=url), clock=Clock(now))
    kept = [Lives(SCHOOL_ID, wiring.clock) for _ in range(REMEMBERED + 1)]
    with wiring.store.read() as conn:
        kept[0].child_duties(conn, EVERYBODY)
        before = _memory()
        cpu = cpu_seconds(lambda: [lives.child_duties(conn, EVERYBODY) for lives in kept[1:]])
        each = (_memory() - before) / REMEMBERED
    wiring.close()
    return {"before": before, "each": each, "cpu": cpu / REMEMBERED}


def _memory() -> float:
    gc.collect()
    return float(psutil.Process().memory_full_info().uss) / 2**20


def _read_all(line: httpx.Client) -> int:
    """Pulls to the end; the cursor there."""
    cursor, more = 0, True
    while more:
        page = line.get(f"/v1/pull?after={cursor}&limit=500").json()
        cursor, more = page["next"], page["more"]
    return int(cursor)


def _cost(district: District, name: str, work: Callable[[int], None]) -> Iterator[Figure]:
    """Through a server that runs in this process together with the one that asks."""
    work(0)
    database = district.database_cpu()
    server = cpu_seconds(lambda: [work(number) for number in range(1, LOOKS)]) / (LOOKS - 1) * 1000
    database = (district.database_cpu() - database) / (LOOKS - 1) * 1000
    yield Figure(f"{name}: server CPU", server, "ms", database, "the database's")
    yield Figure(f"{name}: database CPU", database, "ms", server, "the server's")


if __name__ == "__main__":
    print(json.dumps(remember(Path(sys.argv[1]), sys.argv[2], sys.argv[3])))
