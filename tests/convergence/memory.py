"""The phone's store in memory. Connections are used again, so that their statements need not be prepared anew."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from fieldapp.store.store import Database, Store
from fieldapp.store.vault import PlainVault

#: The rows of a database by table: what a backup of the phone would hold.
Image = Mapping[str, list[tuple[Any, ...]]]

_free: list[Database] = []


class MemoryStore(Store):
    """The phone's store with everything in memory. `on_commit` may raise Killed: then nothing was committed."""

    def __init__(self, image: Image | None = None) -> None:
        self.vault, self.folder, self.filing = PlainVault(), Path("nowhere"), threading.RLock()
        self.on_commit: Callable[[], None] = never
        fresh = not _free
        self._connections = {threading.get_ident(): _connected() if fresh else _free.pop()}
        if fresh:
            self._migrate()
        if image is not None or not fresh:
            self._fill(_blank() if image is None else image)

    @contextmanager
    def write(self) -> Iterator[Database]:
        """A transaction that may be killed before its commit."""
        with super().write() as db:
            yield db
            self.on_commit()

    def image(self) -> Image:
        """The database as a backup of the phone would hold it."""
        return {table: self.db.execute(f"SELECT {columns} FROM {table}").fetchall() for table, columns in _tables().items()}

    def close(self) -> None:
        """Lets another phone have the connection."""
        for database in self._connections.values():
            database.rollback()
            _free.append(database)
        self._connections.clear()

    def _fill(self, image: Image) -> None:
        conn = self.db.conn
        conn.execute("PRAGMA foreign_keys=OFF")
        conn.execute("BEGIN")
        for table, columns in _tables().items():
            conn.execute(f"DELETE FROM {table}")
            if rows := image[table]:
                marks = ", ".join("?" * len(rows[0]))
                conn.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        conn.execute("COMMIT")
        conn.execute("PRAGMA foreign_keys=ON")


def never() -> None:
    """The app is not killed."""


def _connected() -> Database:
    connection = sqlite3.connect(":memory:", check_same_thread=False, cached_statements=512)
    connection.execute("PRAGMA foreign_keys=ON")
    return Database(connection)


@cache
def _first() -> MemoryStore:
    """A store that only says what a new one looks like; nobody else gets its connection."""
    kept = _free.copy()
    _free.clear()
    store = MemoryStore()
    _free.extend(kept)
    return store


@cache
def _blank() -> Image:
    return _first().image()


@cache
def _tables() -> dict[str, str]:
    """The columns of each table, with the order in which its rows came."""
    db = _first().db
    names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall()
    return {name: _columns(db, name) for (name,) in names}


def _columns(db: Database, table: str) -> str:
    listed = db.execute(f"PRAGMA table_info({table})").fetchall()
    counted = any(kind == "INTEGER" and key for _, _, kind, _, _, key in listed)  # then this column is the order
    return ", ".join(([] if counted else ["rowid"]) + [f'"{name}"' for _, name, *_ in listed])
