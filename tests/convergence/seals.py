"""Whose seals a simulation uses: real ones, or such as cost next to nothing and tell just as well who signed what."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from casebook.ed25519 import Ed25519Signer, Ed25519Verifier
from casebook.sealing import Signer, Verifier


class QuickSigner:
    """Signs by hashing; everyone who knows the public key could do it, but nobody here is a liar."""

    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def public_key(self) -> bytes:
        """32 bytes that belong to this name."""
        return hashlib.sha256(self._name.encode()).digest()

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return hashlib.sha256(self.public_key + message).digest() * 2


class QuickVerifier:
    """Knows what a `QuickSigner` would have signed."""

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Whether it is that."""
        return signature == hashlib.sha256(public_key + message).digest() * 2


@dataclass(frozen=True)
class Seals:
    """A way of sealing: the signer that belongs to a name, and who checks."""

    signer: Callable[[str], Signer]
    verifier: Verifier


QUICK = Seals(QuickSigner, QuickVerifier())
REAL = Seals(lambda name: Ed25519Signer.from_bytes(hashlib.sha256(name.encode()).digest()), Ed25519Verifier())


@dataclass
class KeyStore:
    """A phone's key, and how far it has counted its records, outside the database."""

    signer: Signer
    count_kept: tuple[int, int] | None = None

    def load_or_create(self) -> Signer:
        """The key."""
        return self.signer

    def counted(self) -> tuple[int, int] | None:
        """Epoch and number of the newest record sealed."""
        return self.count_kept

    def count(self, ep: int, seq: int) -> None:
        """Notes them."""
        self.count_kept = (ep, seq)
