"""Guards every request: how much it may send, how long it may fall silent, and a log line without anything personal."""

from __future__ import annotations

import asyncio
import secrets
import time
from http import HTTPStatus

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casebook.errors import RequestTooLarge, ServerFault, TimedOut
from casebook.protocol import MAX_PUSH_BYTES
from sync_server.logs import trace
from sync_server.operations.metrics import Meter
from sync_server.web.bearer import LOGGED_DEVICE
from sync_server.web.problem import WATCHED, Refusal, is_for_machines, respond

log = structlog.get_logger()

PUSH = "/v1/push"
FILES = "/files"
MAX_MACHINE_BYTES = 256 * 1024
MAX_CONSOLE_BYTES = 13 * 1024 * 1024  # the largest form, a roster; every action bounds its own form, most far lower
DRAINED_BYTES = 8 * 1024 * 1024
UNLIMITED = float("inf")
CALLS = ("enrol", "hello", "push", "pull", "missing", "compare", "files", "log")


class Guard:
    """The outermost layer of the server."""

    def __init__(self, app: ASGIApp, stall_seconds: float, meter: Meter) -> None:
        self._app = app
        self._meter = meter
        self._stall_seconds = stall_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request; whatever nobody foresaw becomes a plain 500 and a line in the log."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=secrets.token_hex(6))
        answered, bounded = Answered(scope, send), Bounded(scope, receive, self._stall_seconds)
        begun = time.perf_counter()
        try:
            await self._app(scope, bounded, answered)
        except Exception as error:
            log.error("unforeseen", **trace(error))
            self._meter.count("unforeseen")
            if not answered.status:
                await respond(Request(scope), ServerFault(), HTTPStatus.INTERNAL_SERVER_ERROR)(scope, receive, answered)
        finally:
            took = time.perf_counter() - begun
            spent, door = round(took * 1000, 1), door_of(scope["path"])
            self._meter.took(door, took)
            self._meter.count("received_bytes", bounded.taken, door=door)
            self._meter.count("requests", door=door, status=str(answered.status))
            whose = {"device": scope[LOGGED_DEVICE]} if LOGGED_DEVICE in scope else {}
            log.info("request", method=scope["method"], path=scope["path"], status=answered.status, ms=spent, **whose)
        return None


class Bounded:
    """`receive` that refuses too much and does not wait for ever between two pieces of a body; counts what came."""

    def __init__(self, scope: Scope, receive: Receive, stall_seconds: float) -> None:
        self._receive, self._stall_seconds = receive, stall_seconds
        self._limit = limit_of(scope)
        self._announced, self._ended = _announced(scope), False
        self.taken = 0

    async def __call__(self) -> Message:
        """The next message. Raises Refusal."""
        if self._announced > self._limit:
            raise Refusal(RequestTooLarge(limit=int(self._limit)))
        if self._ended:  # the body is complete: what comes now is only the end of the connection
            return await self._receive()
        try:
            async with asyncio.timeout(self._stall_seconds):
                message = await self._receive()
        except TimeoutError as error:
            raise Refusal(TimedOut(), HTTPStatus.REQUEST_TIMEOUT) from error
        self.taken += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        if self.taken > self._limit:
            raise Refusal(RequestTooLarge(limit=int(self._limit)))
        return message


class Answered:
    """Remembers the status that was sent, and names the request in the answer."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        """Passes one message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = structlog.contextvars.get_contextvars().get("request", "")
            headers["X-Content-Type-Options"] = "nosniff"
            if self.status >= HTTPStatus.BAD_REQUEST and _may_go_on_for_ever(self._scope):
                headers["Connection"] = "close"
        await self._send(message)


def door_of(path: str) -> str:
    """Which of the server's doors an address knocks at: no ids, and never more than a few."""
    parts = path.split("/", 3)
    if parts[1:2] == ["v1"]:
        return parts[2] if parts[2:] and parts[2] in CALLS else "v1"
    return parts[1] if parts[1:2] and parts[1] in ("files", *WATCHED) else "console"


def _may_go_on_for_ever(scope: Scope) -> bool:
    """Whether the client may still be sending a body that is better not waited for.

    A small one is: a connection closed while bytes are on their way loses the answer on the way back.
    """
    chunked = any(name == b"transfer-encoding" for name, _ in scope["headers"])
    return chunked or _announced(scope) > DRAINED_BYTES


def limit_of(scope: Scope) -> float:
    """How many bytes the body of a request may have, as sent and unpacked."""
    if scope["method"] in ("PATCH", "POST") and scope["path"].startswith(FILES):
        return UNLIMITED  # the upload itself knows how many bytes were announced
    if not is_for_machines(scope["path"]):
        return MAX_CONSOLE_BYTES
    return MAX_PUSH_BYTES if scope["path"] == PUSH else MAX_MACHINE_BYTES


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
