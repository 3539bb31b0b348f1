"""export-case, checkpoint, verify: what others need to check the school's records by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync_server.commands.saying import Data, say, settings_of, stop, wired

Outside = Annotated[list[Path] | None, typer.Option("--checkpoint")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command in (export_case, checkpoint):
        app.command()(command)
    app.command(add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(
        verify
    )


def export_case(
    case: Annotated[str, typer.Argument()],
    out: Annotated[Path | None, typer.Option("--out")] = None,
    outside: Outside = None,
    data: Data = None,
) -> None:
    """Write a case file with everything that proves it offline into one file."""
    from casebook.errors import CasebookError
    from casebook.verify.bundle import write_bundle
    from sync_server.casebundle import make_bundle

    wiring = wired(settings_of(data))
    try:
        bundle = make_bundle(wiring, case, [path.read_text("utf-8") for path in outside or []])
    except (CasebookError, OSError, UnicodeDecodeError):
        stop("verify.not_exported", case=case)
    finally:
        wiring.close()
    target = out or Path(f"case-{case}.json")
    target.write_bytes(write_bundle(bundle))
    say("verify.exported", file=target, count=len(bundle.records), voucher=bundle.key)


def checkpoint(data: Data = None) -> None:
    """Print the newest signed checkpoint of the school's log, to be kept outside the school."""
    wiring = wired(settings_of(data))
    note = wiring.store.run_tx(lambda conn: wiring.tree.checkpoint(conn, wiring.school.id))
    wiring.close()
    typer.echo(note, nl=False)


def verify(context: typer.Context) -> None:
    """Check a case bundle offline; takes what `python -m casebook.verify` takes."""
    from casebook.verify.command import main

    raise typer.Exit(main(context.args))
