"""Answers one request: reads the form, finds the session, calls the action, and turns errors into pages."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urlencode

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from assets import load_wording
from casebook.errors import CasebookError, NoSuchPage, ServerFault, SessionEnded
from sync_server.logs import trace
from sync_server.web.console.page import (
    HEADERS,
    LANGUAGE_COOKIE,
    LANGUAGE_SECONDS,
    LANGUAGES,
    Ask,
    Console,
    Handler,
    go,
)
from sync_server.web.console.received import Sent, received
from sync_server.web.problem import Refusal
from sync_server.web.session import COOKIE, check_origin

log = structlog.get_logger()

MAX_FORM_BYTES = 32 * 1024
MAX_FORM_FIELDS = 20
EVERY_METHOD = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True)
class Action:
    """One action of the console: method, path, and the function that answers; `public` needs no login.

    A form may hold `most_bytes` and `most_fields`; one that carries a file is parsed as such. On a full disk nothing
    is taken in, but logging in and out, and what is `on_full_disk` needed most.
    """

    method: str
    path: str
    handler: Handler
    public: bool = False
    most_bytes: int = MAX_FORM_BYTES
    most_fields: int = MAX_FORM_FIELDS
    on_full_disk: bool = False


def route(console: Console, action: Action) -> BaseRoute:
    """The Starlette route of an action. Actions are plain functions and run on a worker thread."""

    async def answer(request: Request) -> Response:
        try:
            sent = await received(request, action.most_bytes, action.most_fields) if action.method == "POST" else Sent()
        except (CasebookError, Refusal) as error:
            told = error.error if isinstance(error, Refusal) else error
            return _dressed(request, console.problem_page(_ask(request), told))
        return await run_in_threadpool(_answer, console, action, _ask(request, sent))

    return Route(action.path, answer, methods=[action.method])


def nowhere(console: Console) -> BaseRoute:
    """Answers every address that no action has, whatever the method."""

    def answer(request: Request) -> Response:
        ask = _ask(request)
        with suppress(SessionEnded):
            ask = _with_account(console, ask)
        return _dressed(request, console.problem_page(ask, NoSuchPage()))

    return Route("/{path:path}", answer, methods=EVERY_METHOD)


def _answer(console: Console, action: Action, ask: Ask) -> Response:
    try:
        if action.method == "POST":
            check_origin(ask.request.headers)
            if not (action.public or action.on_full_disk):
                console.wiring.uploads.need_room()
        with suppress(SessionEnded) if action.public else nullcontext():
            ask = _with_account(console, ask)
        response = action.handler(console, ask)
    except SessionEnded as error:
        response = _to_login(ask) if action.method == "GET" else console.problem_page(ask, error)
    except CasebookError as error:
        response = console.problem_page(ask, error)
    except Exception as error:
        log.error("page failed", action=action.path, **trace(error))
        response = console.problem_page(ask, ServerFault(), HTTPStatus.INTERNAL_SERVER_ERROR)
    return _dressed(ask.request, response)


def _with_account(console: Console, ask: Ask) -> Ask:
    """Adds who is logged in. Raises SessionEnded."""
    return replace(ask, account=console.sessions.account(ask.request.cookies.get(COOKIE, "")))


def _ask(request: Request, sent: Sent = Sent()) -> Ask:
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
    return Ask(request, load_wording(LANGUAGES.get(asked, LANGUAGES["zh"])), dict(sent.fields), sent=sent)


def _to_login(ask: Ask) -> Response:
    """To the login, and from there back to the page that was asked for."""
    wanted = ask.request.url.path
    return go("/login" if wanted == "/" else f"/login?{urlencode({'next': wanted})}")


def _dressed(request: Request, response: Response) -> Response:
    """Security headers on everything; pages are never kept by anybody on the way; the language is remembered."""
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        secure = request.url.scheme == "https"
        response.set_cookie(LANGUAGE_COOKIE, asked, LANGUAGE_SECONDS, samesite="lax", httponly=True, secure=secure)
    return response
