"""Explains a record's seal: is it as it was sealed, by whose phone, does the chain hold, when did the school get it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from casebook.errors import CasebookError
from casebook.protocol import read_receipt
from casebook.records import Record, reread
from casebook.sealing import Verifier, unseal
from sync_server.store import accounts, devices, facts, originals
from sync_server.store.devices import Device
from sync_server.store.engine import Connection
from sync_server.store.originals import Original

GOOD, PLAIN, DUE, BAD = "good", "plain", "due", "bad"
CLOCK_TOLERANCE = dt.timedelta(minutes=2)
REMEMBERED = 50_000  # seals found good: a few megabytes


@dataclass(frozen=True)
class Finding:
    """One sentence about the seal: its code, its facts (`*_at` are instants), and how much it matters."""

    code: str
    tone: str = PLAIN
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Examined:
    """A record after its seal was checked; `record` only when it is exactly what was sealed."""

    original: Original
    record: Record | None
    findings: tuple[Finding, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether the record is not what was sealed any more."""
        return self.record is None


class Seals:
    """Checks seals of one school: device keys come from its register, receipts are checked with `receipt_key`.

    A signature that was found good is not checked again over the same bytes and with the same key.
    """

    def __init__(self, school: str, verifier: Verifier, receipt_key: bytes) -> None:
        self._school, self._verifier, self._receipt_key = school, verifier, receipt_key
        self._good: set[tuple[str, str, bytes, bytes]] = set()

    def open(self, conn: Connection, original: Original) -> Examined:
        """The record, if the seal holds; without explaining."""
        return self.open_all(conn, [original])[0]

    def open_all(self, conn: Connection, found: Sequence[Original]) -> list[Examined]:
        """The same for many records."""
        signers = devices.by_ids(conn, self._school, {original.sealed.keyid for original in found})
        return [Examined(one, self._unseal(one, signers.get(one.sealed.keyid))) for one in found]

    def explain(self, conn: Connection, original: Original) -> Examined:
        """The record, and everything there is to say about its seal, most important first."""
        device = devices.by_id(conn, self._school, original.sealed.keyid)
        record = self._unseal(original, device)
        owner = accounts.by_id(conn, self._school, device.account) if device else None
        found = [_seal(original, record, device, owner.name if owner else "")]
        found += self._receipt(original)
        if record is not None:
            found.append(_chain(record, original, originals.before(conn, self._school, original)))
            found += _clock(record, original, facts.offset_of(conn, self._school, original.rid))
        if device is not None and not device.active:
            found.append(Finding("device_revoked", DUE, {"revoked_at": device.revoked_at}))
        if "form_unknown" in original.flags:
            found.append(Finding("form_unknown", DUE))
        return Examined(original, record, tuple(found))

    def receipt(self, original: Original) -> Finding:
        """What there is to say about the receipt: `receipt` or `receipt_broken`."""
        return self._receipt(original)[0]

    def _unseal(self, original: Original, device: Device | None) -> Record | None:
        if device is None or original.sealed.rid != original.rid:
            return None
        proof = (original.rid, original.sealed.keyid, original.sealed.signature, device.public_key)
        if proof in self._good:
            return reread(original.sealed.payload)
        try:
            record = unseal(original.sealed, device.public_key, self._verifier)
        except CasebookError:
            return None
        if len(self._good) >= REMEMBERED:
            self._good.clear()
        self._good.add(proof)
        return record

    def _receipt(self, original: Original) -> list[Finding]:
        facts = {"number": original.sseq, "received_at": original.received_at}
        try:
            receipt = read_receipt(original.receipt, self._receipt_key, self._verifier)
        except CasebookError:
            return [Finding("receipt_broken", BAD, facts)]
        noted = (receipt.rid, receipt.sseq, receipt.received_at)
        if noted != (original.rid, original.sseq, original.received_at):
            return [Finding("receipt_broken", BAD, facts)]
        return [Finding("receipt", PLAIN, facts)]


def _seal(original: Original, record: Record | None, device: Device | None, owner: str) -> Finding:
    if device is None:
        return Finding("key_unknown", BAD)
    facts = {"owner": owner, "device": device.name, "enrolled_at": device.enrolled_at}
    if record is None:
        return Finding("broken", BAD, facts)
    facts["sealed_at"] = record.at.ended
    if device.office:
        return Finding("intact_office", GOOD, facts)
    return Finding("intact", GOOD, facts)


def _chain(record: Record, original: Original, before: list[str]) -> Finding:
    """What the numbering of the device says: a record cannot be left out or put in later without a trace."""
    facts = {"seq": record.seq, "before": record.seq - 1}
    if "fork" in original.flags or len(before) > 1:
        return Finding("chain_fork", DUE, facts)
    if record.seq == 1:
        return Finding("chain_first", PLAIN, facts)
    if not before:
        return Finding("chain_gap", DUE, facts)
    return Finding("chain_unbroken", PLAIN, facts) if before == [record.prev] else Finding("chain_swapped", BAD, facts)


def _clock(record: Record, original: Original, offset: int) -> list[Finding]:
    """How wrong the phone's clock was as it sent; where that is not known, a record finished after it came tells it."""
    if abs(offset) > CLOCK_TOLERANCE.total_seconds():
        off, received = dt.timedelta(seconds=offset), dt.datetime.fromisoformat(original.received_at)
        corrected = dt.datetime.fromisoformat(record.at.ended) - off
        told = {"shown_at": (received + off).isoformat(), "school_at": received.isoformat(),
                "corrected_at": corrected.isoformat()}  # fmt: skip
        return [Finding("clock_off", DUE, told)]
    ahead = dt.datetime.fromisoformat(record.at.ended) - dt.datetime.fromisoformat(original.received_at)
    if ahead <= CLOCK_TOLERANCE:
        return []
    return [Finding("clock_fast", DUE, {"minutes": int(ahead.total_seconds() // 60)})]
