"""The sync conversation over HTTP: JSON in, JSON out, every request idempotent."""

from __future__ import annotations

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Query
from fastapi.security import HTTPBearer
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

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
    to_json,
)
from sync_server import proofs
from sync_server.logs import trace
from sync_server.store import archive
from sync_server.store.devices import Device
from sync_server.web.bearer import device_of
from sync_server.web.problem import ANSWERS
from sync_server.web.rate import Rate
from sync_server.wiring import Wiring

log = structlog.get_logger()

MAX_ASKED = 2000
MAX_PARTS = 100
ARRIVED = "jiafang.arrived"  # when the request began to arrive, in its scope
ENROL_TRIES_PER_MINUTE = 10

_bearer = Depends(HTTPBearer(auto_error=False, description="The device's token, given at enrolment"))


def routes(wiring: Wiring) -> APIRouter:
    """The /v1 routes of the conversation. All are plain functions: they run in threads, beside the event loop."""
    router = APIRouter(prefix="/v1", responses=ANSWERS)

    def device(request: Request) -> Device:
        return device_of(wiring, request)

    known = Depends(device)
    _add_greetings(router, wiring, known)
    _add_exchange(router, wiring, known)
    _add_comparison(router, wiring, known)
    _add_proofs(router, wiring, known)
    return router


def _add_greetings(router: APIRouter, wiring: Wiring, known: Any) -> None:
    """How a telephone gets to know the school, and how every conversation begins."""
    enrol_rate = Rate(ENROL_TRIES_PER_MINUTE)

    @router.post("/enrol", response_model=EnrolReply)
    def enrol(message: EnrolRequest, request: Request) -> Response:
        """Trades a one-use code for a device token."""
        enrol_rate.count(request.client.host if request.client else "")
        if message.version < OLDEST_VERSION:
            raise VersionTooOld(oldest=OLDEST_VERSION)
        wiring.uploads.need_room()
        return _json(wiring.enrolment.enrol(message))

    @router.get("/hello", response_model=HelloReply, dependencies=[_bearer])
    def hello(caller: Device = known, wm: Annotated[str, Query(max_length=200)] = "") -> Response:
        """Versions, clock, standing, wishes, the log beyond `wm`: gen,size,root as the device knows it."""
        wiring.seen.note(caller.dev, wiring.clock())
        return _json(wiring.handout.hello(caller, _watermark(wm)))


def _add_exchange(router: APIRouter, wiring: Wiring, known: Any) -> None:
    """Records up, what is new down, and what the school lacks."""

    @router.post("/push", response_model=PushReply, dependencies=[_bearer])
    def push(message: PushRequest, request: Request, caller: Device = known) -> Response:
        """Files sealed records; one outcome per record, in order."""
        if len(message.records) > MAX_PUSH_RECORDS:
            raise RequestTooLarge(limit=MAX_PUSH_RECORDS)
        wiring.uploads.need_room()
        arrived = request.scope[ARRIVED]
        reply = wiring.intake.push(caller, message, arrived)
        sent, spent = sum(len(one.payload) for one in message.records), wiring.clock() - arrived
        wiring.handout.pace.note(caller.dev, len(message.records), sent, spent.total_seconds())
        _look(wiring, [outcome.rid for outcome in reply.outcomes])
        for outcome in reply.outcomes:
            wiring.meter.count("records_offered", verdict=str(outcome.verdict), code=outcome.code or "")
        return _json(reply)

    @router.get("/pull", response_model=PullReply, dependencies=[_bearer])
    def pull(
        caller: Device = known,
        after: Annotated[int, Query(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 500,
        wm: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:
        """What is new after a cursor; with the last page the log beyond `wm`."""
        return _json(wiring.handout.pull(caller, after, limit, _watermark(wm)))

    @router.post("/missing", response_model=MissingReply, dependencies=[_bearer])
    def missing(message: MissingRequest, caller: Device = known) -> Response:
        """Which of these records and files the school lacks, and from which byte."""
        if len(message.rids) > MAX_ASKED or len(message.files) > MAX_ASKED:
            raise RequestTooLarge(limit=MAX_ASKED)
        with wiring.store.read() as conn:
            rids = archive.not_held(conn, caller.school, message.rids)
        return _json(MissingReply(rids, wiring.uploads.missing(caller.school, _hashes(message.files))))


def _add_comparison(router: APIRouter, wiring: Wiring, known: Any) -> None:
    """Whether a phone has what it should have."""

    @router.post("/compare", response_model=CompareReply, dependencies=[_bearer])
    def compare(message: CompareRequest, caller: Device = known) -> Response:
        """The parts in which this phone's copy differs, as the school has them."""
        if len(message.parts) > MAX_PARTS:
            raise RequestTooLarge(limit=MAX_PARTS)
        return _json(wiring.handout.compare(caller, message))


def _add_proofs(router: APIRouter, wiring: Wiring, known: Any) -> None:
    """What the transparency log proves."""

    @router.get("/log/proof", response_model=LogProof, dependencies=[_bearer])
    def proof(
        caller: Device = known,
        rid: Annotated[str, Query(max_length=64)] = "",
        old: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    ) -> Response:
        """The newest checkpoint; that it holds the record `rid`; that it continues the log of `old` records."""
        return _json(proofs.prove(wiring, caller, rid, old))


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


def _hashes(asked: list[str]) -> list[str]:
    """Only what can be a hash: nothing else may come near a file name."""
    return [sha256 for sha256 in asked if len(sha256) == 64 and set(sha256) <= set("0123456789abcdef")]


def _json(reply: Any) -> Response:
    return JSONResponse(to_json(reply))
