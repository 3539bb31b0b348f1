"""Brings a backup back as a school's folder: whole or not at all, every file checked, and as another life of the store.

The new generation makes every phone offer again what the school may lack, so what was acknowledged after the backup
comes back from the phones.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from sync_server import founding, keys
from sync_server.audit import Act
from sync_server.operations.faults import OperationFailed, of_disk
from sync_server.operations.shelf import DATABASE, KEYS, Backup, Shelf
from sync_server.settings import Settings
from sync_server.store import audit, codes, durable, files, nights, schema, schools, sessions, snapshot, visits
from sync_server.store.audit import Line
from sync_server.store.blobs import Blobs
from sync_server.store.durable import Altered
from sync_server.store.engine import Connection, Store

WORKING = ".restoring"


@dataclass(frozen=True)
class Restored:
    """What came back: `files` of them, while `missing` are not in the backup and `altered` are not what they were."""

    data: Path
    backup: Backup
    files: int
    missing: tuple[str, ...]
    altered: tuple[str, ...]

    @property
    def lacking(self) -> tuple[str, ...]:
        """Files that the records name and that must come from the phones again."""
        return (*self.missing, *self.altered)


def restore(backup: Backup, data: Path, at: dt.datetime, passphrase: str = "") -> Restored:
    """Makes the folder `data`, which must be new or empty. Raises OperationFailed; then there is no such folder."""
    _refuse_what_cannot_be(backup, data)
    working = data.absolute().with_name(data.absolute().name + WORKING)
    try:
        shutil.rmtree(working, ignore_errors=True)
        working.mkdir(parents=True, mode=0o700)
        bring_back(backup, working, passphrase)
        restored = _with_files(backup, data, Blobs(working))
        renew(working, backup, restored.lacking, at)
        _put_in_place(working, data)
    except OSError as error:
        raise of_disk(error, data) from error
    finally:
        shutil.rmtree(working, ignore_errors=True)
    return restored


def bring_back(backup: Backup, folder: Path, passphrase: str) -> None:
    """Database and keys, as they were in the backup. Raises OperationFailed, OSError."""
    (folder / KEYS).mkdir(mode=0o700)
    for name, sha256 in backup.manifest.sums.items():
        try:
            if name == DATABASE:
                durable.copy(backup.folder / name, folder / name, sha256)
            elif name.startswith(f"{KEYS}/"):
                _bring_key(backup.folder / name, folder / name, sha256, passphrase)
            elif durable.digest(backup.folder / name) != sha256:
                raise Altered(sha256)
        except (Altered, FileNotFoundError) as error:
            raise OperationFailed("backup_altered", place=backup.folder / name) from error
    if snapshot.complaints(folder / DATABASE):
        raise OperationFailed("backup_altered", place=backup.folder / DATABASE)


def check_files(backup: Backup) -> tuple[int, list[str], list[str]]:
    """Reads every file of the backup: how many are good, which are missing, which are altered."""
    return _each_file(backup, lambda shelf, sha256: _same(shelf.file(sha256), sha256))


def renew(folder: Path, backup: Backup, lacking: tuple[str, ...], at: dt.datetime) -> None:
    """Another life of the store: new generation, nobody logged in, and files that are gone are waited for again."""
    settings = Settings(data=folder, database_url=None)
    if snapshot.version_of(folder / DATABASE) != schema.HEAD:
        founding.upgrade(settings)
    store, moment = Store(settings.store_url), at.isoformat(timespec="seconds")

    def work(conn: Connection) -> None:
        for school in schools.all_of(conn):
            schools.renew(conn, school.id, secrets.token_hex(8))
            sessions.forget_all(conn, school.id)
            codes.forget_all(conn, school.id)
            nights.forget(conn, school.id)
            for sha256 in lacking:
                files.forget(conn, school.id, sha256)
                visits.note_files(conn, school.id, [sha256])
            facts = {"backup": backup.folder.name, "sseq": schools.size(conn, school.id), "lacking": len(lacking)}
            audit.note(conn, school.id, Line(moment, "", Act.RESTORE.value, audit.RESTORED, facts))

    try:
        store.run_tx(work)
    finally:
        store.close()
    durable.sync(folder / DATABASE)


def _refuse_what_cannot_be(backup: Backup, data: Path) -> None:
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise OperationFailed("not_empty", place=data)
    if backup.manifest.migration > schema.HEAD:
        raise OperationFailed("newer_program", place=backup.folder)


def _bring_key(source: Path, target: Path, sha256: str, passphrase: str) -> None:
    kept = source.read_bytes()
    if durable.digest(source) != sha256:
        raise Altered(sha256)
    try:
        durable.keep(target, keys.unlock(kept, passphrase), 0o600)
    except keys.WrongPassphrase as error:
        raise OperationFailed("passphrase") from error


def _with_files(backup: Backup, data: Path, blobs: Blobs) -> Restored:
    def bring(shelf: Shelf, sha256: str) -> None:
        blobs.path(sha256).parent.mkdir(parents=True, exist_ok=True)
        durable.copy(shelf.file(sha256), blobs.path(sha256), sha256)

    good, missing, altered = _each_file(backup, bring)
    return Restored(data, backup, good, tuple(missing), tuple(altered))


def _each_file(backup: Backup, look) -> tuple[int, list[str], list[str]]:  # type: ignore[no-untyped-def]
    good, missing, altered = 0, [], []
    for sha256 in snapshot.files_in(backup.folder / DATABASE):
        try:
            look(backup.shelf, sha256)
            good += 1
        except FileNotFoundError:
            missing.append(sha256)
        except Altered:
            altered.append(sha256)
    return good, missing, altered


def _same(path: Path, sha256: str) -> None:
    if durable.digest(path) != sha256:
        raise Altered(sha256)


def _put_in_place(working: Path, data: Path) -> None:
    for folder in [*working.rglob("*/"), working]:
        if folder.is_dir():
            durable.sync_folder(folder)
    if data.exists():
        data.rmdir()  # it is empty; Windows renames onto nothing
    os.replace(working, data.absolute())
    durable.sync_folder(data.absolute().parent)
