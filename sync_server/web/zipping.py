"""Packs answers by gzip, in the thread that made them."""

from __future__ import annotations

import zlib

from starlette.requests import Request
from starlette.responses import Response

GZIP_FROM_BYTES = 500
GZIP_LEVEL = 6
_GZIP_FORMAT = 16 + zlib.MAX_WBITS
#: Of 9: short blocks, each with a code of its own. Columns of ids, names and numbers have little in common.
_BLOCKS = 5


def zipped(content: bytes) -> bytes:
    """The content, packed."""
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, _GZIP_FORMAT, _BLOCKS)
    return packer.compress(content) + packer.flush()


def answer(request: Request, content: bytes, media_type: str) -> Response:
    """The answer with this content, packed where that is worth it and the caller can unpack it."""
    if len(content) < GZIP_FROM_BYTES or "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(content, media_type=media_type)
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(zipped(content), media_type=media_type, headers=headers)
