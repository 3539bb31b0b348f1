"""The school's own backups: where they go, up to where a phone's work is safe, and how all that stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sync_server import forks
from sync_server.forks import Fork
from sync_server.operations.faults import OperationFailed
from sync_server.settings import Settings
from sync_server.store import devices, files, nights, schools
from sync_server.store.devices import Owed
from sync_server.store.engine import Connection
from sync_server.store.nights import Night
from sync_server.thumbnails import thumbnails_of

if TYPE_CHECKING:
    from sync_server.operations.backup import Made, Source
    from sync_server.operations.rehearsal import Rehearsed
    from sync_server.operations.shelf import Shelf
    from sync_server.wiring import Wiring

BACKUP, REHEARSAL = "backup", "rehearsal"
OLD = dt.timedelta(days=2)  # a backup older than this is a matter for the principal
SILENT = dt.timedelta(days=7)
LONG = dt.timedelta(hours=1)  # what takes longer was killed
SMALL_KEPT = dt.timedelta(days=60)
REHEARSAL_FOLDER = "rehearsal"
MONTH_DAYS, MANY_DAYS = 30, 365


def tidy(wiring: Wiring) -> Mapping[str, object]:
    """Drops uploads that nobody will finish, and small pictures that are made anew when somebody looks."""
    small = thumbnails_of(wiring).forget((wiring.clock() - SMALL_KEPT).timestamp())
    return {"parts": wiring.uploads.expire(dt.timedelta(days=wiring.settings.part_days)), "small": small}


def back_up(wiring: Wiring) -> Mapping[str, object]:
    """The nightly backup: of all schools that the database holds. Raises OperationFailed."""
    made = make(wiring, shelf_of(wiring.settings))
    facts = {school: noted(made, school) for school in made.backup.manifest.schools}
    _note_for_others(wiring, BACKUP, facts)
    return facts[wiring.school.id]


def rehearse(wiring: Wiring) -> Mapping[str, object]:
    """The weekly try of the newest backup. Raises OperationFailed (rehearsal_failed when something would be lost)."""
    tried = rehearse_newest(wiring)
    if tried.findings:
        raise OperationFailed("rehearsal_failed", findings=len(tried.findings))
    facts = {"backup": tried.backup.folder.name, "records": tried.records, "files": tried.files}
    _note_for_others(wiring, REHEARSAL, dict.fromkeys(tried.backup.manifest.schools, facts))
    return facts


def _note_for_others(wiring: Wiring, job: str, facts: Mapping[str, Mapping[str, object]]) -> None:
    """What was done for one school is done for the others in the same database."""

    def note(conn: Connection) -> None:
        here = {school.id for school in schools.all_of(conn)}
        for school in (here & facts.keys()) - {wiring.school.id}:
            nights.note_done(conn, school, job, wiring.now(), facts[school])

    wiring.store.run_tx(note)


def make(wiring: Wiring, shelf: Shelf) -> Made:
    """Makes a backup now. Raises OperationFailed."""
    from sync_server.operations import backup

    if shelf.root == own_shelf(wiring.settings):
        shelf.set_up()
    return backup.back_up(source_of(wiring), shelf, wiring.clock())


def rehearse_newest(wiring: Wiring) -> Rehearsed:
    """Tries the newest backup of this school. Raises OperationFailed (no_backup, …)."""
    from sync_server.operations import rehearsal

    shelf = shelf_of(wiring.settings)
    shelf.require()
    found = shelf.backups([wiring.school.id])
    if not found:
        raise OperationFailed("no_backup", place=shelf.root)
    passphrase = wiring.settings.backup_passphrase.get_secret_value()
    return rehearsal.rehearse(found[0], wiring.settings.data / REHEARSAL_FOLDER, wiring.clock(), passphrase)


def noted(made: Made, school: str) -> Mapping[str, object]:
    """What is remembered of a backup: up to where it reaches, and for which phones not quite so far."""
    said = made.backup.manifest
    return {
        "sseq": said.schools[school], "first_lacking": dict(made.first_lacking.get(school, {})),
        "name": made.backup.folder.name, "files": said.files, "bytes": said.file_bytes, "copied": made.copied,
        "copied_bytes": made.copied_bytes, "lacking": len(said.lacking), "removed": made.removed,
    }  # fmt: skip


def safe_upto(conn: Connection, school: str, dev: str) -> int:
    """Up to which number of the log every record of this device is in the newest backup, with all its files; 0: none.

    Records that it received in this generation of the store up to there it need not keep for the school's sake.
    """
    night = nights.one(conn, school, BACKUP)
    if night is None or night.done_at is None:
        return 0
    upto, first = int(night.facts["sseq"]), night.facts["first_lacking"].get(dev)
    return upto if first is None else min(upto, int(first) - 1)


def own_shelf(settings: Settings) -> Path:
    """Where backups go when nobody said where: beside the data, which helps against mistakes but not a broken disk."""
    return settings.data / "backups"


def shelf_of(settings: Settings) -> Shelf:
    """Where the nightly backup goes."""
    from sync_server.operations.shelf import Shelf

    return Shelf(settings.backup_to or own_shelf(settings))


def source_of(wiring: Wiring) -> Source:
    """What is to be backed up."""
    from sync_server.operations.backup import Source

    settings = wiring.settings
    passphrase = settings.backup_passphrase.get_secret_value()
    return Source(wiring.store, wiring.blobs.files, settings.data, settings.reserve_bytes, passphrase)


@dataclass(frozen=True)
class Safety:
    """Whether the school's work is in danger, at one glance: its last backup, the room on the disk, and phones whose
    proof of the log does not fit (the newest first).
    """

    backup: Night | None
    now: dt.datetime
    free_bytes: int
    reserve_bytes: int
    forks: tuple[Fork, ...]

    @property
    def backup_age(self) -> dt.timedelta | None:
        """Time since the last good backup."""
        done = self.backup.done_at if self.backup else None
        return self.now - dt.datetime.fromisoformat(done) if done else None

    @property
    def running(self) -> bool:
        """Whether a backup is being made."""
        night = self.backup
        return night is not None and night.open and self.now - dt.datetime.fromisoformat(night.tried_at) < LONG

    @property
    def worry(self) -> str | None:
        """What the principal should hear of on the first page: full, forked, old, failed, or nothing."""
        if self.free_bytes < self.reserve_bytes:
            return "full"
        if self.forks and self.now - dt.datetime.fromisoformat(self.forks[0].at) < SILENT:
            return "forked"
        if self.backup_age is not None and self.backup_age > OLD:
            return "old"
        return "failed" if self.backup and self.backup.fault else None


@dataclass(frozen=True)
class Standing(Safety):
    """All there is to say of it: the last trial, where backups go, how long the room lasts, and the phones in use.

    `days_left` is reckoned at the pace of the last month; None while it is no matter.
    """

    rehearsal: Night | None
    place: Path
    beside_the_data: bool
    days_left: int | None
    phones: tuple[Owed, ...]

    @property
    def silent(self) -> tuple[Owed, ...]:
        """Phones that are known to have unsent work and were not heard of for long."""
        limit = self.now - SILENT
        quiet = (one for one in self.phones if dt.datetime.fromisoformat(one.seen_at) < limit)
        return tuple(one for one in quiet if one.files or one.gaps)


def safety(wiring: Wiring, conn: Connection) -> Safety:
    """How it stands now, quickly."""
    night = nights.one(conn, wiring.school.id, BACKUP)
    found = forks.all_of(conn, wiring.school.id)
    return Safety(night, wiring.clock(), wiring.free_bytes(), wiring.settings.reserve_bytes, found)


def standing(wiring: Wiring, conn: Connection) -> Standing:
    """How everything stands now."""
    settings, school, glance = wiring.settings, wiring.school.id, safety(wiring, conn)
    return Standing(
        **glance.__dict__, rehearsal=nights.one(conn, school, REHEARSAL),
        place=settings.backup_to or own_shelf(settings), beside_the_data=settings.backup_to is None,
        days_left=_days_left(conn, school, glance.now, glance.free_bytes - glance.reserve_bytes),
        phones=tuple(devices.owed(conn, school)),
    )  # fmt: skip


def _days_left(conn: Connection, school: str, now: dt.datetime, room: int) -> int | None:
    month_ago = (now - dt.timedelta(days=MONTH_DAYS)).isoformat(timespec="seconds")
    _count, grown = files.amount(conn, school, month_ago)
    days = max(0, room) * MONTH_DAYS // grown if grown else MANY_DAYS
    return days if days < MANY_DAYS else None

