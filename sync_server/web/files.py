"""Files over HTTP: resumable uploads by tus 1.0 (core and creation), downloads with ranges."""

from __future__ import annotations

import base64
import binascii
import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from casebook.errors import FileHashWrong, NoSuchFile, OffsetWrong, RequestMalformed
from casebook.protocol import TUS_VERSION
from casebook.records import Record
from sync_server import access
from sync_server.access import Subject, Verb
from sync_server.answers import Answers
from sync_server.store import archive, files, reach
from sync_server.store.accounts import Account, by_id
from sync_server.store.blobs import Announcement
from sync_server.store.devices import Device
from sync_server.store.engine import Connection
from sync_server.uploads import Progress, Writing
from sync_server.web.bearer import device_of
from sync_server.web.problem import Refusal, respond
from sync_server.wiring import Wiring

HEX64 = re.compile(r"[0-9a-f]{64}\Z")
OCTETS = "application/offset+octet-stream"
#: Bytes worth a hop to a thread; a server that is killed loses no more than this of an upload.
PIECE_BYTES = 16 * 1024
TUS = {"Tus-Resumable": TUS_VERSION}


class FileRoutes:
    """The endpoints; all disk and database work happens in threads."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def routes(self) -> list[Route]:
        """What to mount."""
        return [
            Route("/files", self.options, methods=["OPTIONS"]),
            Route("/files", self.create, methods=["POST"]),
            Route("/files/{sha256}", self.head, methods=["HEAD"]),
            Route("/files/{sha256}", self.patch, methods=["PATCH"]),
            Route("/v1/files/{sha256}", self.download, methods=["GET", "HEAD"]),
        ]

    async def options(self, request: Request) -> Response:
        """What this endpoint can do."""
        limit = str(self._wiring.uploads.max_bytes)
        extra = {"Tus-Version": TUS_VERSION, "Tus-Extension": "creation", "Tus-Max-Size": limit}
        return Response(status_code=204, headers=TUS | extra)

    async def create(self, request: Request) -> Response:
        """Announces a file; the answer says from which byte it is wanted."""
        _check_version(request)
        said = _metadata(request.headers.get("upload-metadata", ""))
        sha256 = _hash(said.get("sha256", ""))
        announcement = Announcement(_count(request, "upload-length"), said.get("type", ""))

        def announce() -> Progress:
            device = device_of(self._wiring, request)
            return self._wiring.uploads.announce(device.school, sha256, announcement)

        progress = await run_in_threadpool(announce)
        return Response(status_code=201, headers=_headers(progress) | {"Location": f"/files/{sha256}"})

    async def head(self, request: Request) -> Response:
        """How many bytes the school has."""
        _check_version(request)
        sha256 = _hash(request.path_params["sha256"])
        progress = await run_in_threadpool(
            lambda: self._wiring.uploads.progress(device_of(self._wiring, request).school, sha256)
        )
        return Response(status_code=200, headers=_headers(progress) | {"Cache-Control": "no-store"})

    async def patch(self, request: Request) -> Response:
        """Takes bytes from an offset on; every byte that arrives before a cut is kept."""
        _check_version(request)
        if request.headers.get("content-type") != OCTETS:
            raise Refusal(RequestMalformed(expected=OCTETS), 415)
        sha256, offset = _hash(request.path_params["sha256"]), _count(request, "upload-offset")
        try:
            writing = await run_in_threadpool(
                lambda: self._wiring.uploads.open(device_of(self._wiring, request).school, sha256, offset)
            )
            progress = await self._receive(request, writing)
        except (OffsetWrong, FileHashWrong) as error:
            answer = respond(request, error)
            answer.headers.update(TUS | {"Upload-Offset": str(error.facts.get("offset", 0))})
            return answer
        return Response(status_code=204, headers=_headers(progress))

    async def download(self, request: Request) -> Response:
        """A complete file, whole or a range of it, for those who may see a record that names it."""
        sha256 = _hash(request.path_params["sha256"])
        file = await run_in_threadpool(lambda: self._visible(device_of(self._wiring, request), sha256))
        headers = {"Cache-Control": "private, max-age=31536000, immutable", "ETag": f'"{sha256}"'}
        return FileResponse(self._wiring.blobs.path(sha256), headers=headers, media_type=file.type)

    async def _receive(self, request: Request, writing: Writing) -> Progress:
        """Writes what comes until the body ends or the line breaks; either way nothing that came is lost."""
        held = bytearray()
        try:
            async for piece in request.stream():
                held += piece
                if len(held) >= PIECE_BYTES:
                    await run_in_threadpool(writing.write, bytes(held))
                    held.clear()
            await run_in_threadpool(writing.write, bytes(held))
            return await run_in_threadpool(writing.close)
        except (ClientDisconnect, Refusal):
            await run_in_threadpool(writing.write, bytes(held))
            raise
        finally:
            self._wiring.uploads.leave(writing)

    def _visible(self, device: Device, sha256: str) -> files.CompleteFile:
        """The file, if the device's owner may see a record that names it. Raises NoSuchFile either way."""
        with self._wiring.store.read() as conn:
            file = files.one(conn, device.school, sha256)
            owner = by_id(conn, device.school, device.account)
            if file is None or owner is None or not device.active:
                raise NoSuchFile(sha256=sha256)
            by = files.brought_by(conn, device.school, sha256)
            named = (entry.record for entry in archive.naming(conn, device.school, sha256))
            if not any(record.author == by and self._may_open(conn, owner, record, sha256) for record in named):
                raise NoSuchFile(sha256=sha256)
        if not self._wiring.blobs.holds(sha256, file.size):
            raise NoSuchFile(sha256=sha256)
        return file

    def _may_open(self, conn: Connection, owner: Account, record: Record, sha256: str) -> bool:
        """Whether the record lets this account see its file; that of a restricted question is for few."""
        if not reach.may_see_evidence(conn, owner, record.case, record.author):
            return False
        written = Subject("", written_by=frozenset({record.author}))
        kept_back = Answers(owner.school, self._wiring.clock).kept_back_files(conn, record)
        return sha256 not in kept_back or access.allows(owner, Verb.READ_RESTRICTED, written)


def _headers(progress: Progress) -> dict[str, str]:
    return TUS | {"Upload-Offset": str(progress.offset), "Upload-Length": str(progress.size)}


def _check_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != TUS_VERSION:
        raise Refusal(RequestMalformed(field="Tus-Resumable"), 412)


def _metadata(text: str) -> dict[str, str]:
    """tus metadata: `name base64, name base64`. Raises RequestMalformed."""
    try:
        pairs = (part.split() for part in text.split(",") if part.strip())
        return {pair[0]: base64.b64decode(pair[1], validate=True).decode() if pair[1:] else "" for pair in pairs}
    except (binascii.Error, ValueError) as error:
        raise RequestMalformed(field="Upload-Metadata") from error


def _hash(text: str) -> str:
    if not HEX64.match(text):
        raise RequestMalformed(field="sha256")
    return text


def _count(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise RequestMalformed(field=header)
    return int(text)
