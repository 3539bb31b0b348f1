"""The messages of the sync conversation. Client, server and tests share them; every request is idempotent.

VERSION history
1  2026-11  hello, push, pull, missing, files by tus 1.0 (core + creation), signed receipts;
            later, all optional: a push says the device's time, a pulled record how far its clock was ahead, and of
            which record it is a copy that leaves something out; hello and push say the state of the log that the
            device knows, their answers the log's newest checkpoint and the proof that it continues that state;
            hello names what else the server offers: compare, requests packed by gzip, files as packs, asking
            about records with the files they name, many rows as tables
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from casebook.columns import Table
from casebook.comparing import Part
from casebook.errors import RequestMalformed, SealBroken
from casebook.packs import Pack
from casebook.plainjson import from_json as from_json
from casebook.plainjson import to_json as to_json
from casebook.records import canonical
from casebook.sealing import RECEIPT_TYPE, Sealed, Signer, Verifier, pae

VERSION = 1
OLDEST_VERSION = 1
SERVER_MARK = "jiafang"  # what only our server says: a captive portal does not
MAX_PUSH_RECORDS = 200
MAX_PUSH_BYTES = 4 * 1024 * 1024
DEFAULT_PUSH_BATCH = 20
DEFAULT_CHUNK_BYTES = 64 * 1024
TUS_VERSION = "1.0.0"
#: What a server may offer beyond version 1.
COMPARE, GZIP, PACKS, WITH_FILES, TABLES = "compare", "gzip", "packs", "with_files", "tables"


@dataclass(frozen=True)
class SchoolCard:
    """A school as a phone shows it."""

    id: str
    name: str


@dataclass(frozen=True)
class AccountCard:
    """The person a phone belongs to."""

    id: str
    name: str
    roles: list[str]


@dataclass(frozen=True)
class EnrolRequest:
    """A phone introduces itself with a one-use code and its public key (base64)."""

    code: str
    public_key: str
    device_name: str
    platform: str
    app_version: str
    version: int = VERSION


@dataclass(frozen=True)
class EnrolReply:
    """The phone belongs to a teacher now: bearer token, the school, the server's key (base64) and generation."""

    token: str
    device: str
    school: SchoolCard
    account: AccountCard
    server_key: str
    gen: str
    time: str


@dataclass(frozen=True)
class Watermark:
    """The newest state of the school's log that a device has accepted: life of the store, records, root hash (hex)."""

    gen: str
    size: int
    root: str


@dataclass(frozen=True)
class HelloReply:
    """Versions, clock and the server's wishes. `server` must equal SERVER_MARK; `size` is the newest sequence number.

    `checkpoint` is the log's signed note, left out when the device knows this state; `consistency` (base64 hashes)
    proves that it continues the watermark, left out when that is of another life or longer than the log.
    `safe_upto`: this device's records up to there are in the school's newest backup, with all their files (0: none).
    `offers` names what a server can do that version 1 did not ask of it; a phone uses nothing that is not offered.
    """

    server: str
    version: int
    oldest_version: int
    school: str
    gen: str
    size: int
    time: str
    standing: str
    push_batch: int = DEFAULT_PUSH_BATCH
    chunk_bytes: int = DEFAULT_CHUNK_BYTES
    safe_upto: int | None = None
    checkpoint: str | None = None
    consistency: list[str] | None = None
    offers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SealedWire:
    """A sealed record in JSON: the exact UTF-8 text that was signed, the signature (base64), the key's id."""

    payload: str
    sig: str
    keyid: str


@dataclass(frozen=True)
class ReceiptWire:
    """A receipt: canonical JSON text and the server's signature (base64). Byte-equal on every repetition."""

    payload: str
    sig: str


@dataclass(frozen=True)
class PushRequest:
    """Records, oldest first. `sent_at` is the device's own time as it sends, so that its clock can be measured."""

    records: list[SealedWire]
    sent_at: str | None = None
    wm: Watermark | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one record; the phone marks by `rid`, never by status."""

    rid: str
    verdict: str
    code: str | None = None
    sseq: int | None = None
    receipt: ReceiptWire | None = None


@dataclass(frozen=True)
class PushReply:
    """One outcome per record sent, in the same order; checkpoint and consistency as in hello."""

    outcomes: list[Outcome]
    gen: str
    size: int
    checkpoint: str | None = None
    consistency: list[str] | None = None


@dataclass(frozen=True)
class LogProof:
    """The log's newest checkpoint, and what was asked of it: base64 hashes.

    `proof` leads from record `index` to the root, `consistency` from an older state to this one.
    """

    checkpoint: str
    index: int | None = None
    proof: list[str] | None = None
    consistency: list[str] | None = None


@dataclass(frozen=True)
class PulledRecord:
    """A record of the school's log that this phone may see; its device's clock was `clock_offset` seconds ahead.

    `rid` is given where something only few may read was left out: then the payload is a copy without a seal.
    """

    sseq: int
    received_at: str
    sealed: SealedWire
    clock_offset: int = 0
    rid: str | None = None


@dataclass(frozen=True)
class Row:
    """The latest value of one key of a feed; None means it is gone from this phone's scope."""

    feed: str
    key: str
    value: dict[str, Any] | None


