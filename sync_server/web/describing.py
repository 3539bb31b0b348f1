"""Describes the doors of the conversation for programs, as an OpenAPI document that is made when somebody asks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import cache
from typing import Annotated, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from casebook.protocol import VERSION
from sync_server.web import described
from sync_server.web.doors import Asked, Door
from sync_server.web.problem import ANSWERS

ADDRESS = "/v1/openapi.json"
TITLE = "Jiafang"


def description(doors: Iterable[Door]) -> Route:
    """Where the document lies."""
    made = cache(lambda: document(doors))

    async def openapi(_request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(made))

    return Route(ADDRESS, openapi)


def document(doors: Iterable[Door]) -> dict[str, Any]:
    """The document. FastAPI is loaded for it, and for nothing else."""
    from fastapi import Depends, FastAPI
    from fastapi.security import HTTPBearer

    app = FastAPI(title=TITLE, version=str(VERSION), openapi_url=None, docs_url=None, redoc_url=None)
    bearer = Depends(HTTPBearer(auto_error=False, description="The device's token, given at enrolment"))
    for door in doors:
        app.add_api_route(
            door.path, _shape(door), methods=[door.method], response_model=door.reply, responses=ANSWERS,
            dependencies=[] if door.is_open else [bearer], name=door.path.rpartition("/")[2],
            description=inspect.getdoc(door.answer),
        )  # fmt: skip
    found = app.openapi()
    return found | {"paths": found["paths"] | described.addresses()}


def _shape(door: Door) -> Callable[..., None]:
    """A function that asks for what the door asks for."""

    def shape() -> None:
        """Never called."""

    parameters = [_parameter(one) for one in door.asks]
    if door.brings:
        body = inspect.Parameter("message", inspect.Parameter.KEYWORD_ONLY, annotation=door.brings)
        parameters.append(body)
    shape.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return shape


def _parameter(asked: Asked) -> inspect.Parameter:
    from fastapi import Query

    if asked.least is None:
        kind: Any = Annotated[str, Query(max_length=asked.most)]
    elif asked.default is None:
        kind = Annotated[int | None, Query(ge=asked.least, le=asked.most)]
    else:
        kind = Annotated[int, Query(ge=asked.least, le=asked.most)]
    return inspect.Parameter(asked.name, inspect.Parameter.KEYWORD_ONLY, default=asked.default, annotation=kind)
