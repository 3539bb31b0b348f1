"""The case files of this phone: folded once from the records kept, and again only when a child's records change."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from casebook.casefile import CaseFile, fold
from fieldapp.store.records import Records

if TYPE_CHECKING:
    from fieldapp.store.store import Database


class CaseFiles:
    """Folded case files. `refresh` before reading; it drops what has changed since."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._lock = threading.RLock()
        self._rev = -1
        self._cases: set[str] = set()
        self._files: dict[str, CaseFile] = {}

    def refresh(self, db: Database) -> set[str]:
        """Forgets the case files whose records changed since the last call; the children they are of."""
        with self._lock:
            changed, self._rev = self._records.changed_cases(db, self._rev)
            self._cases |= changed
            for case in changed:
                self._files.pop(case, None)
            return changed

    def of(self, db: Database, case: str) -> CaseFile:
        """The case file of a child; empty when nothing has been recorded."""
        with self._lock:
            if case not in self._files:
                entries = self._records.of_case(db, case) if case in self._cases else []
                self._files[case] = fold(case, entries)
            return self._files[case]

    def cases(self) -> list[str]:
        """Every child with a record."""
        with self._lock:
            return sorted(self._cases)
