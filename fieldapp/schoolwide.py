"""What is recorded of no single child: the headcounts of classes, and reports of the school. Read once, then kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casebook.casefile import Entry
from casebook.errors import RecordMalformed
from casebook.kinds import check_kind
from casebook.rules.attendance import Attendance, attendance
from casebook.rules.facts import Deed
from casebook.rules.reading import chronicle
from fieldapp.store.records import Records, Told

if TYPE_CHECKING:
    from fieldapp.store.store import Database

HEADCOUNT, ACT = "headcount", "act"


class Schoolwide:
    """The headcounts that this phone knows, its own unsent ones too. `refresh` before reading."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._rev = -1
        self._told: dict[str, dict[str, Told]] = {}  # by class, acts under ""
        self._by_class: dict[str, Attendance] = {}
        self.attendance = Attendance()
        self.deeds: tuple[Deed, ...] = ()

    def refresh(self, db: Database) -> set[str]:
        """Takes in what is new; the classes that were counted, or whose headcounts changed, since the last call."""
        changed, self._rev = self._records.of_no_case(db, self._rev, HEADCOUNT, ACT)
        touched = {place for told in changed if (place := self._take(told)) is not None}
        for place in touched - {""}:
            self._by_class[place] = attendance(*self._standing(place))
        if touched - {""}:
            self.attendance = Attendance(
                {key: counts for one in self._by_class.values() for key, counts in one.counts.items()},
                {key: lessons for one in self._by_class.values() for key, lessons in one.lessons.items()},
            )
        if "" in touched:
            self.deeds = chronicle("", *self._standing("")).deeds
        return touched - {""}

    def _take(self, told: Told) -> str | None:
        """Keeps or drops a record; the class it is about, None when a newer app alone can read it."""
        record = told.entry.record
        try:
            check_kind(record)
        except RecordMalformed:
            return None
        place = str(record.body["class"]) if record.type == HEADCOUNT else ""
        kept = self._told.setdefault(place, {})
        if told.stands:
            kept[told.entry.rid] = told
        else:
            kept.pop(told.entry.rid, None)
        return place

    def _standing(self, place: str) -> tuple[list[Entry], dict[str, int]]:
        told = self._told[place].values()
        return [one.entry for one in told], {one.entry.rid: one.clock_offset for one in told if one.clock_offset}
