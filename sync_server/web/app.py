"""Puts the web side together: sync, files, console, guards, problem details."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from casebook.errors import CasebookError
from sync_server.deployment import Deployment, alone
from sync_server.logs import trace
from sync_server.operations.schedule import Nightwatch
from sync_server.web import doors, problem, watching
from sync_server.web.describing import description
from sync_server.web.files import FileRoutes
from sync_server.web.inbox import Inbox
from sync_server.web.limits import Guard
from sync_server.web.schools import Schools
from sync_server.web.sync import ARRIVED, Conversation
from sync_server.web.unpacking import Unpacking
from sync_server.web.zipping import GZIP_FROM_BYTES
from sync_server.wiring import Clock, Wiring

log = structlog.get_logger()

LOOK_SECONDS = 60
#: Who asks while we start is answered first; then what takes longer is loaded and worked out.
BREATH_SECONDS = 0.5
PAGES_GZIP_LEVEL = 6


def create_app(served: Wiring | Deployment, warm: Callable[[], object] = lambda: None) -> ASGIApp:
    """The whole server as one ASGI application: phones knock at /v1 and /files, people at everything else.

    `warm` is called when lives have been worked out: after the start, and of each school that is asked for later.
    """
    deployment = served if isinstance(served, Deployment) else alone(served)

    def sides(wiring: Wiring) -> ASGIApp:
        return Sides(_machines(wiring, deployment, warm), lambda: _people(wiring), wiring.clock)

    schools = Unpacking(Schools(deployment, sides))
    zipped = GZipMiddleware(schools, minimum_size=GZIP_FROM_BYTES, compresslevel=PAGES_GZIP_LEVEL)
    return Guard(zipped, deployment.settings.stall_seconds, deployment.first.meter)


class Sides:
    """Sends a request to the side it is for; each side answers its own errors in its own way.

    Notes when the request began to arrive: on a weak link its body may follow minutes later.
    """

    def __init__(self, machines: ASGIApp, build_people: Callable[[], ASGIApp], clock: Clock) -> None:
        self._machines = machines
        self._clock = clock
        self._build_people = build_people
        self._people: ASGIApp | None = None
        self._building = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes one connection on; the server's own start and end belong to the machines' side."""
        scope[ARRIVED] = self._clock()
        for_people = scope["type"] == "http" and not problem.is_for_machines(scope["path"])
        side = await self._peoples_side() if for_people else self._machines
        await side(scope, receive, send)

    async def _peoples_side(self) -> ASGIApp:
        """The console is built when the first person asks, so that phones need not wait for it at the start."""
        async with self._building:
            if self._people is None:
                self._people = await run_in_threadpool(self._build_people)
            return self._people


def _people(wiring: Wiring) -> ASGIApp:
    from sync_server.web.console import console_routes

    return Starlette(routes=console_routes(wiring), exception_handlers={Exception: problem.on_unforeseen})


def _machines(wiring: Wiring, deployment: Deployment, warm: Callable[[], object]) -> Starlette:
    """The side of programs of one school; that of the oldest hears of the server's start and end."""
    talk, inbox = Conversation(wiring).doors(), Inbox()
    return Starlette(
        routes=[
            *FileRoutes(wiring, inbox).routes(), *doors.routes(wiring, talk, inbox), description(talk),
            *watching.routes(wiring),
        ],
        exception_handlers={
            CasebookError: problem.on_casebook_error, HTTPException: problem.on_http_exception,
            Exception: problem.on_unforeseen,
        },
        lifespan=lambda _app: _life(deployment, warm),
    )  # fmt: skip


@asynccontextmanager
async def _life(deployment: Deployment, warm: Callable[[], object]) -> AsyncIterator[None]:
    chore, nights = asyncio.create_task(_look_for_ever(deployment, warm)), Nightwatch(deployment.all)
    nights.start()
    yield
    nights.stop()
    chore.cancel()
    with suppress(asyncio.CancelledError):
        await chore


def _wake(deployment: Deployment) -> None:
    try:
        deployment.first.store.wake()
    except (CasebookError, OSError) as error:  # a full disk: phones will hear of it
        log.error("the store is not ready to write", **trace(error))


async def _look_for_ever(deployment: Deployment, warm: Callable[[], object]) -> None:
    """Numbers the cases that time alone has opened; and the lives are worked out before the first person asks."""
    known: set[str] = set()
    await run_in_threadpool(_wake, deployment)
    await asyncio.sleep(BREATH_SECONDS)
    await run_in_threadpool(lambda: deployment.first.handout)
    while True:
        awake = deployment.awake()
        for wiring in awake:
            try:
                await run_in_threadpool(wiring.numbers.look)
            except Exception as error:
                log.error("looking after cases failed", **trace(error))
        schools = {wiring.school.id for wiring in awake}
        if not schools <= known:
            warm()
            known |= schools
        await asyncio.sleep(LOOK_SECONDS)
