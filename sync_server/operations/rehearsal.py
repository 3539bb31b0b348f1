"""Tries a backup: brings it back into a folder that is thrown away, and looks at everything in it."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

from sync_server import keys
from sync_server.operations import restore
from sync_server.operations.checking import Checker, Finding
from sync_server.operations.faults import of_disk
from sync_server.operations.shelf import KEYS, Backup
from sync_server.settings import Settings
from sync_server.store import schools
from sync_server.store.blobs import Blobs
from sync_server.store.engine import Store


@dataclass(frozen=True)
class Rehearsed:
    """What would come back: records and files that are good, and everything that would not be as it was."""

    backup: Backup
    records: int
    files: int
    findings: tuple[Finding, ...]


def rehearse(backup: Backup, folder: Path, at: dt.datetime, passphrase: str = "") -> Rehearsed:
    """Restores into `folder` and checks records, seals, index and every file; files are read where they lie.

    A file that went bad on the shelf is put aside, so that the next backup copies it anew. Raises OperationFailed.
    """
    shutil.rmtree(folder, ignore_errors=True)  # what a killed rehearsal left
    try:
        folder.mkdir(mode=0o700)
        restore.bring_back(backup, folder, passphrase)
        restore.renew(folder, backup, (), at)
        return _looked(backup, folder)
    except OSError as error:
        raise of_disk(error, folder) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _looked(backup: Backup, folder: Path) -> Rehearsed:
    store = Store(Settings(data=folder, database_url=None).store_url)
    receipts, records, files = keys.read(folder / KEYS).receipt.public_key, 0, 0
    findings: list[Finding] = []
    try:
        with store.read() as conn:
            restored = schools.all_of(conn)
        for school in restored:
            looked = Checker(store, Blobs(backup.shelf.root), school.id, receipts).look()
            records, files = records + looked.records, files + looked.files
            findings += looked.findings
    finally:
        store.close()
    for finding in findings:
        if finding.code == "file_altered":
            backup.shelf.cast_out(finding.subject)
    return Rehearsed(backup, records, files, tuple(findings))
