"""Sends each request to the school it is of: a phone's token and a person's session begin with the school's id.

Every school has an application of its own that knows nothing of the others, so that no address leads across.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sync_server.deployment import Deployment
from sync_server.enrolment import school_of
from sync_server.web.problem import is_for_machines
from sync_server.web.session import COOKIE
from sync_server.wiring import Wiring

#: Which school this browser last chose, for the login; nothing is opened by it.
CHOSEN = "jiafang_school"
LOGIN, CHOICE = "/login", "/school"


class Schools:
    """All schools as one ASGI application; `build` makes that of one school when it is first needed."""

    def __init__(self, deployment: Deployment, build: Callable[[Wiring], ASGIApp]) -> None:
        self._deployment, self._build = deployment, build
        self._first = build(deployment.first)
        self._apps: dict[str, ASGIApp] = {deployment.first.school.id: self._first}
        self._building = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes one connection on. Whoever names no school, or one that is not here, is answered by the oldest."""
        said = _said(scope) if scope["type"] == "http" else ""
        if not said and scope["type"] == "http" and scope["path"] == LOGIN and self._deployment.several:
            return await _to_choice(scope)(scope, receive, send)
        app = await self._app_of(said) if said else self._first
        await app(scope, receive, send)
        return None

    async def _app_of(self, school: str) -> ASGIApp:
        if school in self._apps:
            return self._apps[school]
        async with self._building:
            wiring = await run_in_threadpool(self._deployment.of, school)
            if wiring is None:
                return self._first
            if school not in self._apps:
                self._apps[school] = self._build(wiring)
            return self._apps[school]


def _said(scope: Scope) -> str:
    """The school that a request names; for a person who is not logged in, the one chosen before."""
    headers = dict(scope["headers"])
    if is_for_machines(scope["path"]):
        return school_of(headers.get(b"authorization", b"").decode("latin-1").rpartition(" ")[2])
    cookies = cookie_parser(headers.get(b"cookie", b"").decode("latin-1"))
    return school_of(cookies.get(COOKIE, "")) or cookies.get(CHOSEN, "")


def _to_choice(scope: Scope) -> ASGIApp:
    query = scope["query_string"].decode("latin-1")
    return RedirectResponse(f"{CHOICE}?{query}" if query else CHOICE, 303)
