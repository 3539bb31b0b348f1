"""What whoever watches the server may ask: does it live, can it work, and its figures."""

from __future__ import annotations

import ipaddress
import secrets

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from casebook.errors import NoSuchPage
from sync_server.operations.health import Health
from sync_server.web.problem import respond
from sync_server.wiring import Wiring

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Says that the request came through a proxy, so that the address we see is the proxy's.
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
NEVER_KEPT = {"Cache-Control": "no-store"}


def routes(wiring: Wiring) -> list[Route]:
    """/healthz, /readyz and /metrics."""
    health, token = Health(wiring), wiring.settings.metrics_token.get_secret_value()

    async def alive(_request: Request) -> Response:
        return PlainTextResponse("ok\n", headers=NEVER_KEPT)

    async def ready(_request: Request) -> Response:
        found = await run_in_threadpool(health.readiness)
        told = {name: value for name, value in found.__dict__.items() if value is not None}
        return JSONResponse({"ready": found.ready, **told}, 200 if found.ready else 503, NEVER_KEPT)

    async def metrics(request: Request) -> Response:
        if not _may_read_figures(request, token):
            return respond(request, NoSuchPage())
        text = await run_in_threadpool(lambda: wiring.meter.text(health.gauges()))
        return PlainTextResponse(text, headers=NEVER_KEPT, media_type=METRICS_TYPE)

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]


def _may_read_figures(request: Request, token: str) -> bool:
    """Whoever knows the token; without one, this computer itself."""
    if token:
        said = request.headers.get("authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(said.encode(), token.encode())
    return _is_this_computer(request) and not any(name in request.headers for name in FORWARDED)


def _is_this_computer(request: Request) -> bool:
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
