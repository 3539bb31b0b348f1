"""new-password: for whoever forgot it, where nobody is left who could give a new one in the console."""

from __future__ import annotations

from typing import Annotated

import typer

from sync_server.commands.saying import Data, say, settings_of, stop, wired


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command()(new_password)


def new_password(login: Annotated[str, typer.Argument()], data: Data = None) -> None:
    """Give a login a new password, also the principal's; it is printed once, and the audit notes it."""
    from sync_server.staffing import Staffing

    wiring = wired(settings_of(data))
    try:
        password = Staffing(wiring.store, wiring.school.id, wiring.now).password_at_the_computer(login)
    finally:
        wiring.close()
    if password is None:
        stop("server.no_such_login", login=login)
    say("server.new_password", login=login, password=password)
