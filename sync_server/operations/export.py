"""Hands the whole school out to inspectors: one database that any tool opens, one workbook, and all files."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from casebook.errors import StorageFull, StoreDamaged
from casebook.feeds import CLASSES, STUDENTS
from casebook.wording import Wording
from sync_server.audit import Act
from sync_server.operations.faults import OperationFailed, of_disk
from sync_server.store import accounts, audit, checking, devices, durable, files, forms, rows, snapshot, visits
from sync_server.store.audit import Line
from sync_server.store.durable import Altered
from sync_server.store.engine import Connection
from sync_server.wiring import Wiring

DATABASE, WORKBOOK, README, KEYS = "school.sqlite", "school.xlsx", "README.txt", "keys.json"
#: Texts that a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@")
SHEETS = {
    "students": ("name", "class", "student"),
    "visits": ("student", "class", "form", "author", "started", "ended", "received", "status", "versions", "files",
               "files_here", "visit", "record"),
    "records": ("number", "received", "kind", "student", "author", "phone", "verdict", "code", "record"),
    "phones": ("phone", "owner", "enrolled", "revoked", "seen", "device"),
}  # fmt: skip


@dataclass(frozen=True)
class Exported:
    """What is in the folder now; `lacking` files were not good at school."""

    records: int
    files: int
    lacking: int


def export(wiring: Wiring, folder: Path, say: Wording) -> Exported:
    """Makes the folder, which must be new or empty; whole or not at all. Raises OperationFailed."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OperationFailed("not_empty", place=folder)
    working = durable.unfinished(folder.absolute())
    try:
        working.mkdir(parents=True, mode=0o700)
        done = _filled(wiring, working, say)
        if folder.exists():
            folder.rmdir()
        os.replace(working, folder.absolute())
    except (StorageFull, StoreDamaged) as error:
        code = "disk_full" if isinstance(error, StorageFull) else "snapshot_failed"
        raise OperationFailed(code, place=folder) from error
    except OSError as error:
        raise of_disk(error, folder) from error
    finally:
        shutil.rmtree(working, ignore_errors=True)
    facts = {"records": done.records, "files": done.files}
    line = Line(wiring.now(), "", Act.EXPORT_SCHOOL.value, "school", facts)
    wiring.store.run_tx(lambda conn: audit.note(conn, wiring.school.id, line))
    return done


def _filled(wiring: Wiring, folder: Path, say: Wording) -> Exported:
    snapshot.take(wiring.store, folder / DATABASE)
    snapshot.strip(folder / DATABASE, wiring.school.id)
    public = {"receipts": wiring.keys.receipt.public_key.hex(), "office": wiring.keys.office.public_key.hex()}
    (folder / KEYS).write_text(json.dumps(public, indent=1) + "\n", encoding="utf-8")
    (folder / README).write_text(say("operations.export.readme", school=wiring.school.name, at=wiring.now()), "utf-8")
    with wiring.store.read() as conn:
        count = _workbook(Tables(conn, wiring.school.id, say), folder / WORKBOOK, say)
        copied, lacking = _files(wiring, conn, folder / "files")
    return Exported(count, copied, lacking)


def _files(wiring: Wiring, conn: Connection, folder: Path) -> tuple[int, int]:
    copied = lacking = 0
    for sha256 in files.all_of(conn, wiring.school.id):
        target = folder / sha256[:2] / sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with wiring.blobs.files.at_hand(sha256) as path:
                durable.copy(path, target, sha256)
            copied += 1
        except (Altered, FileNotFoundError):
            lacking += 1
    return copied, lacking


def _workbook(tables: Tables, path: Path, say: Wording) -> int:
    """Writes the sheets row by row; how many records there are."""
    from openpyxl import Workbook

    book, counts = Workbook(write_only=True), {}
    for sheet, columns in SHEETS.items():
        page = book.create_sheet(say(f"operations.sheet.{sheet}"))
        page.append([say(f"operations.column.{column}") for column in columns])
        counts[sheet] = 0
        for row in getattr(tables, sheet)():
            page.append([_plain(cell) for cell in row])
            counts[sheet] += 1
    book.save(path)
    return counts["records"]


def _plain(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


class Tables:
    """The rows of the sheets, in the words of the school."""

    def __init__(self, conn: Connection, school: str, say: Wording) -> None:
        self._conn, self._school = conn, school
        self._names = accounts.names(conn, school)
        rooms = rows.of_feed(conn, school, CLASSES)
        children = rows.of_feed(conn, school, STUDENTS)
        self._rooms = {key: str(room.get("name", "")) for key, room in rooms.items()}
        self._children = {
            key: (str(child.get("name", "")), self._rooms.get(str(child.get("class_id")), ""))
            for key, child in children.items()
        }
        self._titles, self._say = forms.titles(conn, school), say

    def students(self) -> Iterator[list[object]]:
        """The children on the list now."""
        for student, (name, room) in sorted(self._children.items(), key=lambda one: (one[1][1], one[1][0])):
            yield [name, room, student]

    def visits(self) -> Iterator[list[object]]:
        """Every visit, the newest first."""
        for row in visits.listed(self._conn, self._school, limit=10**9):
            name, room = self._children.get(row.case, ("", ""))
            yield [
                name, room, self._title(row.form_id), self._names.get(row.author, ""), row.started, row.ended,
                row.received_at, self._say(f"operations.status.{row.status}"), row.versions, row.files_total,
                row.files_present, row.visit, row.head,
            ]  # fmt: skip

    def records(self) -> Iterator[list[object]]:
        """Every record in the order of arrival."""
        phones = {one.dev: one.name for one in devices.all_of(self._conn, self._school)}
        for page in checking.every_record(self._conn, self._school):
            for one in page:
                child = self._children.get(one.case or "", ("", ""))[0]
                yield [
                    one.sseq, one.received_at, one.type, child, self._names.get(one.author, ""),
                    phones.get(one.dev, ""), self._say(f"operations.status.{one.verdict}"), one.code, one.rid,
                ]  # fmt: skip

    def phones(self) -> Iterator[list[object]]:
        """Every phone that was ever enrolled."""
        seen = {one.device.dev: one.seen_at for one in devices.owed(self._conn, self._school)}
        for one in devices.all_of(self._conn, self._school):
            owner = self._names.get(one.account, "")
            yield [one.name, owner, one.enrolled_at, one.revoked_at, seen.get(one.dev), one.dev]

    def _title(self, form: str) -> str:
        said = self._titles.get(form, {})
        return said.get(self._say.locale[:2]) or next(iter(said.values()), form)
