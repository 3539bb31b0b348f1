"""What this machine can do with the same bytes when nothing of ours is in between."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.bench.measure import cpu_seconds, median_seconds, seconds

MEMORY_BYTES = 1 << 30  # more than a crowd writes


def write_and_sync(folder: Path, files: Sequence[bytes]) -> None:
    """Each file written to a temporary name, synced, renamed; then the folder synced."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(files):
        part = folder / f"{number}.part"
        with part.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.rename(folder / str(number))
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def file_wall(folder: Path, visits: Sequence[Sequence[bytes]]) -> float:
    """Seconds to write and sync the files of all visits, the median of three."""
    def all_visits() -> None:
        for number, files in enumerate(visits):
            write_and_sync(folder / f"{time.monotonic_ns()}-{number}", files)

    return statistics.median(seconds(all_visits) for _ in range(3))


def file_cpu(folder: Path, visits: Sequence[Sequence[bytes]]) -> float:
    """CPU seconds to write, sync and hash the files of all visits."""
    def all_visits() -> None:
        for number, files in enumerate(visits):
            write_and_sync(folder / f"cpu-{time.monotonic_ns()}-{number}", files)
            for content in files:
                hashlib.sha256(content).digest()

    return statistics.median(cpu_seconds(all_visits) for _ in range(3))


def sqlite_commit(folder: Path) -> float:
    """Seconds of one durable commit of a small row (WAL, synchronous=FULL)."""
    folder.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(folder / "limit.db", isolation_level=None)
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    database.execute("create table if not exists t(id integer primary key, body text)")

    def commit() -> None:
        database.execute("begin immediate")
        database.execute("insert into t(body) values(?)", ("x" * 200,))
        database.execute("commit")

    try:
        return median_seconds(commit, repeat=50)
    finally:
        database.close()


def xml_parse(xml: bytes) -> float:
    """Seconds to parse the form's XML and do nothing with it."""
    return median_seconds(lambda: ElementTree.fromstring(xml))


def scan(rows: Sequence[str], query: str) -> float:
    """Seconds to look through all rows with the interpreter's own substring search."""
    return median_seconds(lambda: [row for row in rows if query in row])


def json_bytes(value: object) -> int:
    """Bytes of the plain JSON of `value`."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def memory_at_hand() -> None:
    """Has this machine's memory ready.

    A virtual machine gets a page from its host when it first writes to it, at ten times the price of writing, and gives
    it back soon after it is free. Whether that falls upon us or upon the limit is chance; so it is done beforehand.
    """
    room = min(MEMORY_BYTES, psutil.virtual_memory().available // 4)
    subprocess.run([sys.executable, "-c", f"b'1' * {room}"], check=True)


def interpreter_start() -> float:
    """Seconds until a Python process that does nothing has ended."""
    return median_seconds(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
