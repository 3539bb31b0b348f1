"""Gives every episode of a case its running number of the year, once, and tells the phones."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from casebook.feeds import CASES, STUDENTS
from casebook.rules.replay import Episode
from sync_server.lives import Lives
from sync_server.store import facts, numbers, rows
from sync_server.store.engine import Connection, Store
from sync_server.store.rows import ScopedRow


class CaseNumbers:
    """The numbers of one school's cases. `now` writes the instant.

    An episode may begin by the calendar alone, so somebody has to look: after every push, and every minute.
    """

    def __init__(self, store: Store, school: str, lives: Lives, now: Callable[[], str]) -> None:
        self._store, self._school, self._lives, self._now = store, school, lives, now

    def look(self) -> int:
        """Gives numbers to episodes that have none; returns how many that were."""
        with self._store.read() as conn:
            lacking = self._lacking(conn)
        return self._store.run_tx(self.give) if lacking else 0

    def look_after(self, rids: Iterable[str]) -> int:
        """The same after these records have come: at the children they are about, if each is about one."""
        with self._store.read() as conn:
            cases = facts.cases_of(conn, self._school, rids)
            about_one = {case for case in cases if case is not None}
            found = self._lives.episodes(conn, sorted(about_one)) if cases == about_one else []
            given = numbers.of_cases(conn, self._school, {case for case, _ in found})
        lacking = any((case, one.number) not in given for case, one in found)
        return self.look() if lacking or cases != about_one else 0

    def give(self, conn: Connection) -> int:
        """The same inside the caller's transaction."""
        lacking = self._lacking(conn)
        for case, episode in lacking:
            number = numbers.give(conn, self._school, case, episode.number, episode.opened_on.year)
            value = {"id": case, "case_no": number, "episode": episode.number}
            scope = rows.scope_of(conn, self._school, STUDENTS, case)
            rows.put(conn, self._school, [ScopedRow(CASES, case, scope, value)], self._now())
        return len(lacking)

    def _lacking(self, conn: Connection) -> list[tuple[str, Episode]]:
        """Episodes without a number, in the order in which they were opened."""
        given = numbers.all_of(conn, self._school)
        found = [(case, episode) for case, episode in self._lives.episodes(conn) if (case, episode.number) not in given]
        return sorted(found, key=lambda one: (one[1].opened_on, one[0], one[1].number))
