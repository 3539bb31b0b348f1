"""Sends a file out of the file store, whole or the range that was asked for, wherever the store keeps it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from casebook.errors import NoSuchFile
from sync_server.store.files import CompleteFile
from sync_server.store.filestore import FileStore

#: One range; of a list of ranges, as of anything else that is not understood, the whole file is the answer.
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})\Z")


class Unsatisfiable(Exception):
    """The range begins behind the end of the file."""


def stored(request: Request, files: FileStore, file: CompleteFile, headers: Mapping[str, str]) -> Response:
    """The answer that brings the file. Asks the store: use a thread. Raises NoSuchFile, OSError."""
    told = {**headers, "ETag": f'"{file.sha256}"', "Accept-Ranges": "bytes"}
    try:
        wanted = _range(request, file)
    except Unsatisfiable:
        told["Content-Range"] = f"bytes */{file.size}"
        return Response(status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=told)
    first, last = wanted or (0, file.size - 1)
    told["Content-Length"] = str(last - first + 1)
    if wanted:
        told["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    status = HTTPStatus.PARTIAL_CONTENT if wanted else HTTPStatus.OK
    if request.method == "HEAD":
        return Response(status_code=status, headers=told, media_type=file.type)
    try:
        pieces = files.read(file.sha256, first, last if wanted else None)
    except FileNotFoundError as error:
        raise NoSuchFile(sha256=file.sha256) from error
    return StreamingResponse(pieces, status, told, file.type)


def _range(request: Request, file: CompleteFile) -> tuple[int, int] | None:
    """First and last byte that are wanted; None for all. Raises Unsatisfiable."""
    found = RANGE.match(request.headers.get("range", ""))
    if found is None or request.headers.get("if-range", f'"{file.sha256}"') != f'"{file.sha256}"':
        return None
    begin, end = found.groups()
    if not begin and not end:
        return None
    first = int(begin) if begin else max(0, file.size - int(end))
    last = min(int(end), file.size - 1) if begin and end else file.size - 1
    if first >= file.size or (not begin and int(end) == 0):
        raise Unsatisfiable()
    return (first, last) if first <= last else None
