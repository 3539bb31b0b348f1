"""Backups: consistent while the school works, small, checked, kept in number, and never spoiled by a death or a full disk."""

from __future__ import annotations

import datetime as dt
import errno
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sync_server.operations import keeping, rotation, schedule, shelf
from sync_server.operations.backup import back_up
from sync_server.operations.faults import OperationFailed
from sync_server.operations.rehearsal import rehearse
from sync_server.operations.shelf import Shelf, backup_at
from sync_server.store.engine import Store
from tests.sync_server.operations.safekeeping import PHOTO, STROKES, Safekeeping
from tests.sync_server.schoolhouse import SCHOOL, jpeg, sha256

LATER = dt.timedelta(hours=1)
NEWS = jpeg(1, 60)
#: What a backup asks of the system, one after the other.
WRITES = ("fsync", "replace", "rename", "mkdir", "link", "open")


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="the other tool is not here")
def test_a_backup_holds_everything_and_other_tools_can_check_it(school: Safekeeping) -> None:
    school.visit()
    made = school.back_up()
    assert (made.copied, made.backup.manifest.lacking) == (2, ())
    ran = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=made.backup.folder, capture_output=True)
    assert (ran.returncode, ran.stdout) == (0, b"")
    assert {path.name for path in school.shelf.root.rglob("*") if len(path.name) == 64} == {sha256(PHOTO), sha256(STROKES)}


def test_the_next_backup_copies_only_what_is_new(school: Safekeeping) -> None:
    school.visit()
    now = school.wiring.clock()
    school.back_up(now)
    assert school.back_up(now + LATER).copied == 0
    school.visit("v2", NEWS)
    made = school.back_up(now + 2 * LATER)
    assert (made.copied, made.backup.manifest.files) == (1, 3)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights elsewhere")
def test_keys_are_in_the_backup_and_for_the_owner_alone(school: Safekeeping) -> None:
    folder = school.back_up().backup.folder
    assert [stat.S_IMODE(path.stat().st_mode) for path in sorted((folder / "keys").iterdir())] == [0o600, 0o600]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_that_is_gone_or_altered_is_named_and_the_rest_is_saved(school: Safekeeping) -> None:
    school.visit()
    gone, altered = sha256(PHOTO), sha256(STROKES)
    school.wiring.blobs.path(gone).unlink()
    school.wiring.blobs.path(altered).write_bytes(b"x" * len(STROKES))
    made = school.back_up()
    assert set(made.backup.manifest.lacking) == {gone, altered}
    assert (made.backup.manifest.files, school.shelf.file(altered).exists()) == (0, False)


def test_a_phone_learns_how_far_its_work_is_safe(school: Safekeeping) -> None:
    school.wiring.clock()
    assert school.wiring.handout.hello(school.device).safe_upto == 0
    school.visit()
    facts = schedule.do(school.wiring, schedule.job_named(keeping.BACKUP))
    assert school.wiring.handout.hello(school.device).safe_upto == facts["sseq"]
    late = school.phone.visit("late", files={"b.jpg": b"on its way"})
    school.push(late, school.phone.seal())
    assert school.wiring.handout.hello(school.device).safe_upto == facts["sseq"]
    again = keeping.noted(school.back_up(), SCHOOL)
    assert again["first_lacking"] == {school.phone.dev: int(str(facts["sseq"])) + 1}  # its photo was not there yet


def test_an_empty_mount_point_is_not_taken_for_the_disk(school: Safekeeping, tmp_path: Path) -> None:
    (tmp_path / "mount").mkdir()
    with pytest.raises(OperationFailed) as fault:
        back_up(keeping.source_of(school.wiring), Shelf(tmp_path / "mount"), school.wiring.clock())
    assert fault.value.code == "shelf_absent" and list((tmp_path / "mount").iterdir()) == []


