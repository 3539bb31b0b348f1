"""backup, restore, verify-data, doctor, export: keeping a school's work safe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sync_server.commands.saying import Data, say, settings_of, show, stop, wired, wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_server.operations.checking import Finding
    from sync_server.operations.faults import OperationFailed

MOST_SHOWN = 50
Target = Annotated[Path | None, typer.Option("--to")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command in (backup, restore, verify_data, doctor, export):
        app.command()(command)


def backup(to: Target = None, data: Data = None) -> None:
    """Back the school up, also while the server runs; the first time, --to makes a disk the backups' own."""
    from sync_server.operations import keeping, schedule
    from sync_server.operations.faults import OperationFailed
    from sync_server.operations.shelf import Shelf

    settings = settings_of(data)
    wiring = wired(settings if to is None else settings.model_copy(update={"backup_to": to}))
    try:
        if to is not None:
            Shelf(to).set_up()
        facts = schedule.do(wiring, schedule.job_named(keeping.BACKUP))
    except OperationFailed as fault:
        _fail(fault)
    finally:
        wiring.close()
    place = keeping.shelf_of(wiring.settings).root
    say("operations.backup.done", place=place / str(facts["name"]), files=facts["files"], copied=facts["copied"])
    if facts["lacking"]:
        say("operations.backup.lacking", count=facts["lacking"])


def restore(
    source: Annotated[Path, typer.Argument()],
    data: Annotated[Path, typer.Option("--data")],
) -> None:
    """Bring a backup back into a new folder, or into the empty database and the bucket that are set; all is checked."""
    from sync_server.operations import restore as bringing
    from sync_server.operations.faults import OperationFailed
    from sync_server.operations.shelf import backup_at
    from sync_server.wiring import files_of, zone_clock

    settings = settings_of(data)
    bucket = files_of(settings) if settings.files_url else None
    try:
        found = backup_at(source)
        passphrase, now = settings.backup_passphrase.get_secret_value(), zone_clock(settings)()
        back = bringing.restore(found, data, now, passphrase, database_url=settings.database_url, bucket=bucket)
    except OperationFailed as fault:
        _fail(fault)
    say("operations.restored", data=data, moment=_moment(found.manifest.made_at), files=back.files)
    if back.lacking:
        say("operations.restored.lacking", count=len(back.lacking))
        for sha256 in back.lacking[:MOST_SHOWN]:
            show(f"  {sha256}")


def verify_data(data: Data = None) -> None:
    """Look at everything the school keeps: database, records, seals, receipts, files, index."""
    from sync_server.operations.checking import Checker

    wiring = wired(settings_of(data))
    looked = Checker(wiring.store, wiring.blobs, wiring.school.id, wiring.keys.receipt.public_key).look()
    wiring.close()
    say("operations.checked", records=looked.records, files=looked.files)
    if looked.findings:
        _tell(looked.findings)
        stop("operations.checked.bad", count=len(looked.findings))
    say("operations.checked.good")


def doctor(data: Data = None) -> None:
    """Look after everything a school forgets: clock, disk, rights, backups and whether they can be restored."""
    from sync_server.operations import doctor as examining

    wiring, bad, words = wired(settings_of(data)), False, wording()
    try:
        for advice in examining.examine(wiring):
            bad = bad or advice.level == examining.BAD
            mark, said = words(f"doctor.level.{advice.level}"), words(f"doctor.{advice.code}", **advice.facts)
            show(f"[{mark}] {said}")
    finally:
        wiring.close()
    if bad:
        raise typer.Exit(1)


def export(
    folder: Annotated[Path, typer.Argument()],
    data: Data = None,
) -> None:
    """Export the whole school for inspectors: one SQLite file, one workbook, all files; no passwords, no keys."""
    from sync_server.operations import export as exporting
    from sync_server.operations.faults import OperationFailed

    wiring = wired(settings_of(data))
    try:
        out = exporting.export(wiring, folder, wording())
    except OperationFailed as fault:
        _fail(fault)
    finally:
        wiring.close()
    say("operations.exported", folder=folder, records=out.records, files=out.files)
    if out.lacking:
        say("operations.backup.lacking", count=out.lacking)


def _fail(fault: OperationFailed) -> None:
    stop(f"operations.fault.{fault.code}", **fault.facts)


def _tell(findings: Sequence[Finding]) -> None:
    for finding in findings[:MOST_SHOWN]:
        say(f"checking.{finding.code}", subject=finding.subject, part=finding.part)
    if len(findings) > MOST_SHOWN:
        say("checking.more", count=len(findings) - MOST_SHOWN)


def _moment(made_at: str) -> str:
    return made_at[:16].replace("T", " ")
