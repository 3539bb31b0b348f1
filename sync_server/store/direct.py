"""Statements that run for every record and every file, handed to the database's driver as plain text.

To run one through SQLAlchemy costs more than SQLite takes to answer it. Here its text is made once for each kind of
database; what goes wrong is raised as SQLAlchemy raises it, and who listens to the engine still hears of everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import BindParameter, Connection, Executable, bindparam
from sqlalchemy.exc import DBAPIError, NoResultFound

MOST = 256  # values in one list; a longer list is asked for in parts


@dataclass(frozen=True)
class _Plain:
    """The text of a statement, the names of its values in their order, and what it says itself."""

    text: str
    names: tuple[str, ...] | None
    own: Mapping[str, Any]

    def values(self, given: Mapping[str, Any]) -> Any:
        if self.names is None:
            return {**self.own, **given}
        own = self.own
        return [given[name] if name in given else own[name] for name in self.names]


class Direct:
    """One such statement; the names of its parameters are those of its `bindparam`s, or of the columns it inserts."""

    def __init__(self, statement: Executable) -> None:
        self._statement: Any = statement
        self._made: dict[str, _Plain] = {}

    def all(self, conn: Connection, **values: Any) -> list[Any]:
        """The rows, as tuples."""
        if _is_listened_to(conn):
            return [tuple(row) for row in conn.execute(self._statement, values)]
        found: list[Any] = self._execute(conn, values).fetchall()
        return found

    def first(self, conn: Connection, **values: Any) -> Any | None:
        """The first row; None when there is none."""
        rows = self.all(conn, **values)
        return rows[0] if rows else None

    def scalar(self, conn: Connection, **values: Any) -> Any | None:
        """The first value of the first row; None when there is none."""
        rows = self.all(conn, **values)
        return rows[0][0] if rows else None

    def only(self, conn: Connection, **values: Any) -> Any:
        """The one value of the one row that there must be. Raises NoResultFound."""
        rows = self.all(conn, **values)
        if len(rows) != 1:
            raise NoResultFound()
        return rows[0][0]

    def run(self, conn: Connection, **values: Any) -> None:
        """Changes something and brings no rows."""
        if _is_listened_to(conn):
            conn.execute(self._statement, values)
        else:
            self._execute(conn, values)

    def run_all(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """The same for many."""
        if not rows:
            return
        if _is_listened_to(conn):
            conn.execute(self._statement, list(rows))
            return
        plain = self._plain(conn)
        try:
            conn.connection.cursor().executemany(plain.text, [plain.values(row) for row in rows])
        except conn.dialect.loaded_dbapi.Error as error:
            raise _as_ours(conn, plain.text, error) from error

    def _execute(self, conn: Connection, values: Mapping[str, Any]) -> Any:
        plain = self._made.get(conn.dialect.name) or self._plain(conn)
        try:
            cursor = conn.connection.cursor()
            cursor.execute(plain.text, plain.values(values))
            return cursor
        except conn.dialect.loaded_dbapi.Error as error:
            raise _as_ours(conn, plain.text, error) from error

    def _plain(self, conn: Connection) -> _Plain:
        name = conn.dialect.name
        if name not in self._made:
            compiled = self._statement.compile(dialect=conn.dialect)
            names = tuple(compiled.positiontup) if compiled.positional else None
            own = {key: value for key, value in compiled.params.items() if value is not None}
            self._made[name] = _Plain(str(compiled), names, own)
        return self._made[name]


class Among:
    """A statement about a list of values, `make(places)`; lists are filled up, so that few lengths are ever made."""

    def __init__(self, make: Callable[[list[BindParameter[Any]]], Executable]) -> None:
        self._make = make

    @cached_property
    def _of_length(self) -> dict[int, Direct]:
        return {}

    def all(self, conn: Connection, listed: Sequence[Any], **values: Any) -> list[Any]:
        """The rows for all parts of the list."""
        return [row for direct, named in self._parts(listed) for row in direct.all(conn, **values, **named)]

    def run(self, conn: Connection, listed: Sequence[Any], **values: Any) -> None:
        """Changes something for all parts of the list."""
        for direct, named in self._parts(listed):
            direct.run(conn, **values, **named)

    def _parts(self, listed: Sequence[Any]) -> list[tuple[Direct, dict[str, Any]]]:
        parts = [listed[start : start + MOST] for start in range(0, len(listed), MOST)]
        return [self._part(part) for part in parts]

    def _part(self, part: Sequence[Any]) -> tuple[Direct, dict[str, Any]]:
        length = 1 << (len(part) - 1).bit_length()
        if length not in self._of_length:
            self._of_length[length] = Direct(self._make([bindparam(f"n{place}") for place in range(length)]))
        filled = [*part, *[part[-1]] * (length - len(part))]
        return self._of_length[length], {f"n{place}": value for place, value in enumerate(filled)}


def _is_listened_to(conn: Connection) -> bool:
    """Whether somebody (a test that counts statements or breaks them) wants to hear of every statement."""
    return bool(conn.engine._has_events or conn.dialect._has_events)


def _as_ours(conn: Connection, text: str, error: Exception) -> Any:
    wide = conn.dialect.loaded_dbapi.Error
    return DBAPIError.instance(text, None, error, wide, hide_parameters=True, dialect=conn.dialect)
