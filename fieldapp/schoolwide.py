"""What is recorded of no single child: headcounts and surveys of classes, the school's reports; read once and kept."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from casebook.errors import RecordMalformed
from casebook.kinds import check_kind, class_survey
from casebook.rules.attendance import Attendance, attendance
from casebook.rules.facts import Deed
from casebook.rules.reading import chronicle, stamp_of
from fieldapp.store.records import Records, Told

if TYPE_CHECKING:
    from fieldapp.store.store import Database

HEADCOUNT, ACT = "headcount", "act"
OF_CLASS = (HEADCOUNT, class_survey.TYPE)


class Schoolwide:
    """The headcounts that this phone knows, its own unsent ones too. `refresh` before reading."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._rev = -1
        self._seen_at: dt.datetime | None = None
        self._told: dict[str, dict[str, Told]] = {}  # by class, acts under ""
        self._to_come: dict[str, dt.datetime] = {}  # when a class's next headcount of the future will have been made
        self._by_class: dict[str, Attendance] = {}
        self.attendance = Attendance()
        self.deeds: tuple[Deed, ...] = ()

    def refresh(self, db: Database, now: dt.datetime) -> set[str]:
        """Takes in what is new and captured by now; the classes whose headcounts are not what they were."""
        changed, self._rev = self._records.of_no_case(db, self._rev, ACT, *OF_CLASS)
        touched = {place for told in changed if (place := self._take(told)) is not None}
        touched |= {place for place, moment in self._to_come.items() if moment <= now}
        if self._seen_at and now < self._seen_at:  # the clock was set back
            touched |= self._told.keys()
        self._seen_at = now
        for place in touched:
            self._read_anew(place, now)
        if touched - {""}:
            self.attendance = Attendance(
                {key: counts for one in self._by_class.values() for key, counts in one.counts.items()},
                {key: lessons for one in self._by_class.values() for key, lessons in one.lessons.items()},
                {key: survey for one in self._by_class.values() for key, survey in one.surveys.items()},
            )
        return touched - {""}

    @property
    def next_to_come(self) -> dt.datetime | None:
        """When the next of them will have been made that a clock ahead has dated in the future."""
        return min(self._to_come.values(), default=None)

    def _read_anew(self, place: str, now: dt.datetime) -> None:
        """The headcounts of one class, or the acts of no child."""
        told = self._told[place].values()
        offsets = {one.entry.rid: one.clock_offset for one in told if one.clock_offset}
        moments = {one.entry.rid: stamp_of(one.entry, offsets).at for one in told}
        self._to_come.pop(place, None)
        later = [moment for moment in moments.values() if moment > now]
        if later:
            self._to_come[place] = min(later)
        captured = [one.entry for one in told if moments[one.entry.rid] <= now]
        if place:
            self._by_class[place] = attendance(captured, offsets)
        else:
            self.deeds = chronicle("", captured, offsets).deeds

    def _take(self, told: Told) -> str | None:
        """Keeps or drops a record; the class it is about, None when a newer app alone can read it."""
        record = told.entry.record
        try:
            check_kind(record)
        except RecordMalformed:
            return None
        place = str(record.body["class"]) if record.type in OF_CLASS else ""
        kept = self._told.setdefault(place, {})
        if told.stands:
            kept[told.entry.rid] = told
        else:
            kept.pop(told.entry.rid, None)
        return place
