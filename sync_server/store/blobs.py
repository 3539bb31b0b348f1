"""Files on their way in: parts grow under `parts/`; whole ones go to the file store and never change."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sync_server.store.filestore import FileStore, LocalFiles


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
    """The files of a deployment: parts grow in a folder here, whole files lie wherever `files` keeps them.

    Every name is a checked hash, never a client's text.
    """

    def __init__(self, root: Path, files: FileStore | None = None) -> None:
        self.root = root
        self.files: FileStore = files or LocalFiles(root)
        self._parts = os.path.join(root, "parts")  # texts: to make a path of each costs more than to ask the disk

    def path(self, sha256: str) -> Path:
        """Where a whole file lies that is kept here."""
        return LocalFiles(self.root).path(sha256)

    def holds(self, sha256: str, size: int) -> bool:
        """Whether the whole file is there with the right length."""
        return self.files.holds(sha256, size)

    def announced(self, school: str, sha256: str) -> Announcement | None:
        """What was announced under this hash, if anything."""
        try:
            return Announcement(**json.loads(Path(self._said(school, sha256)).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def announce(self, school: str, sha256: str, announcement: Announcement) -> None:
        """Notes what is coming; bytes received before stay. Raises OSError when the disk is full."""
        self._note(self._said(school, sha256), json.dumps(announcement.__dict__))

    def received(self, school: str, sha256: str) -> int:
        """Bytes of the part that are on disk: after any crash, this and nothing else is the offset."""
        try:
            return os.stat(self._part(school, sha256)).st_size
        except FileNotFoundError:
            return 0

    def append(self, school: str, sha256: str, chunk: bytes | memoryview) -> None:
        """Adds bytes at the end of the part. Raises OSError; whatever fitted before that stays and counts."""
        part, rest = self._opened(self._part(school, sha256)), memoryview(chunk)
        try:
            while rest:
                rest = rest[os.write(part, rest) :]
        finally:
            os.close(part)

    def part(self, school: str, sha256: str) -> bytes:
        """The part as it lies on disk. Raises FileNotFoundError when it is none (any more)."""
        with open(self._part(school, sha256), "rb", buffering=0) as part:
            return part.readall()

    def cut_back(self, school: str, sha256: str, size: int) -> None:
        """Takes away what came after the first `size` bytes of the part."""
        with suppress(FileNotFoundError):
            os.truncate(self._part(school, sha256), size)

    def announce_pack(self, school: str, pack: str, manifest: str) -> None:
        """Notes which files come as this pack. Raises OSError when the disk is full."""
        self._note(self._pack(school, pack), manifest)

    def pack(self, school: str, pack: str) -> str | None:
        """The manifest that was announced under this id, if any."""
        try:
            return Path(self._pack(school, pack)).read_text()
        except OSError:
            return None

    def keep_all(self, parts: Sequence[tuple[str, str]]) -> None:
        """These parts (school, hash) are whole and were checked: they become files that survive a power cut."""
        self.files.take_in([(self._part(school, sha256), sha256) for school, sha256 in parts])

    def drop(self, school: str, sha256: str) -> None:
        """Forgets the part and its announcement."""
        with suppress(FileNotFoundError):
            os.unlink(self._part(school, sha256))
        self.forget(school, sha256)

    def forget(self, school: str, sha256: str) -> None:
        """Forgets the announcement only."""
        with suppress(FileNotFoundError):
            os.unlink(self._said(school, sha256))

    def parts(self) -> Iterator[Part]:
        """Every part, and every announcement that no byte followed yet."""
        found = [path for end in ("said", "part") for path in Path(self._parts).glob(f"*/*.{end}")]
        names = {(path.parent.name, path.stem) for path in found}
        for school, sha256 in sorted(names):
            with suppress(FileNotFoundError):
                paths = (Path(self._said(school, sha256)), Path(self._part(school, sha256)))
                touched = max(path.stat().st_mtime for path in paths if path.exists())
                yield Part(school, sha256, self.received(school, sha256), touched)

    def forget_packs(self, before: float) -> None:
        """Forgets manifests that were announced before a time (seconds since the epoch); their parts stay."""
        for path in Path(self._parts).glob("*/*.pack"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def _opened(self, part: str) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        try:
            return os.open(part, flags, 0o666)
        except FileNotFoundError:  # the first of this school
            os.makedirs(os.path.dirname(part), exist_ok=True)
            return os.open(part, flags, 0o666)

    def _note(self, place: str, text: str) -> None:
        path = Path(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        try:
            fresh.write_text(text)
            os.replace(fresh, path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise

    def _part(self, school: str, sha256: str) -> str:
        return os.path.join(self._parts, school, f"{sha256}.part")

    def _said(self, school: str, sha256: str) -> str:
        return os.path.join(self._parts, school, f"{sha256}.said")

    def _pack(self, school: str, pack: str) -> str:
        return os.path.join(self._parts, school, f"{pack}.pack")
