"""Makes a backup while the school works on: the database at one moment first, then the files that it names.

Files are never changed and never removed, so those that are copied later are all that the database knows, and more.
Everything is written under another name, synced, and renamed: killed at any moment, the backups before stay good.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from casebook.errors import StorageFull, StoreDamaged
from sync_server import keys
from sync_server.operations.faults import OperationFailed, of_disk
from sync_server.operations.manifest import Manifest
from sync_server.operations.shelf import DATABASE, KEYS, MANIFEST, SUMS, Backup, Shelf
from sync_server.store import durable, snapshot
from sync_server.store.durable import Altered
from sync_server.store.engine import Store
from sync_server.store.filestore import FileStore

#: What stays free on the backup's disk; where it is the school's own disk, the school's reserve stays as well.
SPARE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Source:
    """What is backed up: a deployment's database, files and keys; `passphrase` locks the keys in the backup."""

    store: Store
    files: FileStore
    data: Path
    reserve_bytes: int
    passphrase: str = ""


@dataclass(frozen=True)
class Made:
    """A finished backup: `copied` files of `copied_bytes` are new on the shelf, `removed` backups were old.

    `first_lacking` maps school -> device -> the first of its records of which not every file is in the backup.
    """

    backup: Backup
    copied: int
    copied_bytes: int
    removed: int
    first_lacking: Mapping[str, Mapping[str, int]]


def back_up(source: Source, shelf: Shelf, at: dt.datetime) -> Made:
    """Makes one backup, checks it by reading it again, and then removes those that are too old.

    Raises OperationFailed: nothing changed then but, perhaps, some more files on the shelf, which the next one uses.
    """
    shelf.require()
    shelf.sweep()
    try:
        fresh = shelf.begin(at)
        try:
            return _made(source, shelf, fresh, at)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)  # finished, it has another name
    except StorageFull as error:
        raise OperationFailed("disk_full", place=shelf.root) from error
    except StoreDamaged as error:
        raise OperationFailed("snapshot_failed") from error
    except OSError as error:
        raise of_disk(error, shelf.root) from error


def _made(source: Source, shelf: Shelf, fresh: Path, at: dt.datetime) -> Made:
    copy = fresh / DATABASE
    _need_room(source, shelf, snapshot.size_of(source.store))
    snapshot.take(source.store, copy)
    if snapshot.complaints(copy):
        raise OperationFailed("snapshot_unsound")
    wanted = snapshot.files_in(copy)
    copied, lacking = _take_files_in(source, shelf, wanted)
    _keep_keys(source, fresh / KEYS)
    _write_down(fresh, wanted, lacking, at, locked=bool(source.passphrase))
    backup = shelf.finish(fresh, at)
    removed = shelf.rotate(backup.manifest.schools)
    return Made(backup, len(copied), sum(copied), removed, snapshot.not_whole(backup.folder / DATABASE, lacking))


def _take_files_in(source: Source, shelf: Shelf, wanted: Mapping[str, int]) -> tuple[list[int], list[str]]:
    """Copies what the shelf lacks: the sizes of what was copied, the hashes of what is not good at school."""
    new = [sha256 for sha256, size in wanted.items() if not shelf.holds(sha256, size)]
    link = _same_disk(source.data, shelf.root)
    _need_room(source, shelf, 0 if link else sum(wanted[sha256] for sha256 in new))
    copied, lacking = [], []
    for sha256 in new:
        try:
            with source.files.at_hand(sha256) as path:
                copied.append(shelf.take_in(path, sha256, link=link))
        except (Altered, FileNotFoundError):
            lacking.append(sha256)
    shelf.settle()
    return copied, lacking


def _keep_keys(source: Source, folder: Path) -> None:
    """The school's secrets, readable by nobody else where the disk knows owners; locked when there is a passphrase."""
    folder.mkdir(mode=0o700)
    for path in keys.files_in(source.data / "keys"):
        secret = path.read_bytes()
        durable.keep(folder / path.name, keys.lock(secret, source.passphrase) if source.passphrase else secret, 0o600)
    durable.sync_folder(folder)


def _write_down(fresh: Path, wanted: Mapping[str, int], lacking: list[str], at: dt.datetime, *, locked: bool) -> None:
    """The manifest comes last; the sums are in the format that `sha256sum -c` reads."""
    copy, good = fresh / DATABASE, [sha256 for sha256 in wanted if sha256 not in set(lacking)]
    own = [copy, *sorted((fresh / KEYS).iterdir())]
    sums = {path.relative_to(fresh).as_posix(): durable.digest(path) for path in own}
    lines = [f"{sha256}  {name}" for name, sha256 in sums.items()]
    lines += [f"{sha256}  ../files/{sha256[:2]}/{sha256}" for sha256 in good]
    durable.keep(fresh / SUMS, "".join(f"{line}\n" for line in lines).encode())
    sums[SUMS] = durable.digest(fresh / SUMS)
    schools = {school.id: school.sseq for school in snapshot.schools_in(copy)}
    said = Manifest(
        made_at=at.isoformat(timespec="seconds"), migration=snapshot.version_of(copy), schools=schools, sums=sums,
        files=len(good), file_bytes=sum(wanted[sha256] for sha256 in good), keys_locked=locked, lacking=tuple(lacking),
    )  # fmt: skip
    durable.keep(fresh / MANIFEST, said.to_bytes())
    durable.sync_folder(fresh)


def _need_room(source: Source, shelf: Shelf, size: int) -> None:
    spare = SPARE_BYTES + (source.reserve_bytes if _same_disk(source.data, shelf.root) else 0)
    if shutil.disk_usage(shelf.root).free < size + spare:
        raise OperationFailed("disk_full", place=shelf.root)


def _same_disk(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev
