"""Ed25519 keys by the `cryptography` library; only the edges of phone and server import this module."""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class Ed25519Signer:
    """A private key that signs. 32 raw bytes in and out."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._public = key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> Ed25519Signer:
        """A fresh key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, secret: bytes) -> Ed25519Signer:
        """The key kept as 32 raw bytes. Raises ValueError for any other length."""
        return cls(Ed25519PrivateKey.from_private_bytes(secret))

    def to_bytes(self) -> bytes:
        """The 32 raw bytes to keep secret."""
        return self._key.private_bytes_raw()

    @property
    def public_key(self) -> bytes:
        """The raw 32-byte public key."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`."""
        return self._key.sign(message)


@lru_cache(maxsize=1024)
def _key(public_key: bytes) -> Ed25519PublicKey:
    """The key of these bytes. Raises ValueError."""
    return Ed25519PublicKey.from_public_bytes(public_key)


class Ed25519Verifier:
    """Checks Ed25519 signatures."""

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Whether `signature` over `message` fits `public_key`; malformed input is simply false."""
        try:
            _key(public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True
