"""The school's two secrets: the key that signs receipts, and the key the office seals its records with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from casebook.ed25519 import Ed25519Signer


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
