"""Children who are absent without leave and whom nobody has visited yet."""

from __future__ import annotations

from starlette.responses import Response

from sync_server.web.console.page import Ask, Console


def show(console: Console, ask: Ask) -> Response:
    """Open same-day visits, the longest absent first."""
    with console.wiring.store.read() as conn:
        lines = console.cases.open_absences(conn, ask.actor)
    return console.page(ask, "incidents", lines=lines)
