"""A copy of the whole database at one moment, made while the server goes on writing; and what such a copy holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from casebook.errors import StorageFull, StoreDamaged
from sync_server.store import transfer
from sync_server.store.durable import sync
from sync_server.store.engine import Store
from sync_server.store.schema import metadata

BUSY_SECONDS = 30
SECRET_TABLES = ("session", "enrol_code", "form_trial", "form_draft", "roster_draft")
ENGINE = sqlite3.sqlite_version
SIZE = text("SELECT pg_database_size(current_database())")
#: Files that a record names and that were not whole at school when the copy was made.
OUTSTANDING = """
    SELECT r.school, r.dev, MIN(r.sseq) FROM record r
    JOIN record_file n ON n.school = r.school AND n.rid = r.rid
    LEFT JOIN file f ON f.school = n.school AND f.sha256 = n.sha256
    WHERE f.sha256 IS NULL GROUP BY r.school, r.dev
"""
NAMED_IN = """
    SELECT r.school, r.dev, MIN(r.sseq) FROM record_file n JOIN record r ON r.school = n.school AND r.rid = n.rid
    WHERE n.sha256 = ? GROUP BY r.school, r.dev
"""


@dataclass(frozen=True)
class SchoolCopy:
    """A school inside a copy: `sseq` is the newest number of its log there."""

    id: str
    gen: str
    sseq: int


def size_of(store: Store) -> int:
    """About how many bytes a copy will take."""
    if store.is_file:
        return _file_of(store).stat().st_size
    with store.read() as conn:
        return int(conn.execute(SIZE).scalar_one())


def take(store: Store, target: Path) -> None:
    """Writes the copy to `target`, a SQLite file whatever the database is, synced. What was deleted is not in it.

    Raises StorageFull, StoreDamaged.
    """
    if store.is_file:
        _vacuum(_file_of(store), target)
    else:
        transfer.write_out(store, target)


def complaints(path: Path) -> list[str]:
    """What SQLite itself finds wrong with a copy; empty for a sound one."""
    try:
        with _opened(path) as conn:
            return _complaints(conn)
    except sqlite3.Error as error:
        return [type(error).__name__]


def complaints_of(store: Store) -> list[str]:
    """The same of a database in use; one that is served looks after its own pages."""
    if not store.is_file:
        return []
    conn = sqlite3.connect(_file_of(store), timeout=BUSY_SECONDS)
    try:
        return _complaints(conn)
    except sqlite3.Error as error:
        return [type(error).__name__]
    finally:
        conn.close()


def version_of(path: Path) -> str:
    """The migration at which the copy stands."""
    with _opened(path) as conn:
        return str(conn.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def schools_in(path: Path) -> list[SchoolCopy]:
    """The schools in the copy."""
    asked = "SELECT s.school, s.gen, c.sseq FROM school s JOIN counter c ON c.school = s.school ORDER BY s.school"
    with _opened(path) as conn:
        return [SchoolCopy(*row) for row in conn.execute(asked)]


def files_in(path: Path) -> dict[str, int]:
    """Hash -> size of every file that was whole at school when the copy was made."""
    with _opened(path) as conn:
        return dict(conn.execute("SELECT DISTINCT sha256, size FROM file ORDER BY sha256").fetchall())


def not_whole(path: Path, lacking: Iterable[str]) -> dict[str, dict[str, int]]:
    """School -> device -> the first of its records that names a file which is not in the backup.

    That is: one that was still on its way when the copy was made, or one of `lacking`.
    """
    first: dict[str, dict[str, int]] = {}
    with _opened(path) as conn:
        found: list[Any] = conn.execute(OUTSTANDING).fetchall()
        for sha256 in lacking:
            found += conn.execute(NAMED_IN, (sha256,)).fetchall()
    for school, dev, sseq in found:
        by_device = first.setdefault(school, {})
        by_device[dev] = min(sseq, by_device.get(dev, sseq))
    return first


def strip(path: Path, school: str) -> None:
    """Takes out of a copy what opens doors (passwords, tokens, codes), what somebody was only trying out, and every
    other school.
    """
    conn = sqlite3.connect(path, isolation_level=None)
    try:
        for table in metadata.tables:
            conn.execute(f'DELETE FROM "{table}" WHERE school <> ?', (school,))
        for table in SECRET_TABLES:
            conn.execute(f"DELETE FROM {table}")
        conn.execute("UPDATE account SET password = ''")
        conn.execute("UPDATE device SET token = NULL")
        conn.execute("VACUUM")
    finally:
        conn.close()


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Opened as it lies there: not even a lock or a log file is made beside it."""
    conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        yield conn
    finally:
        conn.close()


def _file_of(store: Store) -> Path:
    return Path(str(store.engine.url.database))


def _vacuum(path: Path, target: Path) -> None:
    source = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        source.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise (StorageFull() if "disk is full" in str(error) else StoreDamaged()) from error
    finally:
        source.close()
    sync(target)


def _complaints(conn: sqlite3.Connection) -> list[str]:
    said = [str(row[0]) for row in conn.execute("PRAGMA integrity_check")]
    said += [f"foreign key of {row[0]}" for row in conn.execute("PRAGMA foreign_key_check")]
    return [line for line in said if line != "ok"]
