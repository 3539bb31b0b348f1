"""Writes what the school's office decides — incidents, cases, reviews — as sealed records like any phone's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casebook.ed25519 import Ed25519Signer
from casebook.errors import NotAllowed, by_code
from casebook.merging import Verdict
from casebook.protocol import Outcome
from casebook.records import Record, Span, hlc_next
from casebook.sealing import device_id, seal
from sync_server.intake import Intake
from sync_server.store import archive, audit, devices, index, schools
from sync_server.store.accounts import Account
from sync_server.store.devices import Device
from sync_server.store.engine import Connection
from sync_server.store.schools import School

#: What would make a phone's record wait for a person is told at once to the person who writes at the desk.
NOT_FOR_ME = frozenset({"role_not_held"})
#: The office's first epoch. Another one begins only with another life of the store: after a restore, phones bring
#: back what the office wrote in the life before, and its numbers must not be given twice.
FIRST_EPOCH = 1


@dataclass(frozen=True)
class OfficeAct:
    """What an account wants on record; `set` replaces exactly the values the office can see now, or those of `base`."""

    type: str
    case: str | None
    body: Mapping[str, Any]
    set: Mapping[str, Any]
    amends: Sequence[str] = ()
    at: dt.datetime | None = None
    base: Mapping[str, Sequence[str]] | None = None


class Office:
    """Seals with the office's own key, on behalf of a logged-in account."""

    def __init__(self, school: School, intake: Intake, signer: Ed25519Signer, clock: Callable[[], dt.datetime]) -> None:
        self._school = school
        self._intake = intake
        self._signer = signer
        self._clock = clock
        self._epoch: int | None = None

    def write(
        self,
        conn: Connection,
        account: Account,
        type: str,
        case: str | None,
        *,
        body: Mapping[str, Any],
        set: Mapping[str, Any] | None = None,
        amends: Sequence[str] = (),
        at: dt.datetime | None = None,
    ) -> Outcome:
        """Files one record in the caller's transaction and returns its outcome with the receipt.

        `at` is when it happened, if not now. Raises the error of the code when the record is refused, such as
        RecordMalformed, and NotAllowed for a role the account does not hold; the caller's transaction ends without it.
        """
        return self._file(conn, account, OfficeAct(type, case, body, set or {}, amends, at))

    def settle(
        self, conn: Connection, account: Account, case: str, kept: str, value: tuple[str, Any], over: Sequence[str]
    ) -> Outcome:
        """Files a decision: the property's value that record `kept` set stays, in place of the records `over`.

        These may be of several children who share a home. Raises as `write` does.
        """
        prop, said = value
        body = {"remark": "", "kept": kept}
        return self._file(conn, account, OfficeAct("resolve", case, body, {prop: said}, base={prop: over}))

    def _file(self, conn: Connection, account: Account, act: OfficeAct) -> Outcome:
        outcome = self._intake.file(conn, self._school.id, seal(self._record(conn, account, act), self._signer))
        if outcome.verdict == Verdict.REFUSED:
            raise by_code(outcome.code or "")
        if outcome.verdict == Verdict.QUARANTINED and outcome.code in NOT_FOR_ME:
            raise NotAllowed(reason=outcome.code)
        return outcome

    def enrol(self, conn: Connection) -> None:
        """Makes the office's key a device of the school; done once, when the school is founded."""
        key, at = self._signer.public_key, self._clock().isoformat(timespec="seconds")
        own = Device(device_id(key), self._school.id, "", key, "office", "server", "", at, office=True)
        devices.put(conn, own, None)

    def _record(self, conn: Connection, account: Account, act: OfficeAct) -> Record:
        now = self._clock()
        at = (act.at or now).isoformat(timespec="seconds")
        dev = device_id(self._signer.public_key)
        ep, seq, prev = self._place(conn, dev)
        return Record(
            type=act.type, school=self._school.id, author=account.id, dev=dev, ep=ep, seq=seq, prev=prev,
            hlc=hlc_next(schools.clock(conn, self._school.id), int(now.timestamp() * 1000)),
            at=Span(at, at, at[-6:], 0), case=act.case, set=act.set, amends=tuple(act.amends), body=act.body,
            base=self._base(conn, act),
        )  # fmt: skip

    def _place(self, conn: Connection, dev: str) -> tuple[int, int, str]:
        """Epoch, number and predecessor of the office's next record."""
        last = archive.newest_of(conn, self._school.id, dev)
        if self._epoch is None:
            restored = next(iter(audit.about(conn, self._school.id, audit.RESTORED, limit=1)), None)
            self._epoch = int(dt.datetime.fromisoformat(restored.at).timestamp()) if restored else FIRST_EPOCH
        if last is None or last.record.ep < self._epoch:
            return self._epoch, 1, ""
        return last.record.ep, last.record.seq + 1, last.rid

    def _base(self, conn: Connection, act: OfficeAct) -> dict[str, tuple[str, ...]]:
        if act.base is not None:
            return {prop: tuple(sorted(rids)) for prop, rids in act.base.items()}
        return index.base_for(conn, self._school.id, act.case, act.set) if act.case else {}
