"""Brings a backup back as a school's folder: whole or not at all, every file checked, and as another life of the store.

The new generation makes every phone offer again what the school may lack, so what was acknowledged after the backup
comes back from the phones. Rows may go into a database server, and files into a bucket, wherever they were before:
that is also the way to move.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from casebook.errors import StorageFull
from sync_server import founding, keys
from sync_server.audit import Act
from sync_server.operations.faults import OperationFailed, of_disk
from sync_server.operations.shelf import DATABASE, KEYS, Backup, Shelf
from sync_server.settings import Settings
from sync_server.store import (
    audit,
    codes,
    durable,
    files,
    nights,
    schema,
    schools,
    sessions,
    snapshot,
    transfer,
    visits,
)
from sync_server.store.audit import Line
from sync_server.store.durable import Altered
from sync_server.store.engine import Connection, Store
from sync_server.store.filestore import FileStore, LocalFiles, digest_of

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


def restore(
    backup: Backup, data: Path, at: dt.datetime, passphrase: str = "", *,
    database_url: str | None = None, bucket: FileStore | None = None,
) -> Restored:  # fmt: skip
    """Makes the folder `data`, which must be new or empty, and fills the database and the bucket where there are any.

    Raises OperationFailed; then there is no such folder, and no row in the database.
    """
    _refuse_what_cannot_be(backup, data)
    served = _empty_database(database_url) if database_url else None
    working = data.absolute().with_name(data.absolute().name + WORKING)
    try:
        shutil.rmtree(working, ignore_errors=True)
        working.mkdir(parents=True, mode=0o700)
        bring_back(backup, working, passphrase)
        restored = _with_files(backup, data, bucket or LocalFiles(working))
        renew(working, backup, restored.lacking, at)
        if served:
            transfer.pour(working / DATABASE, served)
            (working / DATABASE).unlink()
        _put_in_place(working, data)
    except StorageFull as error:
        raise OperationFailed("disk_full", place=data) from error
    except transfer.Refused as error:
        raise OperationFailed("database_refused") from error
    except OSError as error:
        raise of_disk(error, data) from error
    finally:
        shutil.rmtree(working, ignore_errors=True)
        if served:
            served.close()
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
    """Another life of the store in a folder: older tables are brought up to date."""
    settings = Settings(data=folder, database_url=None)
    if snapshot.version_of(folder / DATABASE) != schema.HEAD:
        founding.upgrade(settings)
    store = Store(settings.store_url)
    try:
        store.run_tx(lambda conn: another_life(conn, lacking, at, backup.folder.name))
    finally:
        store.close()
    durable.sync(folder / DATABASE)


def another_life(conn: Connection, lacking: Iterable[str], at: dt.datetime, backup: str = "") -> None:
    """New generation of every school, nobody logged in, and files that are gone are waited for again."""
    gone, moment = tuple(lacking), at.isoformat(timespec="seconds")
    for school in schools.all_of(conn):
        schools.renew(conn, school.id, secrets.token_hex(8))
        sessions.forget_all(conn, school.id)
        codes.forget_all(conn, school.id)
        nights.forget(conn, school.id)
        for sha256 in gone:
            files.forget(conn, school.id, sha256)
            visits.note_files(conn, school.id, [sha256])
        facts = {"backup": backup, "sseq": schools.size(conn, school.id), "lacking": len(gone)}
        audit.note(conn, school.id, Line(moment, "", Act.RESTORE.value, audit.RESTORED, facts))


def _empty_database(url: str) -> Store:
    """The database to fill. Raises OperationFailed."""
    store = Store(url)
    try:
        transfer.require_empty(store)
    except (transfer.NotEmpty, transfer.Refused) as error:
        store.close()
        code = "database_not_empty" if isinstance(error, transfer.NotEmpty) else "database_refused"
        raise OperationFailed(code) from error
    return store


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


def _with_files(backup: Backup, data: Path, to: FileStore) -> Restored:
    def bring(shelf: Shelf, sha256: str) -> None:
        if not _is_good(to, sha256):  # a bucket may have kept it
            to.put(shelf.file(sha256), sha256)

    good, missing, altered = _each_file(backup, bring)
    return Restored(data, backup, good, tuple(missing), tuple(altered))


def _is_good(to: FileStore, sha256: str) -> bool:
    try:
        return digest_of(to, sha256) == sha256
    except FileNotFoundError:
        return False


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
