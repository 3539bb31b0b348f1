"""Tells a client what went wrong: RFC 9457 problem details with our stable codes, never a stack trace."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from assets import SOURCE_LOCALE, load_wording
from casebook.errors import CasebookError, NoSuchPage, RequestMalformed, RequestTooLarge, ServerFault

MEDIA_TYPE = "application/problem+json"
WATCHED = ("healthz", "readyz", "metrics")  # for whoever watches the server
MACHINE_DOORS = (["v1"], ["files"], *([door] for door in WATCHED))
#: What any of the machines' doors may answer besides what was asked for, as the OpenAPI document says it.
ANSWERS: dict[int | str, dict[str, object]] = {
    status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}
    for status in (400, 401, 403, 404, 408, 409, 410, 413, 415, 422, 423, 429, 503, 507)
}


class Refusal(HTTPException):
    """One of our errors where only an HTTP exception passes through the framework, such as while a body is read."""

    def __init__(self, error: CasebookError, status: int | None = None) -> None:
        super().__init__(status or error.status)
        self.error = error


def respond(request: Request, error: CasebookError, status: int | None = None) -> Response:
    """The answer for `error`: problem details for programs, its sentences for people."""
    status = status or error.status
    told = details(error, status, locale_of(request))
    if is_for_machines(request.url.path):
        headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
        return JSONResponse(told, status, headers, MEDIA_TYPE)
    return PlainTextResponse(f"{told['title']}\n{told['detail']}", status)


def is_for_machines(path: str) -> bool:
    """Whether programs, not people, use this address."""
    return path.split("/", 2)[1:2] in MACHINE_DOORS


def details(error: CasebookError, status: int, locale: str) -> dict[str, object]:
    """The problem as JSON: what happened, whether the record is safe, what to do now, and the facts."""
    say = load_wording(locale)
    key = f"error.{error.code}"
    rest = [say(f"{key}.{part}", **error.facts) for part in ("safe", "now") if say.has(f"{key}.{part}")]
    return {
        **error.facts,
        "type": f"urn:jiafang:problem:{error.code}",
        "title": say(key, **error.facts),
        "status": status,
        "detail": " ".join(rest) if locale == "en" else "".join(rest),
        "code": error.code,
        "retry": error.retry,
    }


def locale_of(request: Request) -> str:
    """The catalogue for the client's first language; Chinese unless it asks for English."""
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else SOURCE_LOCALE


async def on_casebook_error(request: Request, error: Exception) -> Response:
    """Our own errors."""
    assert isinstance(error, CasebookError)
    return respond(request, error)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """The framework's own refusals: no such path, wrong method, unreadable body."""
    assert isinstance(error, HTTPException)
    response = respond(request, _meaning(error), error.status_code)
    response.headers.update(error.headers or {})
    return response


async def on_unforeseen(request: Request, _error: Exception) -> Response:
    """What nobody foresaw; the guard logs it."""
    return respond(request, ServerFault(), HTTPStatus.INTERNAL_SERVER_ERROR)


def _meaning(error: HTTPException) -> CasebookError:
    if isinstance(error, Refusal):
        return error.error
    if error.status_code == HTTPStatus.NOT_FOUND:
        return NoSuchPage()
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return RequestTooLarge()
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerFault()
    return RequestMalformed(reason=HTTPStatus(error.status_code).phrase)
