"""The seal over a record's bytes: an Ed25519 signature in DSSE framing, and the device's chain.

From sealing on, the bytes are stored, sent and verified as written. The cryptography itself comes in as a
Signer or Verifier.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from casebook.errors import RecordMalformed, SealBroken, UnknownKey
from casebook.records import Record, decode, encode, rid_of

RECORD_TYPE = "application/vnd.jiafang.record+json"
RECEIPT_TYPE = "application/vnd.jiafang.receipt+json"


class Signer(Protocol):
    """Holds a device's private key."""

    @property
    def public_key(self) -> bytes:
        """The raw 32-byte public key."""

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`."""


class Verifier(Protocol):
    """Checks signatures."""

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Whether `signature` over `message` was made with the private half of `public_key`."""


@dataclass(frozen=True)
class Sealed:
    """A record as it travels: its exact bytes, the signature over them, and the id of the key that made it."""

    payload: bytes
    signature: bytes
    keyid: str

    @cached_property
    def rid(self) -> str:
        """The record's id."""
        return rid_of(self.payload)


@dataclass(frozen=True)
class ChainHead:
    """The newest record known of one device's epoch."""

    ep: int
    seq: int
    rid: str


def device_id(public_key: bytes) -> str:
    """A device is named by the SHA-256 of its public key, 64 hex digits."""
    return hashlib.sha256(public_key).hexdigest()


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE pre-authentication encoding: binds the bytes to what they claim to be."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def seal(record: Record, signer: Signer) -> Sealed:
    """Seals `record` for good. Raises RecordMalformed, RecordTooLarge, or UnknownKey if `dev` is not the signer."""
    keyid = device_id(signer.public_key)
    if record.dev != keyid:
        raise UnknownKey(keyid=keyid)
    payload = encode(record)
    return Sealed(payload, signer.sign(pae(RECORD_TYPE, payload)), keyid)


def unseal(sealed: Sealed, public_key: bytes, verifier: Verifier) -> Record:
    """The record inside. Raises SealBroken if one bit differs from what was signed, RecordMalformed otherwise."""
    if device_id(public_key) != sealed.keyid:
        raise UnknownKey(keyid=sealed.keyid)
    if not verifier.verify(public_key, pae(RECORD_TYPE, sealed.payload), sealed.signature):
        raise SealBroken(rid=sealed.rid)
    record = decode(sealed.payload)
    if record.dev != sealed.keyid:
        raise RecordMalformed(field="dev")
    return record


def chain_finding(record: Record, head: ChainHead | None) -> str | None:
    """What the device's chain betrays when `record` follows `head` of the same epoch.

    None: it follows. "gap": records before it have not arrived. "fork": this place in the chain is taken by
    another record (a cloned or restored phone). "swapped": the number fits but it names another predecessor.
    """
    expected, previous = (head.seq + 1, head.rid) if head else (1, "")
    if record.seq > expected:
        return "gap"
    if record.seq < expected:
        return "fork"
    return None if record.prev == previous else "swapped"
