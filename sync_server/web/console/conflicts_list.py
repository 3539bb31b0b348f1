"""Contact data and numbers of which several versions stand side by side."""

from __future__ import annotations

from starlette.responses import Response

from sync_server.web.console.page import Ask, Console
from sync_server.web.console.values import name_of


def show(console: Console, ask: Ask) -> Response:
    """Which child, which property, how many values; the values themselves stand in the case file."""
    with console.wiring.store.read() as conn:
        lines = console.cases.conflicts(conn, ask.actor)
    return console.page(ask, "conflicts", lines=lines, name_of=name_of)
