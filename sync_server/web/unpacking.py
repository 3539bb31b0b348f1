"""Unpacks what phones send packed by gzip, and never more of it than a request may hold: a bomb is refused unopened."""

from __future__ import annotations

import zlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casebook.errors import RequestMalformed, RequestTooLarge
from sync_server.web.limits import limit_of
from sync_server.web.problem import Refusal

PREFIX = "/v1/"
GZIP_FORMAT = 16 + zlib.MAX_WBITS
OF_PACKED = (b"content-encoding", b"content-length")  # headers that no longer hold


class Unpacking:
    """Lets the rest of the server see plain bodies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request; only those of the conversation come packed."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX) and _is_packed(scope):
            scope["headers"] = [one for one in scope["headers"] if one[0] not in OF_PACKED]
            receive = _unpacked(receive, int(limit_of(scope)))
        await self._app(scope, receive, send)


def _is_packed(scope: Scope) -> bool:
    return (b"content-encoding", b"gzip") in [(name, value.lower()) for name, value in scope["headers"]]


def _unpacked(receive: Receive, limit: int) -> Receive:
    unpacker, room = zlib.decompressobj(GZIP_FORMAT), limit

    async def take() -> Message:
        nonlocal room
        message = await receive()
        if message["type"] != "http.request" or (unpacker.eof and not message.get("body")):
            return message
        body = _plain(unpacker, message.get("body", b""), room)
        room -= len(body)
        if unpacker.unused_data or not (unpacker.eof or message.get("more_body", False)):
            raise Refusal(RequestMalformed(field="gzip"))
        return {**message, "body": body}

    return take


def _plain(unpacker: zlib._Decompress, packed: bytes, room: int) -> bytes:
    """What `packed` holds; raises Refusal as soon as that is more than there is room for."""
    try:
        body = unpacker.decompress(packed, room + 1)
    except zlib.error as error:
        raise Refusal(RequestMalformed(field="gzip")) from error
    if len(body) > room:
        raise Refusal(RequestTooLarge(limit=room))
    return body
