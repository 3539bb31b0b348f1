"""note-backup, begin-anew: for counties whose database server has backups of its own."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from sync_server.commands.saying import Data, say, settings_of, show, stop

if TYPE_CHECKING:
    from sync_server.settings import Settings
    from sync_server.wiring import Shared

MOST_SHOWN = 50


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command in (note_backup, begin_anew):
        app.command()(command)


def note_backup(
    begun: Annotated[dt.datetime, typer.Argument()],
    data: Data = None,
) -> None:
    """Note that a backup of database and files made by other tools is good, so that phones rely on it."""
    from sync_server.operations import elsewhere
    from sync_server.operations.faults import OperationFailed

    shared = _shared(settings_of(data))
    try:
        count = elsewhere.note_backup(shared, begun.replace(tzinfo=shared.clock().tzinfo))
    except OperationFailed as fault:
        stop(f"operations.fault.{fault.code}")
    finally:
        shared.store.close()
    say("operations.noted", schools=count)


def begin_anew(data: Data = None) -> None:
    """After a restore by other tools: begin another life of the store, so that phones offer again what was lost."""
    from sync_server.operations import elsewhere

    shared = _shared(settings_of(data))
    gone = elsewhere.begin_anew(shared)
    shared.store.close()
    say("operations.anew")
    if gone:
        say("operations.restored.lacking", count=len(gone))
        for sha256 in gone[:MOST_SHOWN]:
            show(f"  {sha256}")


def _shared(settings: Settings) -> Shared:
    from sync_server.wiring import NotInitialised, share

    try:
        return share(settings)
    except NotInitialised as missing:
        stop(missing.reason, data=settings.data)