@dataclass(frozen=True)
class PullReply:
    """What is new after a cursor; ask again with `next` while `more`.

    A page brings `checkpoint` and `consistency` as in hello, to a device that says which state it knows, and many
    rows of a feed as one of `tables`, to a device that asks for that.
    """

    records: list[PulledRecord]
    rows: list[Row]
    next: int
    more: bool
    gen: str
    checkpoint: str | None = None
    consistency: list[str] | None = None
    tables: list[Table] | None = None


@dataclass(frozen=True)
class MissingRequest:
    """Which of these does the server lack? `with_files`: also of the files that those of `rids` name that it has."""

    rids: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    with_files: bool | None = None


@dataclass(frozen=True)
class FileOffset:
    """A file the server lacks, and the byte from which it lacks it."""

    sha256: str
    offset: int


@dataclass(frozen=True)
class MissingReply:
    """The records and files the server lacks."""

    rids: list[str]
    files: list[FileOffset]


@dataclass(frozen=True)
class CompareRequest:
    """What a phone has of everything that it was given, part by part."""

    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class CompareReply:
    """The parts that differ, as the school has them for this person at `size` of generation `gen`.

    `rids` (their first digits) names all records that this person may see; left out unless the records differ.
    """

    gen: str
    size: int
    differing: list[Part]
    rids: list[str] | None = None


@dataclass(frozen=True)
class Receipt:
    """What the school certifies: record `rid` has place `sseq` in the log of generation `gen` since `received_at`."""

    school: str
    rid: str
    sseq: int
    gen: str
    received_at: str
    verdict: str


class SyncConversation(Protocol):
    """The conversation as the phone holds it: over HTTP in life, directly in tests."""

    def hello(self, wm: Watermark | None = None) -> HelloReply:
        """Versions, clocks, standing; `wm` is the state of the log that this device knows."""

    def push(self, request: PushRequest) -> PushReply:
        """Hands records over; one bad record never blocks the rest."""

    def pull(self, after: int, limit: int, wm: Watermark | None = None) -> PullReply:
        """What is new after the cursor `after`."""

    def missing(self, request: MissingRequest) -> MissingReply:
        """What the server lacks of these."""

    def compare(self, request: CompareRequest) -> CompareReply:
        """In which parts this phone's copy differs from what the school has for it."""

    def file_offset(self, sha256: str, size: int, type: str) -> int:
        """Announces a file; the byte from which the server wants it (== size when it has it)."""

    def send_chunk(self, sha256: str, offset: int, size: int, chunk: bytes) -> int:
        """Sends bytes of a file; the offset up to which the server keeps it now."""

    def pack_offset(self, pack: Pack) -> int:
        """Announces files that come as one stream; the byte from which the server wants it."""

    def send_pack(self, pack: Pack, offset: int, pieces: Iterable[bytes], fresh: bool) -> int:
        """Sends all of a pack from `offset` on; the offset up to which the server keeps it now.

        `fresh`: it is announced by this very request, whose bytes are the first ones.
        """


def sealed_to_wire(sealed: Sealed) -> SealedWire:
    """The record as it travels in JSON."""
    return SealedWire(sealed.payload.decode(), b64(sealed.signature), sealed.keyid)


def sealed_from_wire(wire: SealedWire) -> Sealed:
    """The record that travelled. Raises RequestMalformed when text or signature cannot be bytes."""
    payload = _bytes_of(wire.payload)
    return Sealed(payload, unb64(wire.sig), wire.keyid)


def make_receipt(receipt: Receipt, signer: Signer) -> ReceiptWire:
    """Signs a receipt; done once per record and stored with it."""
    payload = canonical({"v": VERSION, **receipt.__dict__})
    return ReceiptWire(payload.decode(), b64(signer.sign(pae(RECEIPT_TYPE, payload))))


def read_receipt(wire: ReceiptWire, server_key: bytes, verifier: Verifier) -> Receipt:
    """The receipt inside. Raises SealBroken when it is not this school's, RequestMalformed when it is no receipt."""
    payload = _bytes_of(wire.payload)
    if not verifier.verify(server_key, pae(RECEIPT_TYPE, payload), unb64(wire.sig)):
        raise SealBroken(what="receipt")
    return from_json(Receipt, _loads(payload))


def _bytes_of(payload: str) -> bytes:
    try:
        return payload.encode()
    except UnicodeEncodeError as error:  # half a character: nobody can have signed that
        raise RequestMalformed(field="payload") from error


def b64(raw: bytes) -> str:
    """Standard base64 text."""
    return base64.b64encode(raw).decode()


def unb64(text: str) -> bytes:
    """The bytes of standard base64 text. Raises RequestMalformed."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestMalformed(field="base64") from error


def _loads(payload: bytes) -> object:
    try:
        return json.loads(payload)
    except ValueError as error:
        raise RequestMalformed(field="payload") from error
