"""Tells a phone those duties of its owner that it cannot work out, for want of the records they follow from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from casebook.feeds import STUDENTS, TOLD
from casebook.protocol import Row
from casebook.rules.told import to_row
from sync_server import access, aid
from sync_server.access import Subject, Verb
from sync_server.cases import Child
from sync_server.dutylist import DutyList
from sync_server.lives import Lives
from sync_server.store import reach
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection
from sync_server.withheld import plain_row


class Messenger:
    """Works out, at every pull, what the school alone can know. `clock` gives aware times in the school's zone."""

    def __init__(self, school: str, lives: Lives, clock: Callable[[], dt.datetime]) -> None:
        self._school, self._lives, self._duties = school, lives, DutyList(school, lives, clock)

    def rows(self, conn: Connection, account: Account) -> list[Row]:
        """The duties of who reads cases but no visits, or surveys of aid alone, and of these the children's names."""
        reads_aid = access.allows(account, Verb.READ_AID)
        if reach.follows(account)["school"] or not (reads_aid or access.allows(account, Verb.READ_CASE)):
            return []
        mine = [line for line in self._duties.lines(conn, account) if line.mine and line.case]
        names = self._surveyed(conn, account) if reads_aid else ()
        return [Row(TOLD, account.id, to_row(line.duty for line in mine)), *names]

    def _surveyed(self, conn: Connection, account: Account) -> Iterator[Row]:
        """The children whose aid waits, by name and class; they are gone once it is settled."""
        for line in aid.surveys(conn, self._school, self._lives, account):
            if not access.allows(account, Verb.LIST_STUDENTS, _subject(line.child)):
                yield Row(STUDENTS, line.child["id"], plain_row(line.child) if line.waiting else None)


def _subject(child: Child) -> Subject:
    return Subject(child["id"], child["class_id"])
