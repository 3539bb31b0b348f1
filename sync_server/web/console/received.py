"""What a browser sent with a form: its fields, and a file where one was chosen; never more than the action allows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from casebook.errors import RequestMalformed, RequestTooLarge

MULTIPART = "multipart/form-data"
MAX_FILES = 1


@dataclass(frozen=True)
class Sent:
    """All fields in their order, the same name as often as it was sent; `file` is blank when none was chosen."""

    fields: tuple[tuple[str, str], ...] = ()
    file: bytes = b""


async def received(request: Request, most_bytes: int, most_fields: int) -> Sent:
    """Reads the body. Raises RequestTooLarge or RequestMalformed."""
    stream = _bounded(request, most_bytes)
    if request.headers.get("content-type", "").startswith(MULTIPART):
        return await _with_file(request, stream, most_bytes, most_fields)
    body = b"".join([piece async for piece in stream])
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=most_fields)
    except ValueError as error:
        raise RequestMalformed(field="form") from error
    return Sent(tuple(pairs))


async def _bounded(request: Request, most_bytes: int) -> AsyncIterator[bytes]:
    taken = 0
    async for piece in request.stream():
        taken += len(piece)
        if taken > most_bytes:
            raise RequestTooLarge(limit=most_bytes)
        yield piece


async def _with_file(request: Request, stream: AsyncIterator[bytes], most_bytes: int, most_fields: int) -> Sent:
    parser = MultiPartParser(
        request.headers, stream, max_files=MAX_FILES, max_fields=most_fields, max_part_size=most_bytes  # type: ignore[arg-type]
    )
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError, LookupError) as error:
        raise RequestMalformed(field="form") from error
    try:
        pairs = form.multi_items()
        file = next((part for _, part in pairs if isinstance(part, UploadFile)), None)
        content = await file.read() if file else b""
        return Sent(tuple((name, part) for name, part in pairs if isinstance(part, str)), content)
    finally:
        await form.close()
