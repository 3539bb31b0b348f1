"""The case files of this phone: folded once from the records kept, and again only when these or its home's change."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from casebook import home
from casebook.casefile import CaseFile, fold
from fieldapp.store.records import Records
from fieldapp.store.roster import Roster

if TYPE_CHECKING:
    from fieldapp.store.store import Database


class CaseFiles:
    """Folded case files. `refresh` before reading, after the roster's; it drops what has changed since."""

    def __init__(self, records: Records, roster: Roster) -> None:
        self._records, self._roster = records, roster
        self._lock = threading.RLock()
        self._rev, self._roster_rev = -1, -1
        self._cases: set[str] = set()
        self._files: dict[str, CaseFile] = {}
        self._homes: dict[str, list[home.Told]] = {}

    def refresh(self, db: Database) -> set[str]:
        """Forgets the case files whose records, or whose home's, changed since the last call; whose they are.

        What a teacher here has just written about a child is news to its brothers and sisters too.
        """
        with self._lock:
            changed, self._rev = self._records.changed_cases(db, self._rev)
            self._cases |= changed
            families = {sibling for case in changed for sibling in self._siblings(case)}
            changed |= families | self._otherwise_told()
            for case in changed:
                self._files.pop(case, None)
            return changed

    def of(self, db: Database, case: str) -> CaseFile:
        """The case file of a child; empty when nothing has been recorded."""
        with self._lock:
            if case not in self._files:
                entries = self._records.of_case(db, case) if case in self._cases else []
                self._homes[case] = self._told_by_school(case)
                self._files[case] = fold(case, entries, home.read(self._of_home(db, case)))
            return self._files[case]

    def cases(self) -> list[str]:
        """Every child with a record."""
        with self._lock:
            return sorted(self._cases)

    def _of_home(self, db: Database, case: str) -> list[home.Told]:
        """What the school told of the records of brothers and sisters, and what those on this phone say themselves."""
        here = [sibling for sibling in self._siblings(case) if sibling in self._cases]
        return [*self._homes[case], *home.told(entry for one in here for entry in self._records.of_case(db, one))]

    def _otherwise_told(self) -> set[str]:
        """The children of whose home the school says something else than it did when their file was folded."""
        if self._roster_rev == self._roster.revision:
            return set()
        self._roster_rev = self._roster.revision
        return {case for case in self._files if self._told_by_school(case) != self._homes[case]}

    def _told_by_school(self, case: str) -> list[home.Told]:
        return list((self._roster.student(case) or {}).get("home") or [])

    def _siblings(self, case: str) -> list[str]:
        return list((self._roster.student(case) or {}).get("siblings") or [])
