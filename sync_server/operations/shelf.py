"""The place where backups stand: one folder each, and beside them the files of all, each stored once by its hash.

    <shelf>/jiafang-backups.txt       says what this folder is: a disk that is not plugged in has none
    <shelf>/files/ab/<sha256>         photos, strokes, documents; never changed
    <shelf>/20261122-020000/          one backup: jiafang.db, keys, manifest.json, SHA256SUMS

Works on disks that know no hard links. A folder without its manifest, or whose name ends with `.new`, is no backup.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sync_server.operations import manifest, rotation
from sync_server.operations.faults import OperationFailed, of_disk
from sync_server.operations.manifest import Manifest
from sync_server.store import durable
from sync_server.store.durable import UNFINISHED

MARK = "jiafang-backups.txt"
MARK_TEXT = b"Backups of a Jiafang server. Keep this disk locked away. Restore: python -m sync_server restore\n"
MANIFEST, SUMS, DATABASE, KEYS = "manifest.json", "SHA256SUMS", "jiafang.db", "keys"
NAME = "%Y%m%d-%H%M%S"
FORGOTTEN_SECONDS = 24 * 3600  # what is unfinished for so long was killed


@dataclass(frozen=True)
class Backup:
    """One finished backup on a shelf."""

    folder: Path
    manifest: Manifest

    @property
    def made_at(self) -> dt.datetime:
        """The moment of the school that is inside."""
        return dt.datetime.fromisoformat(self.manifest.made_at)

    @property
    def shelf(self) -> Shelf:
        """Where it stands."""
        return Shelf(self.folder.parent)


class Shelf:
    """A folder for backups, on another disk if possible."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def set_up(self) -> None:
        """Makes the folder a shelf. Raises OperationFailed."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self.is_there():
                durable.keep(self.root / MARK, MARK_TEXT)
                durable.sync_folder(self.root)
        except OSError as error:
            raise of_disk(error, self.root) from error

    def is_there(self) -> bool:
        """Whether the disk is plugged in: an empty mount point is not taken for the shelf."""
        return (self.root / MARK).is_file()

    def require(self) -> None:
        """Raises OperationFailed (shelf_absent)."""
        if not self.is_there():
            raise OperationFailed("shelf_absent", place=self.root)

    def backups(self, schools: Collection[str] = ()) -> list[Backup]:
        """The finished backups that hold one of `schools` (of any, when none is named), the newest first."""
        found = [backup for backup in self._all() if not schools or set(schools) & backup.manifest.schools.keys()]
        return sorted(found, key=lambda backup: backup.made_at, reverse=True)

    def file(self, sha256: str) -> Path:
        """Where a file of the backups lies."""
        return self.root / "files" / sha256[:2] / sha256

    def holds(self, sha256: str, size: int) -> bool:
        """Whether the file is here with the right length; it was checked by its hash when it was taken in."""
        try:
            return self.file(sha256).stat().st_size == size
        except OSError:
            return False

    def take_in(self, source: Path, sha256: str, *, link: bool) -> int:
        """Copies one file in; sync the folders with `settle`. Raises Altered, OSError."""
        target = self.file(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        return durable.copy(source, target, sha256, link=link)

    def cast_out(self, sha256: str) -> None:
        """A file that went bad is put aside, so that the next backup copies it anew."""
        bad = self.file(sha256)
        with suppress(OSError):
            bad.rename(bad.with_name(f"{sha256}.bad"))

    def settle(self) -> None:
        """Makes the names of files that were taken in durable."""
        for folder in (self.root / "files").glob("??"):
            durable.sync_folder(folder)
        for folder in (self.root / "files", self.root):
            if folder.is_dir():
                durable.sync_folder(folder)

    def begin(self, at: dt.datetime) -> Path:
        """A fresh folder for a backup that is being made."""
        fresh = durable.unfinished(self.root / at.strftime(NAME))
        fresh.mkdir(mode=0o700)
        return fresh

    def finish(self, fresh: Path, at: dt.datetime) -> Backup:
        """The folder is whole and synced: from now on it counts. Raises OSError."""
        final = self.root / at.strftime(NAME)
        fresh.rename(final)
        durable.sync_folder(self.root)
        return self.open(final.name)

    def open(self, name: str) -> Backup:
        """One backup by the name of its folder. Raises OperationFailed (backup_unreadable)."""
        try:
            return Backup(self.root / name, manifest.read((self.root / name / MANIFEST).read_bytes()))
        except (OSError, manifest.Unreadable) as error:
            raise OperationFailed("backup_unreadable", place=self.root / name) from error

    def rotate(self, schools: Collection[str]) -> int:
        """Removes backups of these schools that need not be kept; files stay, for the others. Returns how many."""
        found = self.backups(schools)
        kept = rotation.kept(backup.made_at for backup in found)
        gone = [backup for backup in found if backup.made_at not in kept]
        for backup in gone:
            aside = durable.unfinished(backup.folder)  # half removed it must not count
            with suppress(OSError):
                backup.folder.rename(aside)
                shutil.rmtree(aside, ignore_errors=True)
        return len(gone)

    def sweep(self) -> None:
        """Removes what killed backups left behind."""
        limit = time.time() - FORGOTTEN_SECONDS
        left = [*self.root.glob(f"*{UNFINISHED}"), *self.root.glob(f"files/??/*{UNFINISHED}")]
        for path in left:
            with suppress(OSError):
                if path.stat().st_mtime < limit:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _all(self) -> Iterator[Backup]:
        with suppress(OSError):
            for path in sorted(self.root.iterdir()):
                if path.is_dir() and not path.name.endswith(UNFINISHED) and (path / MANIFEST).is_file():
                    with suppress(OperationFailed):
                        yield self.open(path.name)


def backup_at(folder: Path) -> Backup:
    """The backup in a folder, or the newest one on a shelf. Raises OperationFailed (backup_unreadable)."""
    if (folder / MARK).is_file():
        found = Shelf(folder).backups()
        if not found:
            raise OperationFailed("backup_unreadable", place=folder)
        return found[0]
    return Shelf(folder.absolute().parent).open(folder.absolute().name)
