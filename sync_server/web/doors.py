"""The doors of the conversation as plain facts: from them requests are read and answered, and the doors described.

Nothing here needs a framework for describing interfaces: such are slow to load, and a phone need not wait for that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from casebook.errors import RequestMalformed
from casebook.protocol import from_json, to_json
from sync_server.store.devices import Device
from sync_server.together import Steps, at_once
from sync_server.web.aside import aside
from sync_server.web.bearer import device_of
from sync_server.web.inbox import Inbox
from sync_server.web.zipping import answer
from sync_server.wiring import Wiring

JSON = "application/json"
MOST_DIGITS = 16


@dataclass(frozen=True)
class Asked:
    """Something asked in the address: a text of at most `most` characters, or a number from `least` to `most`."""

    name: str
    default: str | int | None
    most: int
    least: int | None = None

    def read(self, text: str | None) -> str | int | None:
        """What was asked. Raises RequestMalformed."""
        if text is None:
            return self.default
        if self.least is None:
            if len(text) <= self.most:
                return text
        elif text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and self.least <= int(text) <= self.most:
            return int(text)
        raise RequestMalformed(field=f"query.{self.name}")


@dataclass(frozen=True)
class Call:
    """One request, read: who makes it (nobody knows yet who enrols), what it brings and what it asks."""

    request: Request
    caller: Device | None
    message: Any
    asked: Mapping[str, Any]

    @property
    def device(self) -> Device:
        """The device that makes it."""
        assert self.caller is not None
        return self.caller


@dataclass(frozen=True)
class Door:
    """One way in: what is to be brought (a message class) and asked, what comes back, and what is done in a thread.

    What `comes_in` changes the school's records, or asks how far that is: one after the other, answered in steps.
    """

    method: str
    path: str
    answer: Callable[[Call], Any]
    reply: type[Any]
    brings: type[Any] | None = None
    asks: tuple[Asked, ...] = ()
    is_open: bool = False
    comes_in: bool = False

    def route(self, wiring: Wiring, inbox: Inbox) -> Route:
        """What to mount."""

        async def endpoint(request: Request) -> Response:
            body = await request.body() if self.brings else b""
            steps = self._serve(wiring, request, body)
            return await (inbox.take(steps) if self.comes_in else aside(at_once, steps))

        return Route(self.path, endpoint, methods=[self.method])

    def _serve(self, wiring: Wiring, request: Request, body: bytes) -> Steps[Response]:
        caller = None if self.is_open else device_of(wiring, request)
        asked = {one.name: one.read(request.query_params.get(one.name)) for one in self.asks}
        message = from_json(self.brings, _read_json(request, body)) if self.brings else None
        reply = self.answer(Call(request, caller, message, asked))
        if self.comes_in:
            reply = yield from reply
        return answer(request, json_bytes(reply), JSON)


def routes(wiring: Wiring, doors: Iterable[Door], inbox: Inbox) -> list[Route]:
    """The doors of one school."""
    return [door.route(wiring, inbox) for door in doors]


def json_bytes(reply: Any) -> bytes:
    """A message as it travels, before it is packed."""
    return json.dumps(to_json(reply), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _read_json(request: Request, body: bytes) -> object:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON and not kind.endswith("+json"):
        raise RequestMalformed(field="body", expected=JSON)
    try:
        said = json.loads(body)
        if b"\\ud" in body or b"\\uD" in body:  # half a character is no text: nobody could write it down
            json.dumps(said, ensure_ascii=False).encode()
        return said
    except (ValueError, RecursionError) as error:
        raise RequestMalformed(field="body", reason="no_json") from error
