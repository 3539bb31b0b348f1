"""Carries the rows of all schools from one database to another, whatever kind each is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import DBAPIError

from casebook.errors import StoreDamaged
from sync_server.store import migrations, schools
from sync_server.store import schema as t
from sync_server.store.durable import sync
from sync_server.store.engine import Store

PAGE = 1000


class NotEmpty(Exception):
    """The database holds schools already, or tables of another version: nothing is ever written over them."""


class Refused(Exception):
    """The database to be filled does not answer, or does not let us."""


def write_out(store: Store, target: Path) -> None:
    """Makes a SQLite file of a database as it is at one moment, while others go on writing; synced.

    Raises StorageFull, StoreDamaged when the database does not answer to the end.
    """
    copy = Store(f"sqlite:///{target.absolute()}")
    try:
        migrations.upgrade(copy)
        with store.read() as rows:
            copy.run_tx(lambda conn: _carry(rows, conn))
    except DBAPIError as error:
        raise StoreDamaged() from error
    finally:
        copy.close()
    conn = sqlite3.connect(target)
    conn.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    conn.close()
    sync(target)


def require_empty(store: Store) -> None:
    """Raises NotEmpty, Refused. Tables without schools may be there: an attempt that came to nothing left them."""
    with _or_refused():
        version = store.version()
        if version is None:
            return
        with store.read() as conn:
            if version != t.HEAD or schools.all_of(conn):
                raise NotEmpty()


def pour(source: Path, store: Store) -> None:
    """Fills an empty database with what is in a SQLite file of today's version: all of it or nothing.

    Raises NotEmpty, Refused, StorageFull.
    """
    require_empty(store)
    copy = Store(f"sqlite:///{source.absolute()}")
    try:
        with _or_refused():
            migrations.upgrade(store)
            with copy.read() as rows:
                store.run_tx(lambda conn: _carry(rows, conn))
    finally:
        copy.close()


@contextmanager
def _or_refused() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise Refused() from error


def _carry(source: Connection, target: Connection) -> None:
    """Table by table, those that others refer to first; never more than a page in memory."""
    for table in t.metadata.sorted_tables:
        rows = source.execute(select(table), execution_options={"yield_per": PAGE})
        for page in rows.mappings().partitions(PAGE):
            target.execute(insert(table), [dict(row) for row in page])
