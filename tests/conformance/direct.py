"""The sync conversation without a wire: a phone and the school in one process."""

from __future__ import annotations

from collections.abc import Iterable

from casebook.packs import Pack
from casebook.protocol import (
    CompareReply,
    CompareRequest,
    HelloReply,
    MissingReply,
    MissingRequest,
    PullReply,
    PushReply,
    PushRequest,
    Watermark,
)
from sync_server.lacking import missing
from sync_server.store.blobs import Announcement
from sync_server.store.devices import Device
from sync_server.wiring import Wiring


class DirectConversation:
    """What the device with this bearer token may say to the school; raises the same errors as over HTTP."""

    def __init__(self, wiring: Wiring, token: str) -> None:
        self._wiring = wiring
        self._token = token

    def hello(self, wm: Watermark | None = None) -> HelloReply:
        """Versions, clock, standing, wishes."""
        return self._wiring.handout.hello(self._device, wm)

    def push(self, request: PushRequest) -> PushReply:
        """Files sealed records."""
        return self._wiring.intake.push(self._device, request)

    def pull(self, after: int, limit: int, wm: Watermark | None = None) -> PullReply:
        """What is new after the cursor."""
        return self._wiring.handout.pull(self._device, after, limit, wm)

    def missing(self, request: MissingRequest) -> MissingReply:
        """What the school lacks of these."""
        return missing(self._wiring.store, self._wiring.uploads, self._device.school, request)

    def compare(self, request: CompareRequest) -> CompareReply:
        """In which parts this phone's copy differs."""
        return self._wiring.handout.compare(self._device, request)

    def file_offset(self, sha256: str, size: int, type: str) -> int:
        """Announces a file; the byte from which the school wants it."""
        return self._wiring.uploads.announce(self._device.school, sha256, Announcement(size, type)).offset

    def send_chunk(self, sha256: str, offset: int, size: int, chunk: bytes) -> int:
        """Sends bytes of a file; the offset up to which the school keeps it now."""
        writing = self._wiring.uploads.open(self._device.school, sha256, offset)
        try:
            writing.write(chunk)
        except BaseException:
            self._wiring.uploads.leave(writing)
            raise
        return writing.close().offset

    def pack_offset(self, pack: Pack) -> int:
        """Announces a pack; the byte from which the school wants it."""
        return self._wiring.uploads.announce_pack(self._device.school, pack).offset

    def send_pack(self, pack: Pack, offset: int, pieces: Iterable[bytes], fresh: bool) -> int:
        """Sends all of a pack from `offset` on; the offset up to which the school keeps it now."""
        if fresh:
            self.pack_offset(pack)
        writing = self._wiring.uploads.open_pack(self._device.school, pack, offset)
        try:
            for piece in pieces:
                writing.write(piece)
        except BaseException:
            writing.stop()
            raise
        return writing.close().offset

    @property
    def _device(self) -> Device:
        return self._wiring.enrolment.device_of(self._token)
