"""Proposes which children are brothers and sisters; only a person's word makes them one household."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from casebook.errors import NoSuchPage
from sync_server import access, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.registry import AWAY, Student
from sync_server.roster import register
from sync_server.roster.plan import Planned
from sync_server.roster.register import Register
from sync_server.roster.relatives import with_siblings
from sync_server.roster.vocabulary import bare
from sync_server.store import households
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.store.register import Authorship

SAME_PHONE, SAME_ADDRESS = "phone", "address"
MOST_ALIKE = 6  # more children of one guardian's name and telephone than this is a hostel or a teacher, not a family


@dataclass(frozen=True)
class Proposal:
    """Two children of different households with the same guardian, and by what it was recognised."""

    one: Student
    other: Student
    guardian: str
    because: str

    @property
    def pair(self) -> str:
        """The key of the two."""
        return pair_of(self.one.id, self.other.id)


def pair_of(one: str, other: str) -> str:
    """Both ids, the smaller first."""
    return ":".join(sorted((one, other)))


def propose(now: Register, apart: set[str]) -> list[Proposal]:
    """Children of different households who share a guardian by name and telephone, or by name and address."""
    alike: dict[tuple[str, str, str], list[Student]] = defaultdict(list)
    for student in now.students.values():
        if student.roll_status not in AWAY:
            for key in _keys(student):
                alike[key].append(student)
    found: dict[str, Proposal] = {}
    for (because, guardian, _), children in alike.items():
        if len(children) <= MOST_ALIKE:
            for one, other in combinations(children, 2):
                proposal = Proposal(one, other, guardian, because)
                if one.household != other.household and proposal.pair not in apart:
                    found.setdefault(proposal.pair, proposal)
    return sorted(found.values(), key=lambda one: (one.guardian, one.pair))


def _keys(student: Student) -> Iterator[tuple[str, str, str]]:
    for adult in {one.name: one for one in student.guardians}.values():
        if adult.phone:
            yield SAME_PHONE, adult.name, adult.phone
        if student.home_address:
            yield SAME_ADDRESS, adult.name, bare(student.village + student.home_address)


class Households:
    """The households of one school. `clock` gives aware times in the school's zone."""

    def __init__(self, store: Store, school: str, clock: Callable[[], dt.datetime]) -> None:
        self._store, self._school, self._clock = store, school, clock

    def proposals(self, actor: Account) -> list[Proposal]:
        """What is to be decided. Raises NotAllowed."""
        access.require(actor, Verb.KEEP_REGISTER)
        with self._store.read() as conn:
            return propose(register.load(conn, self._school), households.apart(conn, self._school))

    def decide(self, actor: Account, pair: str, together: bool) -> None:
        """Makes two children one household, with all who live with them, or keeps them apart for good.

        Raises NotAllowed, and NoSuchPage when there is nothing (any more) to decide about them.
        """
        access.require(actor, Verb.KEEP_REGISTER)

        def write(conn: Connection) -> None:
            now = register.load(conn, self._school)
            proposals = propose(now, households.apart(conn, self._school))
            proposal = next((one for one in proposals if one.pair == pair), None)
            if proposal is None:
                raise NoSuchPage()
            at = self._clock().isoformat(timespec="seconds")
            if together:
                register.write(conn, self._school, _joined(now, proposal), Authorship(actor.id, at, "household"))
            else:
                households.keep_apart(conn, self._school, pair, actor.id, at)
            audit.note(conn, actor, at, Act.CHANGE_REGISTER, f"household:{pair}", together=together)

        self._store.run_tx(write)


def _joined(now: Register, proposal: Proposal) -> list[register.Noun]:
    """Everybody of the second household joins the first."""
    moving = [one for one in now.students.values() if one.household == proposal.other.household]
    planned = {one.id: Planned(one, replace(one, household=proposal.one.household)) for one in moving}
    return [one.after for one in with_siblings(now, planned).values()]
