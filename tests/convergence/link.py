"""A bad link between a simulated phone and the school: what is asked or answered on it may be lost, doubled or late."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from casebook.errors import TimedOut, Unreachable
from casebook.protocol import HelloReply, MissingReply, MissingRequest, PullReply, PushReply, PushRequest, Watermark
from tests.convergence.phone import Killed
from tests.convergence.school import School

Reply = TypeVar("Reply")

LOST_REQUEST, LOST_ANSWER = "request lost", "answer lost"
DOUBLED, SHUFFLED, LATE = "request doubled", "records in another order", "request arrives again later"
KILLED, MEANWHILE = "killed while it waits", "others talk in between"


@dataclass
class Link:
    """One phone's way to the school. `chances` says how likely each fault is at every call."""

    school: School
    dice: random.Random
    chances: dict[str, float] = field(default_factory=dict)
    counted: Callable[[str], None] = lambda fault: None
    meanwhile: Callable[[], None] = lambda: None
    strays: list[PushRequest] = field(default_factory=list)

    def hello(self, wm: Watermark | None = None) -> HelloReply:
        return self._call(self.school.hello, wm)

    def push(self, request: PushRequest) -> PushReply:
        if self._happens(SHUFFLED):
            records = self.dice.sample(request.records, len(request.records))
            request = PushRequest(records, request.sent_at, request.wm)
        if self._happens(LATE):
            self.strays.append(request)
        return self._call(self.school.push, request)

    def pull(self, after: int, limit: int, wm: Watermark | None = None) -> PullReply:
        return self._call(self.school.pull, after, limit, wm)

    def missing(self, request: MissingRequest) -> MissingReply:
        return self._call(self.school.missing, request)

    def close(self) -> None:
        """Nothing to close."""

    def _call(self, ask: Callable[..., Reply], *said: Any) -> Reply:
        if self._happens(MEANWHILE):
            self.meanwhile()
        if self._happens(LOST_REQUEST):
            raise Unreachable
        if self._happens(DOUBLED):
            ask(*said)
        reply = ask(*said)
        if self._happens(LOST_ANSWER):
            raise TimedOut
        if self._happens(KILLED):
            raise Killed
        return reply

    def _happens(self, fault: str) -> bool:
        happens = self.dice.random() < self.chances.get(fault, 0)
        if happens:
            self.counted(fault)
        return happens
