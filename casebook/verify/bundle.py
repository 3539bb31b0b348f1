"""A case bundle: one JSON file with a child's records, what proves them, and what the school says about them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, TypeVar

from casebook.errors import RequestMalformed, SealBroken
from casebook.protocol import ReceiptWire, SchoolCard, SealedWire, b64, from_json, to_json, unb64
from casebook.records import canonical
from casebook.sealing import Signer, Verifier, pae

FORMAT = "jiafang-case-bundle"
VERSION = 1
MAX_BUNDLE_BYTES = 256 * 1024 * 1024
DEVICE_TYPE = "application/vnd.jiafang.device+json"
CONTENTS_TYPE = "application/vnd.jiafang.contents+json"

T = TypeVar("T")


@dataclass(frozen=True)
class Statement:
    """What the school says under its seal: canonical JSON text and the signature (base64)."""

    payload: str
    sig: str


@dataclass(frozen=True)
class Certificate:
    """Whose key a device's is: `dev` is the SHA-256 of `public_key` (base64), `holder` a name for people."""

    school: str
    dev: str
    public_key: str
    account: str
    holder: str
    office: bool
    enrolled_at: str
    revoked_at: str | None = None
    v: int = VERSION


@dataclass(frozen=True)
class Contents:
    """What the bundle of a case holds, in the school's word: every record of the child when the log had `size`.

    `elsewhere` names records that these ones refer to although they belong to other children (of the same home),
    `arrived` the files that are at school, `flags` what the school noted when a record arrived (rid -> flags).
    """

    school: str
    name: str
    case: str
    gen: str
    size: int
    root: str
    made_at: str
    rids: list[str]
    elsewhere: list[str]
    arrived: list[str]
    flags: dict[str, Any]
    v: int = VERSION


@dataclass(frozen=True)
class BundledRecord:
    """A record as it was sealed, its receipt, and the proof that it is leaf `index` of the newest checkpoint's tree."""

    sealed: SealedWire
    receipt: ReceiptWire | None = None
    index: int | None = None
    proof: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class BundledCheckpoint:
    """A signed checkpoint and the proof that the bundle's newest one continues it."""

    note: str
    proof: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Bundle:
    """A child's case file with its proofs. `key` is the school's (name+id+key); the last checkpoint is the newest.

    Files are not in it: the records name their hashes, sizes and types, the contents which of them are at school.
    """

    format: str
    v: int
    school: SchoolCard
    case: str
    key: str
    records: list[BundledRecord]
    checkpoints: list[BundledCheckpoint]
    devices: list[Statement]
    contents: Statement


def write_bundle(bundle: Bundle) -> bytes:
    """The file's bytes: JSON with one record or proof a line, so that it can be looked at."""
    return json.dumps(to_json(bundle), ensure_ascii=False, indent=1).encode() + b"\n"


def read_bundle(content: bytes) -> Bundle:
    """The bundle that a file says. Raises RequestMalformed when it is none, or of a version we do not know."""
    if len(content) > MAX_BUNDLE_BYTES:
        raise RequestMalformed(field="size")
    bundle = from_json(Bundle, _loads(content))
    if bundle.format != FORMAT or bundle.v != VERSION:
        raise RequestMalformed(field="format")
    return bundle


def state(kind: str, said: object, signer: Signer) -> Statement:
    """A statement of the school, sealed."""
    payload = canonical(to_json(said))
    return Statement(payload.decode(), b64(signer.sign(pae(kind, payload))))


def hear(kind: str, shape: type[T], statement: Statement, key: bytes, verifier: Verifier) -> T:
    """What the school says in a statement. Raises SealBroken when it is not the school's, RequestMalformed."""
    try:
        payload = statement.payload.encode()
    except UnicodeEncodeError as error:
        raise RequestMalformed(field="payload") from error
    if not verifier.verify(key, pae(kind, payload), unb64(statement.sig)):
        raise SealBroken(what="statement")
    return from_json(shape, _loads(payload))


def _loads(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RequestMalformed(field="json") from error
