"""The children under the rules, on this phone: worked out from what it keeps, and again only when that says more."""

from __future__ import annotations

import copy
import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from casebook import feeds
from casebook.casefile import CaseFile
from casebook.rules.absence import Child, World, child_from
from casebook.rules.deadlines import deadlines
from casebook.rules.due import Deadline
from casebook.rules.duties import Duty, child_duties, file_duties
from casebook.rules.facts import Deed
from casebook.rules.lifecycle import Lifecycle, lifecycle
from casebook.rules.reading import chronicle
from casebook.rules.turning import holds, next_turn
from fieldapp.casefiles import CaseFiles
from fieldapp.rulework import Rulework
from fieldapp.schoolwide import Schoolwide
from fieldapp.store.books import Books

if TYPE_CHECKING:
    from fieldapp.store.store import Database


@dataclass(frozen=True)
class Kept:
    """A child's life, the case file beside it, and until when both hold if nobody writes anything."""

    life: Lifecycle
    file: CaseFile
    turn: dt.datetime

    @cached_property
    def duties(self) -> tuple[Duty, ...]:
        """All that is to be done for the child, whoever's duty it is."""
        return (*child_duties(self.life), *file_duties(self.file, self.life.world.today))

    @cached_property
    def deadlines(self) -> tuple[Deadline, ...]:
        """All deadlines, by day."""
        return tuple(deadlines(self.life))


class Lives:
    """Lives of the children on this phone's roster. `refresh` before reading; `now` is the phone's clock."""

    def __init__(self, books: Books, files: CaseFiles, now: Callable[[], dt.datetime]) -> None:
        self._books, self._files, self._now = books, files, now
        self._lock = threading.RLock()
        self._rules, self._school = Rulework(books.roster), Schoolwide(books.records)
        self._roster: int | None = None
        self._kept: dict[str, Kept] = {}

    def refresh(self, db: Database, changed: set[str]) -> None:
        """Forgets what no longer holds: `changed` are the children whose records are not what they were."""
        with self._lock:
            counted = self._school.refresh(db, self._now())
            if self._rules.refresh():
                self._kept.clear()
            for case in changed | {case for case in self._kept if self._is_other(case, counted)}:
                self._kept.pop(case, None)
            self._roster = self._books.roster.revision

    def world(self) -> World:
        """Calendar, rules and headcounts as they are known here, now."""
        return World(self._rules.calendar, self._rules.book, self._school.attendance, self._now())

    @property
    def next_headcount(self) -> dt.datetime | None:
        """When a headcount or act that a clock ahead has dated in the future will have been made; mostly never."""
        return self._school.next_to_come

    def ahead(self, moment: dt.datetime) -> Lives:
        """The same children as they will stand at a later moment if nobody writes anything; not to be refreshed."""
        with self._lock:
            later = copy.copy(self)
            later._kept, later._now = dict(self._kept), lambda: moment
            return later

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """Acts that belong to no child: reports of a month or a week."""
        return self._school.deeds

    def of(self, db: Database, case: str) -> Kept:
        """One child. Who is not on the roster has no class."""
        with self._lock:
            kept = self._kept.get(case)
            if kept is None or not holds(kept.life, kept.turn, self._now()):
                kept = self._kept[case] = self._work_out(db, case)
            return kept

    def told(self) -> list[str]:
        """Children on the roster of whom a record or a headcount says something, and the key students (R41)."""
        roster = self._books.roster
        keys = {str(row["id"]) for row in roster.rows(feeds.STUDENTS) if row.get("key_flags")}
        known = {*self._files.cases(), *self._school.attendance.missing, *keys}
        return sorted(case for case in known if roster.student(case) is not None)

    def _work_out(self, db: Database, case: str) -> Kept:
        file, world = self._files.of(db, case), self.world()
        offsets, not_taken = self._books.records.asides(db, case)
        entries = [entry for entry in file.timeline() if entry.rid not in not_taken]
        facts = chronicle(case, entries, offsets)
        life = lifecycle(self._child(case), facts, world)
        return Kept(life, file, next_turn(life, facts))

    def _child(self, case: str) -> Child:
        return child_from(self._books.roster.student(case) or {"id": case})

    def _is_other(self, case: str, counted: set[str]) -> bool:
        """Whether the roster, or headcounts of these classes, say something else of the child than before."""
        life = self._kept[case].life
        if self._roster != self._books.roster.revision and self._child(case) != life.child:
            return True
        named = self._school.attendance.missing.get(case) != life.world.attendance.missing.get(case)
        return bool(counted) and (named or any(stay.class_id in counted for stay in life.child.stays))
