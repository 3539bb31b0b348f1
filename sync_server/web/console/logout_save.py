"""Logs out."""

from __future__ import annotations

from starlette.responses import Response

from sync_server import audit
from sync_server.audit import Act
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.session import COOKIE


def save(console: Console, ask: Ask) -> Response:
    """Ends the session, whether it still held or not."""
    wiring, account = console.wiring, ask.account
    console.sessions.close(ask.request.cookies.get(COOKIE, ""))
    if account is not None:
        wiring.store.run_tx(lambda conn: audit.note(conn, account, wiring.now(), Act.LOGOUT, "console"))
    response = go("/login")
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response
