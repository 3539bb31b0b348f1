"""The school's two secrets: the key that signs receipts, and the key the office seals its records with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from casebook.ed25519 import Ed25519Signer

#: A locked key begins with this, then salt, nonce and what AES-GCM made of the key.
LOCKED = b"jiafang-locked-key-1\n"
SALT_BYTES, NONCE_BYTES = 16, 12
SCRYPT_COST = 2**15  # 32 MB and a tenth of a second for every guess


class WrongPassphrase(Exception):
    """The passphrase does not open this key."""


@dataclass(frozen=True)
class Keys:
    """`receipt` certifies what arrived; `office` seals what the school itself writes."""

    receipt: Ed25519Signer
    office: Ed25519Signer


def make(folder: Path) -> Keys:
    """Makes the keys that are missing; those that exist are never touched."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("receipt", "office"):
        if not (folder / f"{name}.key").exists():
            _keep_secret(folder / f"{name}.key", Ed25519Signer.generate().to_bytes())
    return read(folder)


def read(folder: Path) -> Keys:
    """The school's keys. Raises FileNotFoundError."""
    receipt, office = ((folder / f"{name}.key").read_bytes() for name in ("receipt", "office"))
    return Keys(Ed25519Signer.from_bytes(receipt), Ed25519Signer.from_bytes(office))


def files_in(folder: Path) -> list[Path]:
    """The files of the keys, to be backed up."""
    return sorted(folder.glob("*.key"))


def lock(secret: bytes, passphrase: str) -> bytes:
    """The key as it may lie on a disk that is carried about: of no use without the passphrase."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    return LOCKED + salt + nonce + AESGCM(_derived(passphrase, salt)).encrypt(nonce, secret, LOCKED)


def unlock(kept: bytes, passphrase: str) -> bytes:
    """The key inside; one that was never locked comes back as it is. Raises WrongPassphrase."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not kept.startswith(LOCKED):
        return kept
    salt, rest = kept.removeprefix(LOCKED)[:SALT_BYTES], kept.removeprefix(LOCKED)[SALT_BYTES:]
    nonce, locked = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
    try:
        return AESGCM(_derived(passphrase, salt)).decrypt(nonce, locked, LOCKED)
    except (InvalidTag, ValueError) as error:
        raise WrongPassphrase() from error


def _derived(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, n=SCRYPT_COST, r=8, p=1).derive(passphrase.encode())


def _keep_secret(path: Path, secret: bytes) -> None:
    """Written whole or not at all, readable by the owner only."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
