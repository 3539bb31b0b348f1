"""Files on disk: parts grow under `parts/`, whole files lie under `files/ab/<sha256>` and never change."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sync_server.store.durable import sync_folder

READ_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Announcement:
    """What a device said it is about to send."""

    size: int
    type: str


@dataclass(frozen=True)
class Part:
    """A file on its way: bytes received so far, when the last of them came (seconds since the epoch)."""

    school: str
    sha256: str
    received: int
    touched: float


class Blobs:
    """The files of a deployment, below one folder. Every name is a checked hash, never a client's text."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._files = root / "files"
        self._parts = root / "parts"

    def path(self, sha256: str) -> Path:
        """Where the whole file lies."""
        return self._files / sha256[:2] / sha256

    def holds(self, sha256: str, size: int) -> bool:
        """Whether the whole file is there with the right length."""
        try:
            return self.path(sha256).stat().st_size == size
        except OSError:
            return False

    def announced(self, school: str, sha256: str) -> Announcement | None:
        """What was announced under this hash, if anything."""
        try:
            return Announcement(**json.loads(self._said(school, sha256).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def announce(self, school: str, sha256: str, announcement: Announcement) -> None:
        """Notes what is coming; bytes received before stay. Raises OSError when the disk is full."""
        said = self._said(school, sha256)
        said.parent.mkdir(parents=True, exist_ok=True)
        fresh = said.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(announcement.__dict__))
            os.replace(fresh, said)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise

    def received(self, school: str, sha256: str) -> int:
        """Bytes of the part that are on disk: after any crash, this and nothing else is the offset."""
        try:
            return self._part(school, sha256).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, school: str, sha256: str, chunk: bytes) -> None:
        """Adds bytes at the end of the part. Raises OSError; whatever fitted before that stays and counts."""
        with self._part(school, sha256).open("ab", buffering=0) as part:
            rest = memoryview(chunk)
            while rest:
                rest = rest[part.write(rest) :]

    def digest(self, school: str, sha256: str) -> str:
        """SHA-256 of the part as it lies on disk."""
        found = hashlib.sha256()
        with self._part(school, sha256).open("rb") as part:
            while piece := part.read(READ_BYTES):
                found.update(piece)
        return found.hexdigest()

    def part_path(self, school: str, sha256: str) -> Path:
        """Where the part lies, for those who look at its content."""
        return self._part(school, sha256)

    def keep(self, school: str, sha256: str) -> None:
        """The part is whole: sync it, give it its final name, sync the folder; then it survives a power cut."""
        part, final = self._part(school, sha256), self.path(sha256)
        with part.open("rb+") as opened:
            os.fsync(opened.fileno())
        if not final.parent.is_dir():
            final.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(self._files)
        os.replace(part, final)
        sync_folder(final.parent)

    def drop(self, school: str, sha256: str) -> None:
        """Forgets the part and its announcement."""
        self._part(school, sha256).unlink(missing_ok=True)
        self.forget(school, sha256)

    def forget(self, school: str, sha256: str) -> None:
        """Forgets the announcement only."""
        self._said(school, sha256).unlink(missing_ok=True)

    def parts(self) -> Iterator[Part]:
        """Every part, and every announcement that no byte followed yet."""
        for said in sorted(self._parts.glob("*/*.said")):
            school, sha256 = said.parent.name, said.stem
            with suppress(FileNotFoundError):
                touched = max(path.stat().st_mtime for path in (said, self._part(school, sha256)) if path.exists())
                yield Part(school, sha256, self.received(school, sha256), touched)

    def _part(self, school: str, sha256: str) -> Path:
        return self._parts / school / f"{sha256}.part"

    def _said(self, school: str, sha256: str) -> Path:
        return self._parts / school / f"{sha256}.said"
