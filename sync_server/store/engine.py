"""Opens the store: one way to read, one way to write, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from casebook.errors import StorageFull, StoreDamaged

__all__ = ["Connection", "Engine", "Store", "is_writing"]

Result = TypeVar("Result")

TRIES = 6
#: PostgreSQL and its relatives ask for a retry with these states (serialization failure, deadlock).
RETRY_STATES = frozenset({"40001", "40P01"})
#: A stricter setting than `on`, such as one that waits for a standby, stays.
DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
#: What a transaction might have to take back stays in memory, not in a file outside the data folder.
SQLITE = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON", "temp_store=MEMORY")
TURN = text("SELECT 1 FROM counter WHERE school = :school FOR UPDATE")


class Store:
    """The database of one deployment, or of one school in it (`of`). Safe to share between threads."""

    def __init__(self, url: str) -> None:
        served = make_url(url).get_backend_name() != "sqlite"
        # errors are logged, so they must not carry values; a server may have been started anew since the last use;
        # who wrote last remembers most of what is read next
        self.engine = create_engine(
            url, pool_size=8, max_overflow=40, pool_use_lifo=True, pool_pre_ping=served, hide_parameters=True
        )
        self._writes, self._reads = self.engine.execution_options(writes=True), self.engine
        self._lock: AbstractContextManager[object] = nullcontext()
        self._turns_of: str | None = None
        self._mode = _Mode()
        if served:
            _prepare_server(self.engine)
            self._reads = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        else:
            _prepare_sqlite(self.engine, self._mode)
            self._lock = threading.Lock()  # one writer at a time anyway: queue fairly instead of polling the file

    def of(self, school: str) -> Store:
        """The same store for the work of one school: its writers come one after the other, in every process.

        SQLite has one writer at a time by nature; elsewhere the row of the school's counter is what they wait for.
        """
        own = copy(self)
        own._turns_of = school
        return own

    def run_tx(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` in one write transaction and commits; repeats it when the database asks for that.

        `work` must be safe to run again from the start. Raises StorageFull when the disk is full.
        """
        for attempt in range(TRIES):
            try:
                with self._lock, self._writing() as conn:
                    self._take_turn(conn)
                    return work(conn)
            except DBAPIError as error:
                if _disk_is_full(error):
                    raise StorageFull() from error
                if attempt == TRIES - 1 or not _worth_retrying(error):
                    raise
            time.sleep(random.uniform(0, 0.01 * 2**attempt))
        raise AssertionError("unreachable")

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._writes.connect() as conn:
            self._mode.immediate = True  # only for this transaction: what is read beside it takes no lock
            try:
                begun = conn.begin()
            finally:
                self._mode.immediate = False
            with begun:
                yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection inside one read transaction: one unchanging snapshot.

        Raises StoreDamaged when the database's own file is no longer what it was.
        """
        try:
            with self._reads.connect() as conn, conn.begin():
                yield conn
        except DBAPIError as error:
            if "malformed" in str(error.orig):
                raise StoreDamaged() from error
            raise

    def wake(self) -> None:
        """A connection to SQLite syncs its folder, too, when it first writes: better now than for a phone."""

        def write(conn: Connection) -> None:
            version = conn.execute(text("PRAGMA user_version")).scalar()
            conn.exec_driver_sql(f"PRAGMA user_version = {version}")

        if self.is_file:
            with self.read():  # where somebody reads meanwhile, another connection writes
                self.run_tx(write)
            self.run_tx(write)

    @property
    def is_file(self) -> bool:
        """Whether the database is a file on this computer."""
        return self.engine.dialect.name == "sqlite"

    def version(self) -> str | None:
        """The migration the store stands at; None for a store without tables."""
        with self.read() as conn:
            if not self.engine.dialect.has_table(conn, "alembic_version"):
                return None
            return conn.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def close(self) -> None:
        """Gives every connection back."""
        self.engine.dispose()

    def _take_turn(self, conn: Connection) -> None:
        if self._turns_of is not None and self.engine.dialect.name != "sqlite":
            conn.execute(TURN, {"school": self._turns_of})


class _Mode(threading.local):
    """Whether the transaction that this thread begins is to write."""

    immediate = False


def is_writing(conn: Connection) -> bool:
    """Whether what this connection sees may not be committed yet."""
    return bool(conn.get_execution_options().get("writes"))


def _prepare_sqlite(engine: Engine, mode: _Mode) -> None:
    @event.listens_for(engine, "connect")
    def _settings(connection, _record):  # type: ignore[no-untyped-def]
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        for pragma in SQLITE:
            connection.execute(f"PRAGMA {pragma}").close()

    def begin(connection: Any) -> None:
        # a writer takes its lock at once: a transaction that reads first and then fails to upgrade cannot be waited for
        connection.execute("BEGIN IMMEDIATE" if mode.immediate else "BEGIN").close()

    # an event would cost every statement a tenth more
    engine.dialect.do_begin = begin  # type: ignore[method-assign,assignment]


def _prepare_server(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _settings(connection, _record):  # type: ignore[no-untyped-def]
        # what is acknowledged is on the disk, whatever the role's or the database's own settings say
        connection.execute(DURABLE)
        connection.commit()


def _worth_retrying(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) in RETRY_STATES:
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)


def _disk_is_full(error: BaseException | None) -> bool:
    """Looks along the chain: a full disk makes SQLite forget the savepoint, and its rollback fails on top."""
    if error is None:
        return False
    # SQLite names a full disk in words only; 53100 is PostgreSQL's disk_full
    origin = getattr(error, "orig", None)
    full = getattr(origin, "sqlstate", None) == "53100" or "disk is full" in str(origin)
    return full or _disk_is_full(error.__context__)
