"""All visits, by status."""

from __future__ import annotations

from starlette.responses import Response

from sync_server import access
from sync_server.access import Verb
from sync_server.store import visit_lists
from sync_server.store.visit_lists import ALL, FILTERS
from sync_server.web.console.lists import drawn, pages
from sync_server.web.console.page import Ask, Console


def show(console: Console, ask: Ask) -> Response:
    """The visits of one status, the newest arrival first."""
    chosen = ask.query("status") if ask.query("status") in FILTERS else ALL
    within = access.reach(ask.actor, Verb.READ_EVIDENCE)
    with console.wiring.store.read() as conn:
        numbers = visit_lists.visit_counts(conn, console.school, within)
        shown = pages(ask, numbers[chosen])
        lines = visit_lists.visits(conn, console.school, within, chosen, limit=shown.size, offset=shown.offset)
        filters = [(name, numbers[name]) for name in (ALL, *FILTERS)]
        return console.page(
            ask, "visits", lines=drawn(console, conn, ask, lines), pages=shown, filters=filters, chosen=chosen,
            address=lambda number: ask.address(page=number),
        )  # fmt: skip
