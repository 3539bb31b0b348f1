"""Seals that cost next to nothing: who has signed what can be told apart, and that is all a simulation needs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property


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


@dataclass
class KeyStore:
    """A phone's key, and how far it has counted its records, outside the database."""

    signer: QuickSigner
    count_kept: tuple[int, int] | None = None

    def load_or_create(self) -> QuickSigner:
        """The key."""
        return self.signer

    def counted(self) -> tuple[int, int] | None:
        """Epoch and number of the newest record sealed."""
        return self.count_kept

    def count(self, ep: int, seq: int) -> None:
        """Notes them."""
        self.count_kept = (ep, seq)


class QuickVerifier:
    """Knows what a `QuickSigner` would have signed."""

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Whether it is that."""
        return signature == hashlib.sha256(public_key + message).digest() * 2
