"""A restored school: every file checked, another life of the store, and nothing acknowledged is lost."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from sync_server import keys
from sync_server.operations import keeping
from sync_server.operations.backup import Source, back_up
from sync_server.operations.faults import OperationFailed
from sync_server.operations.rehearsal import rehearse
from sync_server.operations.restore import restore
from sync_server.operations.shelf import DATABASE, MANIFEST, Backup
from sync_server.store import accounts, archive, audit, devices, files, schema, sessions, visits
from sync_server.store.sessions import Session
from tests.sync_server.operations.safekeeping import PHOTO, STROKES, Safekeeping, looked_at, reopened, safekeeping
from tests.sync_server.schoolhouse import CHILD, PRINCIPAL, SCHOOL, STROKES_TYPE, jpeg, sha256

LATE_PHOTO = jpeg(2, 60)


def spoil(path: Path) -> None:
    """One byte is another one; length and name stay."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def test_what_was_acknowledged_after_the_backup_comes_back_from_the_phones(school: Safekeeping, tmp_path: Path) -> None:
    early = school.visit()
    decide = lambda wiring, remark: wiring.store.run_tx(lambda conn: wiring.office.write(  # noqa: E731
        conn, _principal(wiring), "observation", CHILD, body={}, set={"will": remark}))  # fmt: skip
    decide(school.wiring, "before")
    backup = school.back_up().backup
    late = school.visit("late", LATE_PHOTO)
    lost = decide(school.wiring, "lost with the disk").rid
    with school.wiring.store.read() as conn:
        office = archive.one(conn, SCHOOL, lost)
    assert office is not None
    restore(backup, tmp_path / "new", school.wiring.clock())
    new = Safekeeping(reopened(tmp_path / "new"), school.phone, school.shelf)
    assert new.wiring.school.gen != school.wiring.school.gen
    with new.wiring.store.read() as conn:
        assert archive.not_held(conn, SCHOOL, [early.rid, late.rid, lost]) == [late.rid, lost]
    decide(new.wiring, "written in the new life, before the phones came")
    assert new.push(early, late, office.sealed) == ["duplicate", "stored", "stored"]
    lacking = new.wiring.uploads.missing(SCHOOL, [sha256(PHOTO), sha256(STROKES), sha256(LATE_PHOTO)])
    assert [one.sha256 for one in lacking] == [sha256(LATE_PHOTO)]
    new.upload(LATE_PHOTO)
    decide(new.wiring, "and after")
    assert looked_at(new.wiring) == ()
    with new.wiring.store.read() as conn:
        row = visits.one(conn, SCHOOL, "late")
        flags = {flag for entry in archive.of_case(conn, SCHOOL, CHILD) for flag in archive.flags_of(conn, SCHOOL, entry.rid)}
    assert row is not None and row.complete
    assert "fork" not in flags  # the office's numbers were not given twice
    new.wiring.close()


def _principal(wiring):  # type: ignore[no-untyped-def]
    with wiring.store.read() as conn:
        return accounts.by_id(conn, SCHOOL, PRINCIPAL)


def test_missing_and_altered_files_are_named_and_waited_for(school: Safekeeping, tmp_path: Path) -> None:
    school.visit()
    backup = school.back_up().backup
    school.wiring.blobs.path(sha256(STROKES)).rename(tmp_path / "kept")  # the shelf's own link alone is spoilt
    school.shelf.file(sha256(PHOTO)).unlink()
    spoil(school.shelf.file(sha256(STROKES)))
    back = restore(backup, tmp_path / "new", school.wiring.clock())
    assert (back.files, back.missing, back.altered) == (0, (sha256(PHOTO),), (sha256(STROKES),))
    new = Safekeeping(reopened(tmp_path / "new"), school.phone, school.shelf)
    with new.wiring.store.read() as conn:
        row = visits.one(conn, SCHOOL, "v1")
        assert row is not None and (row.files_total, row.files_present) == (2, 0)
        assert files.all_of(conn, SCHOOL) == {}
    new.upload(PHOTO)
    new.upload(STROKES, STROKES_TYPE)
    with new.wiring.store.read() as conn:
        row = visits.one(conn, SCHOOL, "v1")
    assert row is not None and row.complete and looked_at(new.wiring) == ()
    new.wiring.close()


