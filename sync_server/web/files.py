"""Files over HTTP: resumable uploads by tus 1.0, alone or several in one stream, and downloads with ranges.

Of tus: core, creation (also with the first bytes), checksum, expiration.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from casebook.errors import CasebookError, ChecksumWrong, FileHashWrong, NoSuchFile, OffsetWrong, RequestMalformed
from casebook.packs import Pack, is_hash, read_pack
from casebook.protocol import TUS_VERSION
from casebook.records import Record
from sync_server import access
from sync_server.access import Subject, Verb
from sync_server.store import archive, files, reach
from sync_server.store.accounts import Account, by_id
from sync_server.store.blobs import Announcement
from sync_server.store.devices import Device
from sync_server.store.engine import Connection
from sync_server.together import Steps
from sync_server.web.aside import aside
from sync_server.web.bearer import device_of
from sync_server.web.inbox import Inbox
from sync_server.web.problem import Refusal, respond
from sync_server.web.stored import stored
from sync_server.wiring import Wiring
from sync_server.writing import Progress, Writing

OCTETS = "application/offset+octet-stream"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration"
#: tus demands the first; phones that can choose use the second.
CHECKSUMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
#: Bytes worth a hop to a thread. What comes faster than anybody could lose it is gathered, a visit as a whole: a server
#: that is killed loses a fraction of a second of an upload. All uploads together hold no more than so much.
PIECE_BYTES, MOST_HELD, ALL_HELD = 64 * 1024, 1024 * 1024, 12 * 1024 * 1024
GATHER_SECONDS = 0.05
TUS = {"Tus-Resumable": TUS_VERSION}


@dataclass(frozen=True)
class Target:
    """Where bytes go: a file that comes alone, or a pack."""

    sha256: str
    type: str
    pack: Pack | None = None

    @property
    def path(self) -> str:
        """Its address."""
        return f"/files/pack/{self.pack.id}" if self.pack else f"/files/{self.sha256}"


class Arriving:
    """The body of one request on its way to the disk; what came in one piece is never copied.

    `write` and what ends it are for threads. The turn at the files is taken with the first bytes, in the order in which
    the requests came (`number`).
    """

    def __init__(self, opened: Callable[[int], Writing], number: int) -> None:
        self._open, self._number = opened, number
        self._writing: Writing | None = None
        self._pieces: list[bytes] = []
        self.held, self.since = 0, time.monotonic()

    def add(self, piece: bytes) -> None:
        """More has come."""
        self._pieces.append(piece)
        self.held += len(piece)

    def write(self) -> Steps[Writing]:
        """Writes what is held. Raises what taking the turn and writing raise."""
        writing, pieces = self._opened(), self._taken()
        try:
            writing.write(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        except CasebookError:
            yield from writing.stopping()  # files that came whole before the wrong one count
            raise
        self.since = time.monotonic()
        return writing

    def finish(self) -> Steps[Progress]:
        """The body is complete."""
        writing = yield from self.write()
        return (yield from writing.closing())

    def break_off(self) -> Steps[None]:
        """Nothing more will come; what came is kept."""
        try:
            yield from self.write()
        finally:
            if self._writing:
                yield from self._writing.stopping()

    def refuse(self) -> Steps[int]:
        """Throws away all that came with this request; at which byte it began."""
        yield from ()
        writing = self._opened()
        self._taken()
        writing.take_back()
        return writing.offset

    def leave(self) -> None:
        """Gives the turn back, if that was not done."""
        if self._writing:
            self._writing.leave()

    def _opened(self) -> Writing:
        if self._writing is None:
            self._writing = self._open(self._number)
        return self._writing

    def _taken(self) -> list[bytes]:
        pieces, self._pieces, self.held = self._pieces, [], 0
        return pieces


class FileRoutes:
    """The endpoints; all disk and database work happens in threads, one after the other where something comes in."""

    def __init__(self, wiring: Wiring, inbox: Inbox) -> None:
        self._wiring, self._inbox = wiring, inbox
        self._arriving = 0

    def routes(self) -> list[Route]:
        """What to mount."""
        return [
            Route("/files", self.options, methods=["OPTIONS"]),
            Route("/files", self.create, methods=["POST"]),
            Route("/files/pack/{pack}", self.head, methods=["HEAD"]),
            Route("/files/pack/{pack}", self.patch, methods=["PATCH"]),
            Route("/files/{sha256}", self.head, methods=["HEAD"]),
            Route("/files/{sha256}", self.patch, methods=["PATCH"]),
            Route("/v1/files/{sha256}", self.download, methods=["GET", "HEAD"]),
        ]

    async def options(self, request: Request) -> Response:
        """What this endpoint can do."""
        extra = {
            "Tus-Version": TUS_VERSION, "Tus-Extension": EXTENSIONS, "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
            "Tus-Max-Size": str(self._wiring.uploads.max_bytes),
        }  # fmt: skip
        return Response(status_code=204, headers=TUS | extra)

    async def create(self, request: Request) -> Response:
        """Announces a file or a pack, with or without its first bytes; the answer says from which byte it is wanted."""
        _check_version(request)
        said, size = _metadata(request.headers.get("upload-metadata", "")), _count(request, "upload-length")
        target = _announced(said, size)
        location = {"Location": target.path}
        if request.headers.get("content-type") == OCTETS:
            # from the first on: who begins to send cannot know that some of it is here already
            return await self._take(request, lambda number: self._begin(request, target, size, number), 201, location)

        def announce() -> Progress:
            device, uploads = device_of(self._wiring, request), self._wiring.uploads
            if target.pack:
                return uploads.announce_pack(device.school, target.pack, device.dev)
            return uploads.announce(device.school, target.sha256, Announcement(size, target.type), device.dev)

        return Response(status_code=201, headers=self._headers(await aside(announce)) | location)

    async def head(self, request: Request) -> Response:
        """How many bytes the school has."""
        _check_version(request)

        def ask() -> Steps[Progress]:
            yield from ()  # behind what a connection that was just cut has brought
            school, uploads = device_of(self._wiring, request).school, self._wiring.uploads
            if "pack" in request.path_params:
                return uploads.progress_of(school, uploads.pack(school, _named(request, "pack")))
            return uploads.progress(school, _named(request, "sha256"))

        progress = await self._inbox.take(ask())
        return Response(status_code=200, headers=self._headers(progress) | {"Cache-Control": "no-store"})

    async def patch(self, request: Request) -> Response:
        """Takes bytes from an offset on; every byte that arrives before a cut is kept."""
        _check_version(request)
        if request.headers.get("content-type") != OCTETS:
            raise Refusal(RequestMalformed(expected=OCTETS), 415)
        offset = _count(request, "upload-offset")

        def opened(number: int) -> Writing:
            device, uploads = device_of(self._wiring, request), self._wiring.uploads
            if "pack" in request.path_params:
                pack = uploads.pack(device.school, _named(request, "pack"))
                return uploads.open_pack(device.school, pack, offset, device.dev, number)
            return uploads.open(device.school, _named(request, "sha256"), offset, device.dev, number)

        return await self._take(request, opened, 204, {})

    async def download(self, request: Request) -> Response:
        """A complete file, whole or a range of it, for those who may see a record that names it."""
        sha256 = _hash(request.path_params["sha256"])
        headers = {"Cache-Control": "private, max-age=31536000, immutable"}

        def found() -> Response:
            file = self._visible(device_of(self._wiring, request), sha256)
            return stored(request, self._wiring.blobs.files, file, headers)

        return await aside(found)

    def _begin(self, request: Request, target: Target, size: int, number: int) -> Writing:
        device, uploads = device_of(self._wiring, request), self._wiring.uploads
        if target.pack:
            return uploads.begin(device.school, target.pack, device.dev, number)
        uploads.announce(device.school, target.sha256, Announcement(size, target.type), device.dev)
        return uploads.open(device.school, target.sha256, 0, device.dev, number, again=True)

    async def _take(
        self, request: Request, opened: Callable[[int], Writing], status: int, headers: dict[str, str]
    ) -> Response:  # fmt: skip
        expected, arriving = _checksum(request), Arriving(opened, self._wiring.uploads.number())
        try:
            progress = await self._receive(request, arriving, expected)
        except (OffsetWrong, FileHashWrong, ChecksumWrong) as error:
            answer = respond(request, error)
            answer.headers.update(TUS | headers | {"Upload-Offset": str(error.facts.get("offset", 0))})
            return answer
        return Response(status_code=status, headers=self._headers(progress) | headers)

    async def _receive(self, request: Request, arriving: Arriving, expected: tuple[Any, bytes] | None) -> Progress:
        """Writes what comes until the body ends or the line breaks; either way nothing that came is lost."""
        self._arriving += 1
        try:
            async for piece in request.stream():
                arriving.add(piece)
                if expected:
                    expected[0].update(piece)
                if self._is_worth_a_hop(arriving):
                    await self._inbox.take(arriving.write())
            if expected and expected[0].digest() != expected[1]:
                raise ChecksumWrong(offset=await self._inbox.take(arriving.refuse()))
            return await self._inbox.take(arriving.finish())
        except (ClientDisconnect, Refusal):
            await self._inbox.take(arriving.break_off())
            raise
        finally:
            self._arriving -= 1
            arriving.leave()

    def _is_worth_a_hop(self, arriving: Arriving) -> bool:
        if arriving.held >= min(MOST_HELD, max(PIECE_BYTES, ALL_HELD // self._arriving)):
            return True
        return arriving.held >= PIECE_BYTES and time.monotonic() - arriving.since >= GATHER_SECONDS

    def _headers(self, progress: Progress) -> dict[str, str]:
        said = TUS | {"Upload-Offset": str(progress.offset), "Upload-Length": str(progress.size)}
        if progress.offset < progress.size:
            until = self._wiring.clock() + dt.timedelta(days=self._wiring.settings.part_days)
            said["Upload-Expires"] = format_datetime(until.astimezone(dt.UTC), usegmt=True)
        return said

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
        from sync_server.answers import Answers  # loads all that reads forms

        if not reach.may_see_evidence(conn, owner, record.case, record.author):
            return False
        written = Subject("", written_by=frozenset({record.author}))
        kept_back = Answers(owner.school, self._wiring.clock).kept_back_files(conn, record)
        return sha256 not in kept_back or access.allows(owner, Verb.READ_RESTRICTED, written)


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


def _announced(said: dict[str, str], size: int) -> Target:
    """What is about to come. Raises RequestMalformed."""
    if "pack" not in said:
        return Target(_hash(said.get("sha256", "")), said.get("type", ""))
    pack = read_pack(said["pack"])
    if pack.size != size:
        raise RequestMalformed(field="Upload-Length")
    return Target("", "", pack)


def _named(request: Request, what: str) -> str:
    """The hash in the address."""
    return _hash(request.path_params[what])


def _hash(text: str) -> str:
    if not is_hash(text):
        raise RequestMalformed(field="sha256")
    return text


def _checksum(request: Request) -> tuple[Any, bytes] | None:
    """What the bytes of this request must hash to, with the hash to feed. Raises RequestMalformed."""
    said = request.headers.get("upload-checksum")
    if said is None:
        return None
    name, _, digest = said.partition(" ")
    try:
        return CHECKSUMS[name](), base64.b64decode(digest, validate=True)
    except (KeyError, binascii.Error) as error:
        raise RequestMalformed(field="Upload-Checksum") from error


def _count(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise RequestMalformed(field=header)
    return int(text)
