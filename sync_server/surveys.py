"""The start of a term in one class: its key students' families (R41), and the survey of the first week (R43)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casebook.days import day_written
from casebook.errors import NoSuchPage
from casebook.kinds.class_survey import TYPE, WAYS
from casebook.rules.due import MET, MET_LATE, Deadline
from casebook.rules.termstart import class_survey, key_visits, season
from sync_server import access, audit
from sync_server.access import Reach, Subject, Verb
from sync_server.audit import Act
from sync_server.lives import Lives
from sync_server.office import Office
from sync_server.roster.lookback import rooms_on
from sync_server.store import rows
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store

LONGEST = 400


@dataclass(frozen=True)
class Family:
    """A key student, and the visit that its family is owed."""

    child: Mapping[str, Any]
    visit: Deadline

    @property
    def visited(self) -> bool:
        """Whether somebody has been there."""
        return self.visit.kept is not None


@dataclass(frozen=True)
class TermStart:
    """One class around the start of the term that runs or comes; no `survey` where none is owed."""

    room: Mapping[str, Any]
    families: tuple[Family, ...]
    survey: Deadline | None
    status: str
    now: dt.datetime

    @property
    def visited(self) -> int:
        """How many of the families have been visited."""
        return sum(one.visited for one in self.families)

    @property
    def waits(self) -> bool:
        """Whether the survey is still to be done."""
        return self.survey is not None and self.status not in (MET, MET_LATE)


class Surveys:
    """The starts of terms at one school. `clock` gives aware times in the school's zone."""

    def __init__(
        self, store: Store, school: str, lives: Lives, office: Office, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store, self._school, self._lives, self._office, self._clock = store, school, lives, office, clock

    def look(self, conn: Connection, account: Account, class_id: str) -> TermStart:
        """How one class stands. Raises NotAllowed, NoSuchPage."""
        access.require(account, Verb.READ_CASE, Subject("", class_id))
        world = self._lives.world(conn)
        room = rooms_on(conn, self._school, world.today).get(class_id)
        if room is None:
            raise NoSuchPage()
        lives = self._lives.within(conn, Reach(False, (class_id,)))
        owed = {life.child.case: due for life in lives for due in key_visits(life)}
        children = rows.of_feed(conn, self._school, "students", owed)
        families = [Family(children[case], due) for case, due in owed.items() if case in children]
        survey = next(class_survey(class_id, world), None)
        ordered = sorted(families, key=lambda one: (one.visited, str(one.child["name"])))
        return TermStart(room, tuple(ordered), survey, survey.status(world.now) if survey else "", world.now)

    def enter(self, account: Account, class_id: str, day: str, how: Sequence[str], found: str) -> list[str]:
        """Files the survey of a class; wording keys of what is wrong, and then nothing is written.

        Raises NotAllowed, NoSuchPage.
        """
        access.require(account, Verb.SURVEY_CLASS, Subject("", class_id))

        def write(conn: Connection) -> list[str]:
            faults = self._faults(conn, account, class_id, day, how)
            if not faults:
                body = {"class": class_id, "day": day, "how": list(how), "found": found.strip()[:LONGEST]}
                rid = self._office.write(conn, account, TYPE, None, body=body).rid
                at = self._clock().isoformat(timespec="seconds")
                audit.note(conn, account, at, Act.SURVEY_CLASS, f"class:{class_id}", day=day, rid=rid)
            return faults

        return self._store.run_tx(write)

    def _faults(self, conn: Connection, account: Account, class_id: str, day: str, how: Sequence[str]) -> list[str]:
        if not self.look(conn, account, class_id).waits:
            return ["termstart.fault.done"]
        on, today = day_written(day), self._clock().date()
        around = season(self._lives.world(conn), today)
        found = [] if on and around and around.term.first <= on <= today else ["termstart.fault.day"]
        return found + ([] if how and set(how) <= set(WAYS) else ["termstart.fault.how"])
