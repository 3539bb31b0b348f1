"""What the OpenAPI document says of the addresses of files: plain routes, of which the framework says nothing."""

from __future__ import annotations

from typing import Any

from casebook.protocol import TUS_VERSION
from sync_server.filetypes import ACCEPTED
from sync_server.web.files import OCTETS
from sync_server.web.problem import ANSWERS, MEDIA_TYPE

PROBLEM: dict[str, Any] = {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}
REFUSED: dict[str, Any] = {str(status): said for status, said in ANSWERS.items()} | {
    "412": {"description": "Another version of tus", **PROBLEM},
    "460": {"description": "The bytes are not what their hash says", **PROBLEM},
}
KNOWN: list[dict[str, list[str]]] = [{"HTTPBearer": []}]


def addresses() -> dict[str, Any]:
    """The addresses and what may be asked there, as the document has them."""
    version = _header("Tus-Resumable", f"^{TUS_VERSION.replace('.', '[.]')}$")
    begin, length = _header("Upload-Offset", "^[0-9]{1,15}$"), _header("Upload-Length", "^[0-9]{1,15}$")
    said = _header("Upload-Metadata", "^(sha256 [A-Za-z0-9+/=]+,type [A-Za-z0-9+/=]+|pack [A-Za-z0-9+/=]+)$")
    sum_of = _header("Upload-Checksum", "^(sha1|sha256) [A-Za-z0-9+/=]+$", required=False)
    offset = _told("Upload-Offset", "Upload-Length", "Upload-Expires")
    create = _call("Announces a file or a pack, with or without its first bytes", {"201": offset | _said("Announced")})
    create |= {"parameters": [version, length, said, sum_of], "requestBody": _bytes(required=False)}
    return {
        "/files": {"options": _options(), "post": create},
        "/files/{sha256}": _resumable("sha256", version, begin, sum_of, offset),
        "/files/pack/{pack}": _resumable("pack", version, begin, sum_of, offset),
        "/v1/files/{sha256}": _download(),
    }


def _options() -> dict[str, Any]:
    told = _told("Tus-Version", "Tus-Extension", "Tus-Checksum-Algorithm", "Tus-Max-Size")
    return {"summary": "What uploads can do here", "responses": {"204": told | _said("See the headers")}}


def _resumable(name: str, version: Any, begin: Any, sum_of: Any, offset: Any) -> dict[str, Any]:
    head = _call("How many bytes the school has", {"200": offset | _said("See the headers")})
    patch = _call("Brings bytes from an offset on", {"204": offset | _said("Kept")})
    return {
        "parameters": [_place(name)],
        "head": head | {"parameters": [version]},
        "patch": patch | {"parameters": [version, begin, sum_of], "requestBody": _bytes(required=True)},
    }


def _download() -> dict[str, Any]:
    content = {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in sorted(ACCEPTED)}}
    brought = {
        "200": _said("The file") | content,
        "206": _said("The range that was asked for") | content,
        "416": _said("The range begins behind the end of the file"),
    }
    part = _header("Range", "^bytes=[0-9]{0,15}-[0-9]{0,15}$", required=False)
    calls = {"get": _call("A complete file", brought), "head": _call("Its size", brought)}
    return {"parameters": [_place("sha256")], **{how: call | {"parameters": [part]} for how, call in calls.items()}}


def _call(summary: str, well: dict[str, Any]) -> dict[str, Any]:
    return {"summary": summary, "security": KNOWN, "responses": REFUSED | well}


def _said(description: str) -> dict[str, Any]:
    return {"description": description}


def _told(*names: str) -> dict[str, Any]:
    return {"headers": {name: {"schema": {"type": "string"}} for name in names}}


def _header(name: str, pattern: str, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": {"type": "string", "pattern": pattern}}


def _place(name: str) -> dict[str, Any]:
    pattern = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    return {"name": name, "in": "path", "required": True, "schema": pattern}


def _bytes(*, required: bool) -> dict[str, Any]:
    return {"required": required, "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}}
