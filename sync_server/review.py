"""Who may accept or return a visit, and when: once, when it is complete, and never one's own (domain §1, §4.5)."""

from __future__ import annotations

from collections.abc import Callable

from casebook.errors import (
    AlreadyDecided,
    NotAllowed,
    RemarkMissing,
    RequestMalformed,
    SealBroken,
    TextTooLong,
    VisitChanged,
    VisitIncomplete,
)
from casebook.kinds.review import DECISIONS, RETURNED
from sync_server import access, audit
from sync_server.access import Subject, Verb
from sync_server.audit import Act
from sync_server.office import Office
from sync_server.seals import Seals
from sync_server.store import originals
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.store.visits import VisitRow
from sync_server.visits import Visits

LEAST_REMARK = 5
MOST_REMARK = 500
SUBMITTED = "submitted"


class Reviews:
    """Writes decisions as sealed records of the school's office."""

    def __init__(
        self, store: Store, school: str, visits: Visits, seals: Seals, office: Office, now: Callable[[], str]
    ) -> None:
        self._store, self._school, self._visits = store, school, visits
        self._seals, self._office, self._now = seals, office, now

    def decide(self, account: Account, visit: str, version: str, decision: str, remark: str) -> None:
        """Accepts or returns `version` of a visit.

        Raises RequestMalformed, RemarkMissing, TextTooLong, NoSuchVisit, NotAllowed, VisitChanged, AlreadyDecided,
        VisitIncomplete, SealBroken; then nothing is written.
        """
        remark = remark.strip()
        if decision not in DECISIONS:
            raise RequestMalformed(field="decision")
        if decision == RETURNED and len(remark) < LEAST_REMARK:
            raise RemarkMissing(least=LEAST_REMARK)
        if len(remark) > MOST_REMARK:
            raise TextTooLong(limit=MOST_REMARK, count=len(remark))
        self._store.run_tx(lambda conn: self._write(conn, account, visit, version, decision, remark))

    def obstacle(self, account: Account, row: VisitRow, subject: Subject, broken: bool) -> str | None:
        """Why this account cannot decide about the visit now: role, own, decided, incomplete, broken; or None."""
        obstacles = (
            (not access.allows(account, Verb.REVIEW_VISIT, subject), "role"),
            (access.took_part(account, subject), "own"),
            (row.status != SUBMITTED, "decided"),
            (not row.complete, "incomplete"),
            (broken, "broken"),
        )
        return next((name for holds, name in obstacles if holds), None)

    def _write(
        self, conn: Connection, account: Account, visit: str, version: str, decision: str, remark: str
    ) -> None:
        row, subject = self._visits.subject(conn, visit)
        head = originals.one(conn, self._school, row.head)
        broken = head is None or self._seals.open(conn, head).broken
        self._refuse(self.obstacle(account, row, subject, broken), row, version)
        body = {"visit": visit, "version": row.head, "decision": decision, "remark": remark}
        outcome = self._office.write(conn, account, "review", row.case, body=body)
        facts = {"decision": decision, "version": row.head, "rid": outcome.rid}
        audit.note(conn, account, self._now(), Act.REVIEW, f"visit:{visit}", **facts)

    def _refuse(self, obstacle: str | None, row: VisitRow, version: str) -> None:
        if obstacle in ("role", "own"):
            raise NotAllowed(reason=obstacle)
        if version != row.head:
            raise VisitChanged()
        if obstacle == "decided":
            raise AlreadyDecided()
        if obstacle == "incomplete":
            raise VisitIncomplete(present=row.files_present, total=row.files_total)
        if obstacle == "broken":
            raise SealBroken()

