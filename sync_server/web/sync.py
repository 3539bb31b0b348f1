"""The sync conversation over HTTP: JSON in, JSON out, every request idempotent."""

from __future__ import annotations

import structlog

from casebook.errors import RequestTooLarge, VersionTooOld
from casebook.protocol import (
    MAX_PUSH_RECORDS,
    OLDEST_VERSION,
    CompareReply,
    CompareRequest,
    EnrolReply,
    EnrolRequest,
    HelloReply,
    LogProof,
    MissingReply,
    MissingRequest,
    PullReply,
    PushReply,
    PushRequest,
    Watermark,
)
from casebook.spelling import SPELLINGS
from casebook.tables import with_tables
from sync_server import proofs
from sync_server.lacking import missing
from sync_server.logs import trace
from sync_server.together import Steps
from sync_server.web.doors import Asked, Call, Door
from sync_server.web.rate import Rate
from sync_server.wiring import Wiring

log = structlog.get_logger()

MAX_ASKED = 2000
MAX_PARTS = 100
MAX_SEQUENCE = 2**53
ARRIVED = "jiafang.arrived"  # when the request began to arrive, in its scope
ENROL_TRIES_PER_MINUTE = 10

WM = Asked("wm", "", most=200)


class Conversation:
    """What is done behind each door; all of it in threads, beside the event loop."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._enrol_rate = Rate(ENROL_TRIES_PER_MINUTE)

    def doors(self) -> list[Door]:
        """All of them."""
        after, limit = Asked("after", 0, MAX_SEQUENCE, least=0), Asked("limit", 500, 10_000, least=1)
        tables = Asked("tables", 0, 1, least=0)
        rid, old = Asked("rid", "", most=64), Asked("old", None, MAX_SEQUENCE, least=0)
        return [
            Door("POST", "/v1/enrol", self.enrol, EnrolReply, brings=EnrolRequest, is_open=True),
            Door("GET", "/v1/hello", self.hello, HelloReply, asks=(WM,)),
            Door("POST", "/v1/push", self.push, PushReply, brings=PushRequest, comes_in=True),
            Door("GET", "/v1/pull", self.pull, PullReply, asks=(after, limit, WM, tables)),
            Door("POST", "/v1/missing", self.missing, MissingReply, brings=MissingRequest, comes_in=True),
            Door("POST", "/v1/compare", self.compare, CompareReply, brings=CompareRequest),
            Door("GET", "/v1/log/proof", self.proof, LogProof, asks=(rid, old)),
        ]

    def enrol(self, call: Call) -> EnrolReply:
        """Trades a one-use code for a device token."""
        address = call.request.client.host if call.request.client else ""
        self._enrol_rate.count(address)
        if call.message.version < OLDEST_VERSION:
            raise VersionTooOld(oldest=OLDEST_VERSION)
        self._wiring.uploads.need_room()
        reply = self._wiring.enrolment.enrol(call.message)
        self._enrol_rate.forget(address)  # all phones of a school may come from one address on the same day
        return reply

    def hello(self, call: Call) -> HelloReply:
        """Versions, clock, standing, wishes, the log beyond `wm`: gen,size,root as the device knows it."""
        self._wiring.seen.note(call.device.dev, self._wiring.clock())
        return self._wiring.handout.hello(call.device, _watermark(call.asked["wm"]))

    def push(self, call: Call) -> Steps[PushReply]:
        """Files sealed records; one outcome per record, in order."""
        wiring, records = self._wiring, call.message.records
        if len(records) > MAX_PUSH_RECORDS:
            raise RequestTooLarge(limit=MAX_PUSH_RECORDS)
        wiring.uploads.need_room()
        arrived = call.request.scope[ARRIVED]
        reply = yield from wiring.intake.pushing(call.device, call.message, arrived)
        sent, spent = sum(len(one.payload) for one in records), wiring.clock() - arrived
        wiring.handout.pace.note(call.device.dev, len(records), sent, spent.total_seconds())
        _look(wiring, [outcome.rid for outcome in reply.outcomes])
        for outcome in reply.outcomes:
            wiring.meter.count("records_offered", verdict=str(outcome.verdict), code=outcome.code or "")
        return reply

    def pull(self, call: Call) -> PullReply:
        """What is new after a cursor; with each page the log beyond `wm`; many rows as tables to who asks for them."""
        asked = call.asked
        page = self._wiring.handout.pull(call.device, asked["after"], asked["limit"], _watermark(asked["wm"]))
        return with_tables(page, SPELLINGS) if asked["tables"] else page

    def missing(self, call: Call) -> Steps[MissingReply]:
        """Which of these records and files the school lacks, and from which byte: behind what has come before."""
        yield from ()
        wiring, message = self._wiring, call.message
        if len(message.rids) > MAX_ASKED or len(message.files) > MAX_ASKED:
            raise RequestTooLarge(limit=MAX_ASKED)
        return missing(wiring.store, wiring.uploads, call.device.school, message)

    def compare(self, call: Call) -> CompareReply:
        """The parts in which this phone's copy differs, as the school has them."""
        if len(call.message.parts) > MAX_PARTS:
            raise RequestTooLarge(limit=MAX_PARTS)
        return self._wiring.handout.compare(call.device, call.message)

    def proof(self, call: Call) -> LogProof:
        """The newest checkpoint; that it holds the record `rid`; that it continues the log of `old` records."""
        return proofs.prove(self._wiring, call.device, call.asked["rid"], call.asked["old"])


def _watermark(said: str) -> Watermark | None:
    """What a device says in one word; what is none is as good as nothing."""
    gen, _, rest = said.partition(",")
    size, _, root = rest.partition(",")
    return Watermark(gen, int(size), root) if size.isascii() and size.isdigit() and len(size) < 17 else None


def _look(wiring: Wiring, rids: list[str]) -> None:
    """What was stored stays stored and acknowledged, whatever comes of what follows from it."""
    try:
        wiring.numbers.look_after(rids)
    except Exception as error:
        log.error("looking after cases failed", **trace(error))
