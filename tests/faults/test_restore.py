"""The school's computer breaks after a backup: what had reached the school since comes back from the phones."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from fieldapp.cards import OutboxState
from fieldapp.desk import Desk
from sync_server.__main__ import app
from tests.whole.handset import record_visit
from tests.whole.link import Link
from tests.whole.phone_files import sealed_visits
from tests.whole.story import SchoolServer


def run(*arguments: object) -> str:
    """What a command says; it must come off."""
    told = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"JIAFANG_LOCALE": "en"})
    assert told.exit_code == 0, told.output
    return told.output


def test_what_came_after_the_backup_comes_again_after_the_restore(
    school: SchoolServer, link: Link, desk: Desk, tmp_path: Path
) -> None:
    run("backup", "--data", school.data, "--to", tmp_path / "usb")  # the server is at work beside it
    record_visit(desk, tmp_path)
    assert desk.sync().complete
    school.kill()
    school.data.rename(tmp_path / "broken disk")
    run("restore", tmp_path / "usb", "--data", school.data)
    lost = {att["sha256"] for visit in sealed_visits(tmp_path / "phone") for att in visit["att"]}
    assert lost and not any((school.data / "files" / sha[:2] / sha).exists() for sha in lost)
    school.start()
    report = desk.sync()
    assert report.complete, report
    (item,) = desk.outbox()
    assert item.state == OutboxState.RECEIVED and item.receipt_no and item.files_sent == item.files_total
    assert all((school.data / "files" / sha[:2] / sha).exists() for sha in lost)
    school.stop()
    assert "Nothing is wrong" in run("verify-data", "--data", school.data)
