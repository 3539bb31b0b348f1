"""Decides which of several values stands."""

from __future__ import annotations

from starlette.responses import Response

from sync_server.web.console.page import Ask, Console, go


def save(console: Console, ask: Ask) -> Response:
    """Keeps the chosen value; the others stay in the records."""
    case = ask.part("case")
    console.cases.resolve(ask.actor, case, ask.form.get("prop", ""), ask.form.get("rid", ""))
    return go(f"/cases/{case}?done=resolved")
