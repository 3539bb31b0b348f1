"""The phone's store: one SQLite file and one folder of files, safe against a kill at any instant.

Each thread has its own connection; writes are short transactions that take the write lock at once.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldapp.store.failures import storage_failures
from fieldapp.store.files import FileFolder
from fieldapp.store.vault import PlainVault, Vault

if TYPE_CHECKING:
    import sqlite_utils
    from sqlite_utils.db import Table

SCHEMA = 6  # migrations that this version of the app knows; the file says how many it has been through
_BUSY_MS = 10_000
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}")


class Database:
    """One connection. Reading needs SQLite alone; sqlite-utils, slow to import, comes in where tables are written."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Runs one statement; one that writes belongs into `Store.write`."""
        return self.conn.execute(sql, parameters)

    def table(self, name: str) -> Table:
        """A table, to be written."""
        return self.whole.table(name)

    @cached_property
    def whole(self) -> sqlite_utils.Database:
        """The database as sqlite-utils sees it; plugins of other programs are not asked for."""
        from sqlite_utils import Database as Whole

        return Whole(self.conn, execute_plugins=False)

    def rollback(self) -> None:
        """Gives up the transaction, if one is open."""
        if self.conn.in_transaction:
            self.conn.execute("ROLLBACK")


class Store:
    """Opens the database in `folder`, brings its tables up to date and keeps the files beside it.

    Raises StorageFull, StoreDamaged, StorageError; so does everything that writes through it.
    """

    def __init__(self, folder: Path, vault: Vault | None = None) -> None:
        self.vault = vault or PlainVault()
        self.folder = folder
        self._connections: dict[int, Database] = {}
        #: held from writing a file until a row names it, and from dropping the last row until the file is gone
        self.filing = threading.RLock()
        with storage_failures():
            folder.mkdir(parents=True, exist_ok=True)
            self.files = FileFolder(folder / "files", self.vault)
        self._migrate()

    @property
    def db(self) -> Database:
        """This thread's connection, for reading."""
        thread = threading.get_ident()
        if thread not in self._connections:
            with storage_failures():
                self._connections[thread] = self._connect()
        return self._connections[thread]

    @contextmanager
    def write(self) -> Iterator[Database]:
        """One durable transaction: all of it or, when anything is raised, nothing.

        It takes the write lock at its start: a transaction that reads first and locks later can fail at once
        with "locked", whatever the busy timeout says.
        """
        db = self.db
        with storage_failures():
            db.conn.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.conn.execute("COMMIT")
            except BaseException:
                db.rollback()
                raise

    def get_ready_to_write(self) -> None:
        """Imports now what the first write would have to wait for."""
        _ = self.db.whole

    def close(self) -> None:
        """Closes the connections of all threads."""
        for database in self._connections.values():
            database.conn.close()
        self._connections.clear()

    def _connect(self) -> Database:
        # sqlite-utils wants the driver's default transaction control; a connection is used by one thread only,
        # the check is off so that `close` may close it from another.
        connection = sqlite3.connect(
            self.folder / "fieldapp.db", timeout=_BUSY_MS / 1000, check_same_thread=False
        )
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return Database(connection)

    def _migrate(self) -> None:
        """Once for every new version of the app; a kill in between leaves the rest to the next start."""
        with storage_failures():
            if self.db.execute("PRAGMA user_version").fetchone()[0] >= SCHEMA:
                return
            from fieldapp.store.migrations import migrations

            migrations.apply(self.db.whole)
            self.db.execute(f"PRAGMA user_version = {SCHEMA}")


def insert(db: Database, table: str, row: Mapping[str, Any]) -> None:
    """One new row, without asking first what the table looks like: for what comes by the thousand."""
    marks = ", ".join("?" * len(row))
    db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def next_revision(db: Database) -> int:
    """Counts one change of the store; rows stamped with it tell readers what to read again."""
    return int(
        db.execute("UPDATE counter SET value = value + 1 WHERE name = 'revision' RETURNING value").fetchone()[0]
    )


def revision(db: Database) -> int:
    """The store's revision now."""
    return int(db.execute("SELECT value FROM counter WHERE name = 'revision'").fetchone()[0])
