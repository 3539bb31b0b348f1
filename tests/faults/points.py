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

from sqlalchemy import event

from sync_server.store.blobs import Blobs
from sync_server.store.engine import Store as SchoolStore

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
def on_phone(points: Points) -> Iterator[None]:
    """Watches the files and statements of a phone that is opened inside."""

    class Watched(sqlite3.Connection):
        def execute(self, sql: str, *said: Any) -> sqlite3.Cursor:
            _reach_statement(points, sql)
            return super().execute(sql, *said)

        def executemany(self, sql: str, *said: Any) -> sqlite3.Cursor:
            _reach_statement(points, sql)
            return super().executemany(sql, *said)

    real = sqlite3.connect
    with _file_calls(points), patch("sqlite3.connect", lambda *said, **more: real(*said, factory=Watched, **more)):
        yield


@contextmanager
def at_school(points: Points, store: SchoolStore) -> Iterator[None]:
    """Watches the files and statements of a school's computer."""

    def execute(cursor: Any, statement: str, parameters: Any, context: Any) -> None:
        _reach_statement(points, statement)

    def commit(conn: Any) -> None:
        points.reach("commit")

    listened = (("do_execute", execute), ("do_executemany", execute), ("commit", commit))
    real = Blobs.append

    def append(self: Blobs, *said: Any) -> None:
        points.reach("file append")
        real(self, *said)

    for name, listener in listened:
        event.listen(store.engine, name, listener)
    try:
        with _file_calls(points), patch.object(Blobs, "append", append):
            yield
    finally:
        for name, listener in listened:
            event.remove(store.engine, name, listener)


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
