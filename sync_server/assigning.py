"""Who answers for a child besides its class teacher (R04), who is its pair (R54), who leads a village area (R03)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from casebook.errors import NoSuchCase, NoSuchPage
from casebook.feeds import CLASSES, PAIRS, STUDENTS, case_scope
from sync_server import access, audit
from sync_server.access import Subject, Verb
from sync_server.audit import Act
from sync_server.registry import Village
from sync_server.roster import register
from sync_server.store import accounts, reach, rows
from sync_server.store.accounts import PAIR, Account
from sync_server.store.engine import Connection, Store
from sync_server.store.register import Authorship
from sync_server.store.rows import ScopedRow

BY_HAND = "hand"


@dataclass(frozen=True)
class Answering:
    """Who answers for one child: the class teacher's name, those who were assigned, and who could be besides."""

    teacher: str
    assigned: tuple[Account, ...]
    possible: tuple[Account, ...]


class Assigning:
    """Assigns the staff of one school. `now` gives the instant as records write it."""

    def __init__(self, store: Store, school: str, now: Callable[[], str]) -> None:
        self._store, self._school, self._now = store, school, now

    def of(self, conn: Connection, subject: Subject) -> Answering:
        """Who answers for a child and who could."""
        every = [one for one in accounts.all_of(conn, self._school) if one.active]
        room: Mapping[str, object] = rows.one(conn, self._school, CLASSES, subject.class_id) or {}
        assigned = tuple(one for one in every if subject.case in one.cases)
        taken = {one.id for one in assigned} | {room.get("teacher_id")}
        possible = sorted((one for one in every if one.id not in taken), key=lambda one: (one.name, one.id))
        return Answering(str(room.get("teacher_name", "")), assigned, tuple(possible))

    def assign(self, account: Account, case: str, who: str) -> None:
        """From now on `who` answers for the child; the phone is told what is there already.

        Raises NotAllowed, NoSuchCase, NoSuchPage.
        """

        def write(conn: Connection) -> None:
            found = self.of(conn, self._subject(conn, account, case))
            if who not in {one.id for one in found.possible}:
                raise NoSuchPage()
            reach.grant(conn, self._school, who, case_scope(case), self._now())
            self._tell(conn, account, Act.ASSIGN, case, who)

        self._store.run_tx(write)

    def pair(self, account: Account, case: str, who: str) -> None:
        """From now on `who` helps the child as its pair, and answers for it too (R54).

        Raises NotAllowed, NoSuchCase, NoSuchPage.
        """

        def write(conn: Connection) -> None:
            found = self.of(conn, self._subject(conn, account, case))
            if who not in {one.id for one in (*found.possible, *found.assigned) if case not in one.pairs}:
                raise NoSuchPage()
            reach.grant(conn, self._school, who, case_scope(case), self._now())
            accounts.grant(conn, self._school, who, f"{PAIR}{case}", self._now())
            self._publish_pairs(conn, case)
            self._tell(conn, account, Act.PAIR, case, who)

        self._store.run_tx(write)

    def release(self, account: Account, case: str, who: str) -> None:
        """`who` answers for the child no longer, nor helps it; what was written stays.

        Raises NotAllowed, NoSuchCase, NoSuchPage.
        """

        def write(conn: Connection) -> None:
            self._subject(conn, account, case)
            if case_scope(case) not in accounts.scopes_of(conn, self._school, who):
                raise NoSuchPage()
            reach.revoke(conn, self._school, who, case_scope(case))
            if accounts.revoke(conn, self._school, who, f"{PAIR}{case}"):
                self._publish_pairs(conn, case)
            self._tell(conn, account, Act.RELEASE, case, who)

        self._store.run_tx(write)

    def lead(self, account: Account, village: str, leader: str) -> None:
        """Notes who leads a village area, or (empty) that nobody does. Raises NotAllowed, NoSuchPage."""
        access.require(account, Verb.KEEP_REGISTER)

        def write(conn: Connection) -> None:
            found: Village | None = register.load(conn, self._school).villages.get(village)
            if found is None or not (leader == "" or accounts.is_active(conn, self._school, leader)):
                raise NoSuchPage()
            by = Authorship(account.id, self._now(), BY_HAND)
            if register.write(conn, self._school, [replace(found, leader_id=leader)], by):
                audit.note(conn, account, by.at, Act.ASSIGN, f"village:{village}", leader=leader)

        self._store.run_tx(write)

    def _publish_pairs(self, conn: Connection, case: str) -> None:
        """Tells the phones that have the child who helps it."""
        names = [one.name for one in accounts.all_of(conn, self._school) if case in one.pairs]
        if not names:
            rows.take_back(conn, self._school, PAIRS, [case])
            return
        scope = rows.scope_of(conn, self._school, STUDENTS, case)
        rows.put(conn, self._school, [ScopedRow(PAIRS, case, scope, {"id": case, "teachers": names})], self._now())

    def _subject(self, conn: Connection, account: Account, case: str) -> Subject:
        class_id = rows.class_of(conn, self._school, case)
        if class_id is None:
            raise NoSuchCase()
        subject = Subject(case, class_id)
        access.require(account, Verb.ASSIGN, subject)
        return subject

    def _tell(self, conn: Connection, account: Account, act: Act, case: str, who: str) -> None:
        at = self._now()
        rows.put_me(conn, self._school, who, at)
        audit.note(conn, account, at, act, f"case:{case}", who=who)
