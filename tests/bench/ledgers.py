"""The lists of a school's console in a county of 100,000 students: over HTTP, each page right after a headcount.

One school with a whole term moves in; the others have the same rows under their own codes, and the rows of all lie
mixed, as they would have arrived. Milliseconds are those that the principal waits.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx

from sync_server.__main__ import COLLECT_AFTER
from sync_server.sample.school import SCHOOL_ID
from sync_server.store import schema as t
from sync_server.wiring import build
from tests.bench.district import District
from tests.bench.measure import Figure, p95
from tests.bench.pages import arrivals
from tests.bench.settler import moved
from tests.bench.term import LAST_DAY, NOON, Term, full_term
from tests.postgres import Cluster, cluster
from tests.sync_server.rollcall import Clock
from tests.sync_server.schoolhouse import served

SCHOOLS, LOADS, BUDGET_MS = 84, 40, 200
PAGES = (
    "/students", "/students?page=24", "/students?q=wang", "/roster", "/roster?page=20", "/roster/completeness",
    "/incidents", "/incidents?which=all", "/visits", "/visits?status=accepted", "/duties", "/attendance",
    "/attendance?day=2025-11-20", "/weekly", "/figures", "/aid", "/conflicts", "/papers",
)  # fmt: skip
HELD = "SELECT count(*), count(DISTINCT school), count(*) FILTER (WHERE school = %s) FROM student"
STUDENTS, LOGIN = "students", "/login"
LIMIT = "the same: it asks nothing of the school"


def figures(folder: Path) -> list[Figure]:
    """How many students there are, the size of their rows, and each list of one school."""
    term = full_term(folder / "data")
    with cluster() as database:
        return list(measured(folder, term, database))


def measured(folder: Path, term: Term, database: Cluster) -> Iterator[Figure]:
    """The county filled, and its pages."""
    district, _ = moved(folder, term, database)
    fill(district, SCHOOLS)
    district.tidy()
    with district.speak() as conn:
        children, schools, own = conn.execute(HELD, [SCHOOL_ID]).fetchone()
    yield Figure(STUDENTS, children, "", own, "those of one school")
    yield Figure("schools", schools, "", 1, "the one that is looked at")
    size = district.counted().size / 2**20
    yield Figure("rows of all schools", size, "MiB", size, "the same")
    clock = Clock(f"{LAST_DAY} {NOON:%H:%M}")
    wiring = build(district.settings.model_copy(update={"school": SCHOOL_ID}), clock=clock)
    happen = partial(next, arrivals(wiring, clock))
    with served(wiring) as url, httpx.Client(base_url=url, timeout=900, headers={"Origin": url}) as browser:
        _choose(browser)
        _, plain = waited(browser, LOGIN, happen)
        yield Figure(LOGIN, plain, "ms", plain, LIMIT)
        _log_in(browser, term.password)
        with _set_aside():
            for address in PAGES:
                middle, worst = waited(browser, address, happen)
                yield Figure(address, worst, "ms", middle, "its median", budget=BUDGET_MS)
    wiring.close()


def fill(district: District, count: int) -> None:
    """So many schools with the rows of the one that is here, each table's rows in turn for all of them."""
    codes = [str(int(SCHOOL_ID) - count // 2 + number) for number in range(count)]
    with district.speak() as conn:
        conn.execute("SET session_replication_role = replica")  # what was right once is right under another code
        for table in t.metadata.sorted_tables:
            name = f'"{table.name}"'
            others = ", ".join(f'one."{column.name}"' for column in table.columns if column.name != "school")
            conn.execute(f"CREATE TEMPORARY TABLE one AS SELECT * FROM {name}")
            conn.execute(f"DELETE FROM {name}")
            conn.execute(f"INSERT INTO {name} SELECT a_school, {others} FROM one, unnest(%s::text[]) a_school", [codes])
            conn.execute("DROP TABLE one")


@contextmanager
def _set_aside() -> Iterator[None]:
    """What the school remembers is no matter for the collector, which runs as seldom as the server lets it."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def waited(browser: httpx.Client, address: str, happen: Callable[[], None]) -> tuple[float, float]:
    """Median and p95 of the milliseconds until the whole page is there; each time something has just happened."""
    times = []
    _look(browser, address)
    for _ in range(LOADS):
        happen()
        start = time.perf_counter()
        _look(browser, address)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), p95(times)


def _look(browser: httpx.Client, address: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


def _choose(browser: httpx.Client) -> None:
    """Says once which school of the county is meant."""
    assert browser.post("/school", data={"school": SCHOOL_ID}).status_code == 303


def _log_in(browser: httpx.Client, password: str) -> None:
    answer = browser.post("/login", data={"login": "principal", "password": password})
    assert answer.status_code == 303, answer.status_code
