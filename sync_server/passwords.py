"""Console passwords, kept as Argon2id hashes; the library is loaded when somebody logs in, not when we start."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pwdlib import PasswordHash

#: Characters that are not mistaken for each other when a password is copied from paper.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 12


def make() -> str:
    """A fresh password to print once: about 59 bits, in three groups."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def hashed(password: str) -> str:
    """The Argon2id hash to keep."""
    return _hasher().hash(password)


def matches(password: str, kept: str) -> bool:
    """Whether `password` is the one behind the hash.

    An empty hash (no console login, or no such account) costs the same time and is never matched, so the
    answer's delay does not tell which logins exist.
    """
    found = _hasher().verify(password, kept or _nobody())
    return found and bool(kept)


@cache
def _hasher() -> PasswordHash:
    from pwdlib import PasswordHash

    return PasswordHash.recommended()


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex(16))