class Fault:
    """Counts what is asked of the system and strikes at one point."""

    def __init__(self, patch: pytest.MonkeyPatch, strike_at: int, strike: Callable[[], Any]) -> None:
        self.count = 0
        for name in WRITES:
            patch.setattr(os, name, self._counted(getattr(os, name), strike_at, strike))

    def _counted(self, real: Callable[..., Any], strike_at: int, strike: Callable[[], Any]) -> Callable[..., Any]:
        def asked(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            if self.count == strike_at:
                strike()
            return real(*arguments, **named)

        return asked


def full_disk() -> None:
    raise OSError(errno.ENOSPC, "no room")


@pytest.fixture
def prepared(school: Safekeeping) -> tuple[Safekeeping, int]:
    """A school with one good backup and news since; and how many things its next backup asks of the system."""
    now = school.wiring.clock()
    school.visit()
    school.back_up(now - 3 * LATER)
    school.visit("v2", NEWS)
    with pytest.MonkeyPatch.context() as patch:
        fault = Fault(patch, 0, full_disk)
        school.back_up(now - 2 * LATER)
    newest = school.shelf.backups()[0].folder
    newest.rename(newest.with_name("gone.new"))  # as if it had not been made
    school.shelf.file(sha256(NEWS)).unlink()
    return school, fault.count


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a copy of this very process is killed")
def test_killed_at_any_write_the_backup_before_stays_good(
    prepared: tuple[Safekeeping, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    school, writes = prepared
    assert writes > 15
    for strike_at in range(1, writes + 1):
        school.shelf.file(sha256(NEWS)).unlink(missing_ok=True)
        child = os.fork()
        if child == 0:  # dies like a killed process: nothing is tidied up, nothing flushed
            try:
                own = replace(keeping.source_of(school.wiring), store=Store(school.wiring.settings.store_url))
                Fault(monkeypatch, strike_at, lambda: os._exit(9))
                back_up(own, school.shelf, school.wiring.clock())
            finally:
                os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    found = school.shelf.backups()
    for backup in {found[0].folder: found[0], found[-1].folder: found[-1]}.values():
        assert rehearse(backup, school.wiring.settings.data / "try", school.wiring.clock()).findings == ()
    monkeypatch.setattr(shelf, "FORGOTTEN_SECONDS", -1)
    made = school.back_up(school.wiring.clock() + LATER)
    assert not list(school.shelf.root.rglob("*.new")) and made.backup.manifest.files == 3


def test_a_disk_that_fills_up_at_any_write_leaves_no_half_backup(
    prepared: tuple[Safekeeping, int], tmp_path: Path
) -> None:
    school, writes = prepared
    before = [backup.folder for backup in school.shelf.backups()]
    (leftover,) = school.shelf.root.glob("*.new")
    finished = 0
    for strike_at in range(1, writes + 1):
        with pytest.MonkeyPatch.context() as patch:
            Fault(patch, strike_at, full_disk)
            try:
                school.back_up()
            except OperationFailed as fault:
                assert fault.code == "disk_full", strike_at
                assert [path for path in school.shelf.root.rglob("*.new") if path != leftover] == [], strike_at
        for backup in school.shelf.backups():
            if backup.folder not in before:  # another way was open (a copy for the link), or only its name is not synced
                assert rehearse(backup, tmp_path / "try", school.wiring.clock()).findings == ()
                backup.folder.rename(tmp_path / f"{strike_at}")
                finished += 1
        school.shelf.file(sha256(NEWS)).unlink(missing_ok=True)
    assert finished < writes / 4


def test_without_room_nothing_is_begun(school: Safekeeping, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr("sync_server.operations.backup.shutil.disk_usage", lambda _path: usage)
    with pytest.raises(OperationFailed) as fault:
        school.back_up()
    assert fault.value.code == "disk_full"
    assert [path.name for path in school.shelf.root.iterdir()] == [shelf.MARK]


def test_days_weeks_and_months_are_kept_and_no_more() -> None:
    newest = dt.datetime(2026, 7, 15, 12, tzinfo=dt.UTC)
    nights = [newest - dt.timedelta(days=n) for n in range(400)] + [newest - hours * LATER for hours in (1, 2, 3)]
    kept = rotation.kept(nights)
    assert {newest - dt.timedelta(days=n) for n in range(7)} <= kept
    assert newest - LATER in kept and newest - 3 * LATER not in kept  # of the newest three, and one too many of a day
    assert len(kept) <= rotation.NEWEST + rotation.DAYS + rotation.WEEKS + rotation.MONTHS
    assert min(kept) >= newest - dt.timedelta(days=366) and len({(one.year, one.month) for one in kept}) == 12
    assert rotation.kept([newest]) == {newest} and rotation.kept([]) == set()


def test_old_backups_go_and_those_of_other_schools_stay(school: Safekeeping) -> None:
    now = school.wiring.clock()
    for days in range(9, -1, -1):
        last = school.back_up(now - dt.timedelta(days=days))
    foreign = school.shelf.root / "20200101-020000"
    foreign.mkdir()
    said = (last.backup.folder / shelf.MANIFEST).read_text().replace(SCHOOL, "3199000002")
    (foreign / shelf.MANIFEST).write_text(said.replace(last.backup.manifest.made_at, "2020-01-01T02:00:00+08:00"))
    school.back_up(now + LATER)
    kept = school.shelf.backups([SCHOOL])
    assert 7 <= len(kept) <= 10 and foreign.exists()
    assert backup_at(school.shelf.root).folder == kept[0].folder


def test_a_shelf_on_the_same_disk_costs_no_second_copy(tmp_path: Path, school: Safekeeping) -> None:
    school.visit()
    school.back_up()
    assert school.shelf.file(sha256(PHOTO)).samefile(school.wiring.blobs.path(sha256(PHOTO)))
