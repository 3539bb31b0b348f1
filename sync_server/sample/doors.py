"""The doors through which the sample's past enters the school: pushes of telephones, and the office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from casebook.protocol import Outcome, PushRequest, sealed_to_wire
from casebook.sealing import Sealed
from sync_server.sample.fieldwork import SampleTelephone, SealedVisit
from sync_server.store import accounts, devices
from sync_server.store.accounts import Account
from sync_server.store.blobs import Announcement
from sync_server.wiring import Wiring

STORED = "stored"


class RecordNotStored(Exception):
    """The school did not take a planned record; the text is its verdict."""


class Doors:
    """Speaks with the wired school as telephones and people of the office do."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def push(self, telephone: SampleTelephone, sealed: Sequence[Sealed]) -> None:
        """A telephone sends records. Raises RecordNotStored."""
        with self._wiring.store.read() as conn:
            device = devices.by_id(conn, self._wiring.school.id, telephone.dev)
        assert device is not None, telephone.owner
        shown = (self._wiring.clock() + telephone.offset).isoformat(timespec="milliseconds")
        request = PushRequest([sealed_to_wire(one) for one in sealed], sent_at=shown)
        for outcome in self._wiring.intake.push(device, request).outcomes:
            _check("telephone", outcome)

    def hand_over(self, telephone: SampleTelephone, made: SealedVisit) -> None:
        """A telephone sends a visit: first the text, then every file. Raises RecordNotStored."""
        self.push(telephone, [made.sealed])
        uploads, school = self._wiring.uploads, self._wiring.school.id
        for sha256, (kind, content) in made.files.items():
            uploads.announce(school, sha256, Announcement(len(content), kind))
            writing = uploads.open(school, sha256, 0)
            writing.write(content)
            writing.close()

    def decide(self, login: str, kind: str, case: str, body: Mapping[str, Any]) -> str:
        """A person of the school writes a record in the console; returns its id. Raises RecordNotStored."""
        account = self.account(login)
        outcome = self._wiring.store.run_tx(
            lambda conn: self._wiring.office.write(conn, account, kind, case, body=body)
        )
        _check(kind, outcome)
        return outcome.rid

    def account(self, login: str) -> Account:
        """Who logs in with this name."""
        with self._wiring.store.read() as conn:
            account = accounts.by_login(conn, self._wiring.school.id, login)
        assert account is not None, login
        return account


def _check(kind: str, outcome: Outcome) -> None:
    if outcome.verdict != STORED:
        raise RecordNotStored(f"{kind}: {outcome.verdict} {outcome.code}")
