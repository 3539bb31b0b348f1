"""What a county's machines do for a visit: one and two processes on a real PostgreSQL, files on disk and in a bucket.

The last part is a school with a whole term that has moved in: rows, memory, headcounts. docs/county.md reckons with these.
"""

from __future__ import annotations

import logging
import re
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casebook.records import Record, encode
from tests.bench import settler
from tests.bench.district import District, Process, founded, telephones
from tests.bench.limits import file_cpu
from tests.bench.measure import Figure
from tests.bench.school import BenchSchool
from tests.bench.server import Telephone, real_visit
from tests.bucket import moto_server
from tests.postgres import Cluster, cluster

PHONES = 2  # of each school, ten visits each
ON_DISK: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Load:
    """What a visit cost: CPU milliseconds of servers and database, KiB of rows, log and files, syncs of the log.

    Beside it the most connections, and MiB of a process at rest and at most.
    """

    visits: int
    wall: float
    server: float
    database: float
    rows: float
    log: float
    syncs: float
    connections: int
    resting: float
    memory: float
    files: float


def figures(folder: Path) -> list[Figure]:
    """Each stand with schools of its own in the same cluster."""
    pattern = _pattern(folder / "pattern")
    with cluster() as database:
        found = [figure for count in (1, 2) for figure in _on_disk(folder / f"disk{count}", database, count, pattern)]
        found += _in_bucket(folder / "bucket", database, pattern)
        return [*found, *settler.figures(folder / "term", database)]


def _pattern(folder: Path) -> Record:
    school = BenchSchool(folder / "school")
    with school:
        return real_visit(folder, school)


def _on_disk(folder: Path, database: Cluster, count: int, pattern: Record) -> Iterator[Figure]:
    load, raw = _loaded(folder, database, count, ON_DISK, pattern)
    who = f"{count} process{'es' if count > 1 else ''}"
    yield Figure(f"{who}: server CPU per visit", load.server, "ms", raw, "write + sync + SHA-256 of the same files")
    yield Figure(f"{who}: database CPU per visit", load.database, "ms", load.server, "the server's")
    yield Figure(f"{who}: visits a second", load.visits / load.wall, "/s", 1000 / raw, "write + sync + SHA-256, one core")
    yield Figure(f"{who}: database's syncs per visit", load.syncs, "", 2, "one for the record, one for its files")
    yield Figure(f"{who}: connections at most", load.connections, "", count, "one a process")
    yield Figure(f"{who}: memory of a process at most", load.memory, "MiB", 10, "a bare interpreter, about")
    yield Figure(f"{who}: memory of a process at rest", load.resting, "MiB", 10, "a bare interpreter, about")
    size = len(encode(pattern)) / 1024
    yield Figure(f"{who}: database per visit", load.rows, "KiB", size, "its record")
    yield Figure(f"{who}: database's log per visit", load.log, "KiB", size, "its record")


def _in_bucket(folder: Path, database: Cluster, pattern: Record) -> Iterator[Figure]:
    with moto_server() as s3, _requests() as asked:
        bucket = s3.settings()
        asked.clear()
        load, raw = _loaded(folder, database, 1, bucket, pattern)
        puts = sum(method == "PUT" for method in asked)
    yield Figure("bucket: server CPU per visit", load.server, "ms", raw, "write + sync + SHA-256 of the same files")
    yield Figure("bucket: database CPU per visit", load.database, "ms", load.server, "the server's")
    yield Figure("bucket: puts per visit", puts / load.visits, "", 4, "strokes and three photos")
    yield Figure("bucket: bytes per visit", load.files, "KiB", load.files, "the same")
    yield Figure("bucket: other requests per visit", (len(asked) - puts) / load.visits, "", 4, "the puts")


def _loaded(
    folder: Path, database: Cluster, count: int, bucket: Mapping[str, Any], pattern: Record
) -> tuple[Load, float]:  # fmt: skip
    """All phones of all schools at once, each school at its own process; and the raw CPU milliseconds of a visit."""
    district, schools = founded(folder, database, bucket)
    with district.serving(count) as processes:
        phones = [phone for number, wiring in enumerate(schools)
                  for phone in telephones(wiring, processes[number % count].port, PHONES, pattern)]  # fmt: skip
        for wiring in schools:
            wiring.store.close()
        load = _measured(district, processes, phones)
    files = [[content for _, content in parcel.files] for phone in phones for parcel in phone.parcels][:100]
    raw = file_cpu(folder / "limit", files) / len(files) * 1000
    shutil.rmtree(folder)
    return load, raw


def _measured(district: District, processes: list[Process], phones: list[Telephone]) -> Load:
    visits, done = sum(len(phone.parcels) for phone in phones), threading.Event()
    with ThreadPoolExecutor(len(phones) + 1) as pool:
        resting = max(process.memory() for process in processes)
        before, server, database = district.counted(), _cpu(processes), district.database_cpu()
        watch, wall = pool.submit(_highest, district, processes, done), time.perf_counter()
        list(pool.map(lambda phone: phone.send(phone.parcels), phones))
        wall = time.perf_counter() - wall
        server, database = _cpu(processes) - server, district.database_cpu() - database
        done.set()
        connections, memory = watch.result()
    after = district.counted()
    files = sum(file.size for phone in phones for parcel in phone.parcels for file, _ in parcel.files)
    return Load(
        visits, wall, server / visits * 1000, database / visits * 1000, (after.size - before.size) / visits / 1024,
        (after.log - before.log) / visits / 1024, (after.syncs - before.syncs) / visits, connections, resting, memory,
        files / visits / 1024,
    )  # fmt: skip


def _highest(district: District, processes: list[Process], done: threading.Event) -> tuple[int, float]:
    """The most connections, and the most memory of a process, until `done`."""
    connections, memory = 0, 0.0
    while not done.wait(0.2):
        connections = max(connections, district.connections())
        memory = max(memory, *(process.memory() for process in processes))
    return connections, memory


def _cpu(processes: list[Process]) -> float:
    return sum(process.cpu() for process in processes)


@contextmanager
def _requests() -> Iterator[list[str]]:
    """The methods of all requests that the bucket's server is asked, as its log tells them."""
    asked: list[str] = []

    class Listener(logging.Handler):
        def emit(self, line: logging.LogRecord) -> None:
            if method := re.search(r'"([A-Z]+) /', line.getMessage()):
                asked.append(method[1])

    log, listener = logging.getLogger("werkzeug"), Listener()
    level, passed_on = log.level, log.propagate
    log.addHandler(listener)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield asked
    finally:
        log.removeHandler(listener)
        log.setLevel(level)
        log.propagate = passed_on
