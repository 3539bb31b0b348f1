"""Keeps the bytes that came just before a connection was cut, which uvicorn by itself would throw away.

A weak link is cut often, and what has crossed it should not have to cross it again.
"""

from __future__ import annotations

from typing import Any

from starlette.types import Message, Receive
from uvicorn.protocols.http.auto import AutoHTTPProtocol


class LastBytesProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's own HTTP protocol, whose requests hand over all they received before they tell of the cut."""

    def on_headers_complete(self) -> None:
        """A request begins (httptools); its task has not started yet."""
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:
            self.cycle.receive = last_bytes_first(self.cycle)

    def on_body(self, body: bytes) -> None:
        """Bytes come (httptools): what nothing waits before is passed on as it is, without being copied twice."""
        if not self.cycle.body:
            self.cycle.body, body = body, b""
        super().on_body(body)

    def handle_events(self) -> None:
        """Requests go on (h11, where httptools is missing); a new one begins inside."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not None and self.cycle is not before:
            self.cycle.receive = last_bytes_first(self.cycle)


def last_bytes_first(cycle: Any) -> Receive:
    """`receive` of one request that gives out the bytes still held before it says that the client has gone."""
    original = cycle.receive

    async def receive() -> Message:
        message: Message = await original()
        if message["type"] == "http.disconnect" and cycle.body and not cycle.response_complete:
            held, cycle.body = bytes(cycle.body), bytearray()
            return {"type": "http.request", "body": held, "more_body": True}
        return message

    return receive
