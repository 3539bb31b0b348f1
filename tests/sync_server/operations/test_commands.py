"""The commands of operations say in plain words what they did, or what is to be done."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from sync_server.__main__ import app
from sync_server.operations import doctor, keeping, schedule
from sync_server.store import audit, nights
from tests.sync_server.operations.safekeeping import PHOTO, Safekeeping
from tests.sync_server.schoolhouse import SCHOOL, sha256


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"JIAFANG_LOCALE": "en"})


def test_backup_restore_and_a_look_at_everything(school: Safekeeping, tmp_path: Path) -> None:
    school.visit()
    data = school.wiring.settings.data
    said = run("backup", "--data", data, "--to", tmp_path / "stick")
    assert said.exit_code == 0 and "2 files in it, 2 of them copied now" in said.output
    assert "2 files, all checked" in run("restore", tmp_path / "stick", "--data", tmp_path / "new").output
    assert "Nothing is wrong" in run("verify-data", "--data", tmp_path / "new").output
    refused = run("restore", tmp_path / "stick", "--data", data)
    assert refused.exit_code == 1 and "is not empty" in refused.output
    (tmp_path / "new" / "files" / sha256(PHOTO)[:2] / sha256(PHOTO)).unlink()
    looked = run("verify-data", "--data", tmp_path / "new")
    assert looked.exit_code == 1 and f"File {sha256(PHOTO)} is gone" in looked.output
    assert "There is no usable backup" in run("restore", tmp_path / "usb", "--data", tmp_path / "other").output


def test_doctor_says_what_to_do_and_tries_the_backup(school: Safekeeping) -> None:
    data = school.wiring.settings.data
    first = run("doctor", "--data", data)
    assert first.exit_code == 1 and "[do] There is no backup yet" in first.output
    assert run("backup", "--data", data).exit_code == 0
    second = run("doctor", "--data", data)
    assert second.exit_code == 0 and "restored for trial" in second.output and "lie on one disk" in second.output
    assert "[do]" not in second.output


def advice(school: Safekeeping, **changed: object) -> dict[str, doctor.Advice]:
    return {one.code: one for one in doctor.examine(replace(school.wiring, **changed))}  # type: ignore[arg-type]


def test_doctor_sees_clock_disk_rights_and_silent_phones(school: Safekeeping) -> None:
    school.visit()
    school.push(school.phone.visit("v2", files={"late.jpg": b"not here yet"}))
    wiring, now = school.wiring, school.wiring.clock()
    assert "clock_behind" in advice(school, clock=lambda: now - dt.timedelta(days=1))
    assert "disk_full" in advice(school, free_bytes=lambda: 1)
    short = advice(school, free_bytes=lambda: wiring.settings.reserve_bytes + 4000)["disk_short"]
    assert short.level == doctor.DUE and 0 < int(str(short.facts["days"])) < doctor.FEW_DAYS
    later = advice(school, clock=lambda: now + dt.timedelta(days=9))
    assert later["phone_silent"].facts | {"phone": ""} == {"login": "teacher", "phone": "", "days": 9, "files": 1, "records": 0}
    assert advice(school)["phones"].facts == {"count": 1}
    if os.name != "nt":
        wiring.settings.data.chmod(0o755)
        assert advice(school)["rights_others"].level == doctor.DUE


def test_doctor_sees_backups_that_are_old_or_failed(school: Safekeeping) -> None:
    schedule.do(school.wiring, schedule.job_named(keeping.BACKUP))
    now = school.wiring.clock()
    assert advice(school, clock=lambda: now + dt.timedelta(days=3))["backup_old"].facts["days"] == 3
    school.wiring.store.run_tx(lambda conn: nights.note_failed(conn, SCHOOL, keeping.BACKUP, school.wiring.now(), "shelf_absent"))
    assert {"backup", "fault_shelf_absent"} <= advice(school).keys()


def test_an_export_holds_everything_but_what_opens_doors(school: Safekeeping, tmp_path: Path) -> None:
    sealed = school.visit()
    out = tmp_path / "out"
    assert "1 records, 2 files" in run("export", out, "--data", school.wiring.settings.data).output
    book = load_workbook(out / "school.xlsx", read_only=True)
    assert book.sheetnames == ["Students", "Visits", "Records", "Phones"]
    assert [row[0] for row in book["Students"].iter_rows(values_only=True)] == ["Name", "S1", "S2"]
    assert list(book["Records"].iter_rows(values_only=True))[1][-1] == sealed.rid
    conn = sqlite3.connect(out / "school.sqlite")
    kept = conn.execute("SELECT payload, signature FROM record").fetchone()
    opened = conn.execute("SELECT count(*) FROM device WHERE token IS NOT NULL").fetchone()[0]
    conn.close()
    assert (kept, opened) == ((sealed.payload, sealed.signature), 0)
    assert (out / "files" / sha256(PHOTO)[:2] / sha256(PHOTO)).read_bytes() == PHOTO
    assert not any(path.suffix == ".key" for path in out.rglob("*"))
    with school.wiring.store.read() as reading:
        assert [line.act for line in audit.about(reading, SCHOOL, "school")] == ["export_school"]
    again = run("export", out, "--data", school.wiring.settings.data)
    assert again.exit_code == 1 and "is not empty" in again.output


@pytest.mark.parametrize("text", ["=1+1", "@sum", "-2", "+2"])
def test_no_cell_is_a_formula(text: str) -> None:
    from sync_server.operations.export import _plain

    assert _plain(text) == f"'{text}" and _plain(7) == 7
