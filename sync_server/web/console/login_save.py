"""Logs in."""

from __future__ import annotations

from starlette.responses import Response

from casebook.errors import LoginFailed, TooManyTries
from sync_server import audit
from sync_server.audit import Act
from sync_server.web.console.login_show import form
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.session import COOKIE, LASTS, safe_next


def save(console: Console, ask: Ask) -> Response:
    """Opens a session and goes on to the page wanted; a failed try shows the form again."""
    login, wanted = ask.form.get("login", ""), safe_next(ask.form.get("next", ""))
    client = ask.request.client
    try:
        opened = console.sessions.open(login, ask.form.get("password", ""), client.host if client else "")
    except (LoginFailed, TooManyTries) as error:
        return form(console, ask, wanted, login, error)
    wiring = console.wiring
    wiring.store.run_tx(lambda conn: audit.note(conn, opened.account, wiring.now(), Act.LOGIN, "console"))
    response = go(wanted)
    secure = ask.request.url.scheme == "https"
    age = int(LASTS.total_seconds())
    response.set_cookie(COOKIE, opened.token, age, httponly=True, samesite="lax", secure=secure)
    return response
