"""The aid officer's desk: surveys of aid with their proofs, what was settled of them, and children without a pair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casebook.feeds import PAIRS, STUDENTS
from casebook.rules.aid import AID, BOTH, Asked, asked, flags_with_both, proposed_flags
from casebook.rules.lifecycle import Lifecycle
from sync_server import access
from sync_server.access import Subject, Verb
from sync_server.cases import Child
from sync_server.lives import Lives
from sync_server.store import rows
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection
from sync_server.visits import Visits


@dataclass(frozen=True)
class SurveyLine:
    """A child whose family was asked about aid, by the newest survey."""

    child: Child
    asked: Asked

    @property
    def waiting(self) -> bool:
        """Whether there is something to settle."""
        return bool(self.asked.open)


def surveys(conn: Connection, school: str, lives: Lives, account: Account) -> list[SurveyLine]:
    """Every child's newest survey of aid, those that wait first, the longest waiting in front. Raises NotAllowed."""
    access.require(account, Verb.READ_AID)
    found = lives.within(conn, access.reach(account, Verb.READ_AID))
    told = [(life.child.case, one) for life in found if (one := asked(life.facts)) is not None]
    children = _children(conn, school, (case for case, _ in told))
    lines = [SurveyLine(children[case], one) for case, one in told if case in children]
    newest = sorted(lines, key=lambda line: line.asked.survey.order, reverse=True)
    return sorted(newest, key=lambda line: (not line.waiting, line.asked.survey.order if line.waiting else ()))


def without_pair(conn: Connection, school: str, lives: Lives, account: Account) -> list[Child]:
    """Children who are poor and weak at school and have no teacher of their own to help them (R54), by class.

    For those who may assign one, and for the aid officer.
    """
    verb = Verb.ASSIGN if access.scopes(account, Verb.ASSIGN) else Verb.READ_AID
    found, paired = lives.within(conn, access.reach(account, verb)), rows.of_feed(conn, school, PAIRS)
    alone = {life.child.case: life for life in found if life.child.case not in paired}
    children = _children(conn, school, alone)
    needing = [child for case, child in children.items() if is_both(child, alone[case])]
    return sorted(needing, key=lambda child: (child["class_id"], child["id"]))


def is_both(child: Child, life: Lifecycle) -> bool:
    """Whether a child is poor and weak at school (R42)."""
    family: Sequence[str] = (*child["family_flags"], *proposed_flags(life.facts))
    return BOTH in flags_with_both(child["key_flags"], family)


def _children(conn: Connection, school: str, cases: Iterable[str]) -> dict[str, Child]:
    wanted, every = set(cases), rows.of_feed(conn, school, STUDENTS)
    return {case: every[case] for case in every if case in wanted}


def require_visit(conn: Connection, visits: Visits, account: Account, visit: str, subject: Subject) -> bool:
    """Whether the account opens this visit as one about aid, its proofs too; else it must be one who reads evidence.

    Raises NotAllowed.
    """
    first = visits.first_record(conn, visit)
    about_aid = first is not None and AID in first.body.get("purposes", ())
    if about_aid and access.allows(account, Verb.READ_AID, subject):
        return True
    access.require(account, Verb.READ_EVIDENCE, subject)
    return False
