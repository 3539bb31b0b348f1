"""Photos and signatures as files named by the SHA-256 of what they hold: written once, never changed."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from casebook.errors import FileDamaged, NoSuchFile
from fieldapp.store.failures import storage_failures
from fieldapp.store.vault import Vault

ORPHAN_AGE_S = 3600  # younger files may be on their way into a row


class FileFolder:
    """A folder of immutable files. A file is there completely or not at all, also after a power cut."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, content: bytes) -> str:
        """Keeps `content` durably; its sha256. Raises StorageFull and then leaves nothing behind."""
        sha256 = hashlib.sha256(content).hexdigest()
        with storage_failures():
            if self.has(sha256):
                os.utime(self._path(sha256))  # young again: the sweep leaves it alone until a row names it
            else:
                self._write(self._path(sha256), self._vault.seal(f"file:{sha256}", content))
        return sha256

    def has(self, sha256: str) -> bool:
        """Whether the file is here."""
        return self._path(sha256).is_file()

    def get(self, sha256: str) -> bytes:
        """The content. Raises NoSuchFile, or FileDamaged when it is not what its name says."""
        try:
            sealed = self._path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise NoSuchFile(sha256=sha256) from error
        content = self._vault.open(f"file:{sha256}", sealed)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FileDamaged(sha256=sha256)
        return content

    def remove(self, sha256: str) -> None:
        """Deletes the file; the caller knows that no row names it."""
        with suppress(OSError):
            self._path(sha256).unlink(missing_ok=True)

    def sweep(self, named: Collection[str], older_than_s: float = ORPHAN_AGE_S) -> int:
        """Deletes old files that no row names, and temporary ones a kill left behind; how many."""
        limit = time.time() - older_than_s
        swept = 0
        for path in self._folder.iterdir():
            with suppress(OSError):
                if path.name not in named and path.stat().st_mtime < limit:
                    path.unlink()
                    swept += 1
        return swept

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256

    def _write(self, path: Path, sealed: bytes) -> None:
        temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            try:
                write_all(descriptor, sealed)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(self._folder)


def sync_folder(folder: Path) -> None:
    """Makes renames in `folder` durable; Windows cannot open a folder and does not need it."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, content: bytes) -> None:
    """Writes every byte, however few the system takes at a time."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