def test_a_file_gone_bad_on_the_shelf_is_found_by_the_trial_and_copied_anew(school: Safekeeping) -> None:
    school.visit()
    backup, place = school.back_up().backup, school.wiring.settings.data / "try"
    bad = school.shelf.file(sha256(PHOTO))
    bad.unlink()
    bad.write_bytes(b"x" * len(PHOTO))
    found = rehearse(backup, place, school.wiring.clock()).findings
    assert [(one.code, one.subject) for one in found] == [("file_altered", sha256(PHOTO))]
    assert school.back_up(school.wiring.clock() + dt.timedelta(hours=1)).copied == 1
    assert rehearse(backup, place, school.wiring.clock()).findings == () and not place.exists()


@pytest.mark.parametrize("part", [DATABASE, "keys/receipt.key", "SHA256SUMS"])
def test_a_spoilt_backup_is_refused_whole(school: Safekeeping, tmp_path: Path, part: str) -> None:
    backup = school.back_up().backup
    spoil(backup.folder / part)
    with pytest.raises(OperationFailed) as fault:
        restore(backup, tmp_path / "new", school.wiring.clock())
    assert fault.value.code == "backup_altered"
    assert not (tmp_path / "new").exists() and not list(tmp_path.glob("*.restoring"))


def test_nothing_is_ever_overwritten_and_newer_backups_are_refused(school: Safekeeping, tmp_path: Path) -> None:
    backup, now = school.back_up().backup, school.wiring.clock()
    with pytest.raises(OperationFailed) as fault:
        restore(backup, school.wiring.settings.data, now)
    assert fault.value.code == "not_empty"
    said = json.loads((backup.folder / MANIFEST).read_bytes()) | {"migration": schema.HEAD + "9"}
    (backup.folder / MANIFEST).write_text(json.dumps(said))
    with pytest.raises(OperationFailed) as fault:
        restore(school.shelf.open(backup.folder.name), tmp_path / "new", now)
    assert fault.value.code == "newer_program"


def test_nobody_is_logged_in_and_the_restore_is_on_record(school: Safekeeping, tmp_path: Path) -> None:
    now = school.wiring.now()
    school.wiring.store.run_tx(lambda conn: sessions.add(conn, Session(SCHOOL, "h", PRINCIPAL, now, now, now)))
    (tmp_path / "new").mkdir()
    restore(school.back_up().backup, tmp_path / "new", school.wiring.clock())
    new = reopened(tmp_path / "new")
    with new.store.read() as conn:
        assert sessions.by_token(conn, SCHOOL, "h") is None
        (line,) = audit.about(conn, SCHOOL, audit.RESTORED)
        assert devices.by_id(conn, SCHOOL, school.phone.dev) is not None
        assert keeping.safe_upto(conn, SCHOOL, school.phone.dev) == 0  # of this life nothing is in a backup yet
    assert line.act == "restore"
    new.close()


def test_locked_keys_open_with_the_passphrase_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "SCRYPT_COST", 2)  # guessing is cheap here
    with safekeeping(tmp_path) as school:
        source = Source(school.wiring.store, school.wiring.blobs.files, school.wiring.settings.data, 0, "right")
        backup: Backup = back_up(source, school.shelf, school.wiring.clock()).backup
        plain = (school.wiring.settings.data / "keys" / "receipt.key").read_bytes()
        assert plain not in (backup.folder / "keys" / "receipt.key").read_bytes()
        with pytest.raises(OperationFailed) as fault:
            restore(backup, tmp_path / "new", school.wiring.clock(), "wrong")
        assert fault.value.code == "passphrase"
        restore(backup, tmp_path / "new", school.wiring.clock(), "right")
    assert (tmp_path / "new" / "keys" / "receipt.key").read_bytes() == plain
    assert keys.unlock(plain, "") == plain
