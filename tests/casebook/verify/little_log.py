"""A school in memory that seals, logs and exports like the real one; one may take any of it and forge it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from casebook.ed25519 import Ed25519Signer, Ed25519Verifier
from casebook.protocol import Receipt, SchoolCard, b64, make_receipt, sealed_to_wire
from casebook.records import Attachment, Span
from casebook.sealing import Sealed, device_id, seal
from casebook.translog.checkpoints import Checkpoint, origin_of, sign_checkpoint
from casebook.translog.notes import Voucher
from casebook.translog.tree import Frontier, Subtree, consistency_path, hashes, inclusion_path, leaf_hash
from casebook.verify.bundle import (
    CONTENTS_TYPE,
    DEVICE_TYPE,
    FORMAT,
    VERSION,
    Bundle,
    BundledCheckpoint,
    BundledRecord,
    Certificate,
    Contents,
    state,
)
from casebook.verify.examining import Report, Trust, examine
from casebook.verify.findings import Code
from tests.casebook.builders import CASE, SCHOOL, TEACHER, make_record

PHOTO = "f" * 64
GEN = "g" * 16


def moment(day: int, hour: int = 8) -> str:
    """An instant of October 2025."""
    return f"2025-10-{day:02}T{hour:02}:00:00+08:00"


@dataclass
class LittlePhone:
    """Seals in a chain; `seen` is the checkpoint that it last accepted."""

    signer: Ed25519Signer
    seq: int = 0
    prev: str = ""
    seen: Checkpoint | None = None

    @property
    def dev(self) -> str:
        return device_id(self.signer.public_key)

    def write(self, day: int, **fields: Any) -> Sealed:
        self.seq += 1
        span = Span(moment(day), moment(day, 9), "+08:00", 1)
        quoted = self.seen.seen if self.seen else None
        record = make_record(
            dev=self.dev, seq=self.seq, prev=self.prev, hlc=(day * 86_400_000, self.seq), at=span, seen=quoted
        )
        sealed = seal(replace(record, **fields), self.signer)
        self.prev = sealed.rid
        return sealed


@dataclass
class LittleSchool:
    """The log of a school, day by day."""

    key: Ed25519Signer = field(default_factory=lambda: Ed25519Signer.from_bytes(bytes([9]) * 32))
    gen: str = GEN
    phones: list[LittlePhone] = field(default_factory=list)
    log: list[Sealed] = field(default_factory=list)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    states: list[Checkpoint] = field(default_factory=list)
    frontier: Frontier = field(default_factory=Frontier)
    known: dict[Subtree, bytes] = field(default_factory=dict)

    def phone(self, seed: int = 7) -> LittlePhone:
        self.phones.append(LittlePhone(Ed25519Signer.from_bytes(bytes([seed]) * 32)))
        return self.phones[-1]

    def take(self, sealed: Sealed, day: int) -> Sealed:
        """Files a record at ten o'clock."""
        self.log.append(sealed)
        self.frontier, grown = self.frontier.append(leaf_hash(sealed.payload + sealed.signature))
        self.known |= {one.at: one.hash for one in grown}
        self.receipts[sealed.rid] = Receipt(SCHOOL, sealed.rid, len(self.log), self.gen, moment(day, 10), "stored")
        return sealed

    def sign(self, day: int, hour: int = 11) -> Checkpoint:
        """The log as it stands, signed, and told to every phone."""
        self.states.append(
            Checkpoint(origin_of(SCHOOL), self.frontier.size, self.frontier.root, moment(day, hour), self.gen)
        )
        self.notes.append(sign_checkpoint(self.states[-1], self.key))
        for phone in self.phones:
            phone.seen = self.states[-1]
        return self.states[-1]

    def bundle(
        self, case: str = CASE, leave_out: str = "", arrived: bool = True, flags: dict[str, list[str]] | None = None
    ) -> Bundle:
        """What an honest school exports of a child; `leave_out` is a record that it denies."""
        wires = [(n, one) for n, one in enumerate(self.log) if f'"case":"{case}"'.encode() in one.payload and one.rid != leave_out]
        newest = self.states[-1]
        records = [BundledRecord(
            sealed_to_wire(one), make_receipt(self.receipts[one.rid], self.key), n,
            self._proof(inclusion_path(n, newest.size)),
        ) for n, one in wires]  # fmt: skip
        checkpoints = [BundledCheckpoint(note, self._proof(consistency_path(one.size, newest.size)))
                       for note, one in zip(self.notes, self.states, strict=True)]  # fmt: skip
        contents = Contents(SCHOOL, "示例中学", case, self.gen, newest.size, newest.root.hex(), moment(30),
                            sorted(one.rid for _, one in wires), [], [PHOTO] if arrived else [], flags or {})  # fmt: skip
        return Bundle(
            FORMAT, VERSION, SchoolCard(SCHOOL, "示例中学"), case, str(self.voucher), records, checkpoints,
            [state(DEVICE_TYPE, self.certificate(phone), self.key) for phone in self.phones],
            state(CONTENTS_TYPE, contents, self.key),
        )  # fmt: skip

    def certificate(self, phone: LittlePhone) -> Certificate:
        return Certificate(SCHOOL, phone.dev, b64(phone.signer.public_key), TEACHER, "示例老师", False, moment(1))

    @property
    def voucher(self) -> Voucher:
        return Voucher(origin_of(SCHOOL), self.key.public_key)

    def _proof(self, path: Any) -> list[str]:
        return [b64(one) for one in hashes(path, self.known.__getitem__)]


def a_month(change: Callable[[int, dict[str, Any]], dict[str, Any]] = lambda day, fields: fields) -> LittleSchool:
    """Two phones, a record a day for three weeks, every third one about another child, a checkpoint every evening.

    `change(day, fields)` may let a record say something else.
    """
    school = LittleSchool()
    phones = [school.phone(7), school.phone(8)]
    earlier: list[str] = []
    for day in range(2, 23):
        fields: dict[str, Any] = {"body": {"note": day}} if day % 3 else {"case": "d" * 32}
        if day == 5:
            fields["att"] = (Attachment("photo", PHOTO, 3, "image/jpeg"),)
        if day == 10:
            fields["amends"] = (earlier[-2],)
        sealed = school.take(phones[day % 2].write(day, **change(day, fields)), day)
        earlier += [sealed.rid] if day % 3 else []
        school.sign(day)
    return school


def check(bundle: Bundle, key: Voucher | None = None, outside: list[str] | None = None, **trust: Any) -> Report:
    """The whole check, with what the examiner brings along."""
    return examine(bundle, Trust(key, outside or [], **trust), Ed25519Verifier())


def codes(report: Report) -> set[Code]:
    """What was found, without where."""
    return {finding.code for finding in report.findings}


def with_record(bundle: Bundle, place: int, **changes: Any) -> Bundle:
    """The bundle with one record forged."""
    records = list(bundle.records)
    records[place] = dataclasses.replace(records[place], **changes)
    return dataclasses.replace(bundle, records=records)


def later(text: str, **span: float) -> str:
    """An instant moved on."""
    return (dt.datetime.fromisoformat(text) + dt.timedelta(**span)).isoformat()
