"""Says which school is meant, where a server has several: once for each browser, before the login."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from sync_server.store import schools
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.schools import CHOSEN, LOGIN
from sync_server.web.session import COOKIE, safe_next

YEAR_SECONDS = 365 * 24 * 3600


def show(console: Console, ask: Ask) -> Response:
    """Asks for the school's code."""
    return _page(console, ask, safe_next(ask.query("next")))


def save(console: Console, ask: Ask) -> Response:
    """Remembers the school and goes on to its login; whoever is logged in elsewhere is logged out there."""
    said, wanted = ask.form.get("school", "").strip(), safe_next(ask.form.get("next", ""))
    with console.wiring.store.read() as conn:
        known = said in {school.id for school in schools.all_of(conn)}
    if not known:
        return _page(console, ask, wanted, said)
    console.sessions.close(ask.request.cookies.get(COOKIE, ""))
    response = go(f"{LOGIN}?{urlencode({'next': wanted})}")
    secure = ask.request.url.scheme == "https"
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    response.set_cookie(CHOSEN, said, YEAR_SECONDS, httponly=True, samesite="lax", secure=secure)
    return response


def _page(console: Console, ask: Ask, wanted: str, unknown: str = "") -> Response:
    return console.page(ask, "school_choice", 404 if unknown else 200, next=wanted, unknown=unknown)
