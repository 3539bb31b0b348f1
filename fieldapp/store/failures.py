"""Turns what SQLite and the file system say when they cannot keep something into the errors people understand."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from casebook.errors import StorageError, StorageFull, StoreDamaged

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_PRIMARY = 0xFF  # an extended SQLite result code holds the primary one in its low byte


@contextmanager
def storage_failures() -> Iterator[None]:
    """Raises StorageFull, StoreDamaged or StorageError instead of OSError and sqlite3.Error."""
    try:
        yield
    except OSError as error:
        raise _of_system(error) from error
    except sqlite3.Error as error:
        raise _of_sqlite(error) from error


def _of_system(error: OSError) -> StorageError:
    if error.errno in _NO_ROOM:
        return StorageFull()
    return StorageError(reason=errno.errorcode.get(error.errno or 0, "unknown"))


def _of_sqlite(error: sqlite3.Error) -> StorageError:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code == sqlite3.SQLITE_FULL:
        return StorageFull()
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreDamaged()
    return StorageError(reason=getattr(error, "sqlite_errorname", type(error).__name__))
