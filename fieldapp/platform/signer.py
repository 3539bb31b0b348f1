"""Keeps the device's signing key, and beside it, outside the database, how far it has counted its records.

Today files only this user may read; the phone's key store comes later.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from casebook.errors import StoreDamaged
from fieldapp.store.failures import storage_failures
from fieldapp.store.files import sync_folder, write_all

if TYPE_CHECKING:
    from casebook.sealing import Signer

KEY_BYTES = 32


class SignerStore(Protocol):
    """Where the device's key lives."""

    def load_or_create(self) -> Signer:
        """The device's key, made at first use."""

    def counted(self) -> tuple[int, int] | None:
        """Epoch and number of the newest record sealed with this key, as far as it was noted."""

    def count(self, ep: int, seq: int) -> None:
        """Notes them; whatever prevents that is no reason not to seal."""


class FileSignerStore:
    """The key as 32 raw bytes in `device.key`, readable by this user only; `device.count` beside it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "device.key"
        self._count = folder / "device.count"

    def load_or_create(self) -> Signer:
        """The device's key. Raises StoreDamaged when the file holds no key, StorageFull when it cannot be made."""
        from casebook.ed25519 import Ed25519Signer

        with storage_failures():
            if not self._path.exists():
                self._create(Ed25519Signer.generate().to_bytes())
            secret = self._path.read_bytes()
        if len(secret) != KEY_BYTES:
            raise StoreDamaged(what="device_key")
        return Ed25519Signer.from_bytes(secret)

    def counted(self) -> tuple[int, int] | None:
        """Epoch and number of the newest record sealed with this key, as far as it was noted."""
        try:
            ep, seq = self._count.read_text("ascii").split()
            return int(ep), int(seq)
        except (OSError, ValueError):
            return None

    def count(self, ep: int, seq: int) -> None:
        """Notes them without waiting for the disk: a count that is behind only warns later."""
        temporary = self._count.with_suffix(".part")
        with suppress(OSError):
            temporary.write_text(f"{ep} {seq}", "ascii")
            os.replace(temporary, self._count)

    def _create(self, secret: bytes) -> None:
        """Complete or not at all: half a key would lock the teacher out of an own chain."""
        temporary = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}.part")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            try:
                write_all(descriptor, secret)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            os.replace(temporary, self._path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(self._path.parent)
