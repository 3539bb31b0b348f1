"""Every write of a program as a numbered point at which something can go wrong: files by the system's calls, SQL by
its statements. What goes wrong is up to whoever watches.
"""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

FILE_CALLS = ("write", "fsync", "replace", "unlink")
WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE", "COMMIT", "CREATE", "ALTER")
FULL = "database or disk is full"


@dataclass
class Points:
    """Counts the points that were passed; at the one numbered `at` (from 1) `strike` is called with what it was."""

    at: int = 0
    strike: Callable[[str], None] = lambda what: None
    passed: int = 0

    def reach(self, what: str) -> None:
        """The program is about to do `what`."""
        self.passed += 1
        if self.passed == self.at:
            self.strike(what)


def die(what: str) -> None:
    """The power is gone, or the system ends the app: nothing more happens."""
    os.kill(os.getpid(), signal.SIGKILL)


def run_full(what: str) -> None:
    """No room on the disk, as SQLite or the system says it; deleting and ending need none."""
    if what in ("file unlink", "commit"):
        return
    if what.startswith("sql"):
        error = sqlite3.OperationalError(FULL)
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_FULL, "SQLITE_FULL"
        raise error
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def watched(points: Points) -> Iterator[None]:
    """Watches the files and the statements, as the driver gets them, of a phone or school that is opened inside."""

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *said: Any) -> sqlite3.Cursor:
            _reach_statement(points, sql)
            return super().execute(sql, *said)

        def executemany(self, sql: str, *said: Any) -> sqlite3.Cursor:
            _reach_statement(points, sql)
            return super().executemany(sql, *said)

    class Connection(sqlite3.Connection):
        _kept = 0  # changes up to the last commit: a transaction that only reads keeps nothing

        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def execute(self, sql: str, *said: Any) -> sqlite3.Cursor:
            return self.cursor().execute(sql, *said)

        def executemany(self, sql: str, *said: Any) -> sqlite3.Cursor:
            return self.cursor().executemany(sql, *said)

        def commit(self) -> None:
            if self.total_changes != self._kept:
                points.reach("commit")
            super().commit()
            self._kept = self.total_changes

    real = sqlite3.connect

    def connect(*said: Any, **more: Any) -> sqlite3.Connection:
        return real(*said, **more | {"factory": Connection})

    with _file_calls(points), patch("sqlite3.connect", connect), patch("sqlite3.dbapi2.connect", connect):
        yield


@contextmanager
def _file_calls(points: Points) -> Iterator[None]:
    with ExitStack() as patches:
        for name in FILE_CALLS:
            patches.enter_context(patch.object(os, name, _watched(points, name)))
        yield


def _watched(points: Points, name: str) -> Callable[..., Any]:
    real = getattr(os, name)

    def call(*said: Any, **more: Any) -> Any:
        points.reach(f"file {name}")
        return real(*said, **more)

    return call


def _reach_statement(points: Points, sql: str) -> None:
    if sql.lstrip()[:8].upper().startswith(WRITING):
        points.reach(f"sql {sql.split()[0].upper()}")
