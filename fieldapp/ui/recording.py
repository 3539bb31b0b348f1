"""The phone's microphone and loudspeaker for voice notes; a shell without them says so, and a file can be chosen."""

from __future__ import annotations

import asyncio
import importlib
import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fieldapp.capture.sound import BYTES_A_SAMPLE, LONGEST_S, RATE, RATES, thinned
from fieldapp.ui.actions import guard
from fieldapp.ui.device import PERMISSION_TIMEOUT_S, SERVICE_TIMEOUT_S, within

log = logging.getLogger(__name__)

BITS_A_SECOND = 32_000  # of compressed speech: three minutes are 0.7 MB
MOST_STREAMED = LONGEST_S * RATES[-1] * BYTES_A_SAMPLE


class Microphone:
    """Records one note at a time. Make it inside a handler: Flet binds services to the page.

    A phone writes a compressed file into `folder`; a browser keeps its recordings to itself and sends bare samples,
    at a rate of its own, which is told by how fast they come.
    """

    def __init__(self, folder: Path, *, streams: bool) -> None:
        """Raises ImportError where this shell has no recorder."""
        kit = importlib.import_module("flet_audio_recorder")
        encoder = kit.AudioEncoder.PCM16BITS if streams else kit.AudioEncoder.AACLC
        shape = kit.AudioRecorderConfiguration(
            encoder=encoder, channels=1, sample_rate=RATE, bit_rate=BITS_A_SECOND, suppress_noise=True)
        self._folder, self._streams = folder, streams
        self._path: Path | None = None
        self._heard = bytearray()
        self._times: list[float] = []
        self._first_bytes = 0
        self.busy = False
        self._service = kit.AudioRecorder(
            configuration=shape, on_stream=guard(self._hear) if streams else None)

    async def start(self) -> bool:
        """Begins a note; False when the microphone is not allowed, not there, or recording already."""
        if self.busy or not await within(PERMISSION_TIMEOUT_S, self._service.has_permission()):
            return False
        self._heard.clear()
        self._times = []
        self._path = None if self._streams else self._folder / f"{secrets.token_hex(16)}.m4a"
        if self._path:
            self._path.parent.mkdir(exist_ok=True, mode=0o700)
        started = self._service.start_recording(output_path=str(self._path) if self._path else None)
        self.busy = bool(await within(SERVICE_TIMEOUT_S, started))
        return self.busy

    async def stop(self) -> bytes:
        """Ends the note; what was recorded, empty when the device gave nothing."""
        self.busy = False
        await within(SERVICE_TIMEOUT_S, self._service.stop_recording())
        if self._path is None:
            return await asyncio.to_thread(thinned, bytes(self._heard), self._a_second()) if self._heard else b""
        try:
            return await asyncio.to_thread(self._path.read_bytes)
        except OSError:
            log.info("the recorder left no file")
            return b""
        finally:
            self._path.unlink(missing_ok=True)

    def _hear(self, event: Any) -> None:
        if self.busy and len(self._heard) < MOST_STREAMED:
            self._heard += event.chunk
            now = asyncio.get_running_loop().time()
            if not self._times:
                self._times, self._first_bytes = [now, now], len(self._heard)
            self._times[1] = now

    def _a_second(self) -> float:
        """How many samples came in a second; 0 where too little came to tell."""
        spent = self._times[1] - self._times[0]
        return (len(self._heard) - self._first_bytes) / BYTES_A_SAMPLE / spent if spent >= 0.3 else 0.0


class Loudspeaker:
    """Plays one voice note; `ended` is called when it is over. Make it inside a handler."""

    def __init__(self, content: bytes, ended: Callable[[], None]) -> None:
        """Raises ImportError where this shell plays nothing."""

        def changed(event: Any) -> None:
            if getattr(event.state, "value", event.state) == "completed":
                ended()

        kit: Any = importlib.import_module("flet_audio")
        self._service = kit.Audio(src=content, on_state_change=guard(changed))

    async def play(self) -> None:
        """From the beginning."""
        await within(SERVICE_TIMEOUT_S, self._service.play())

    async def stop(self) -> None:
        """Falls silent."""
        await within(SERVICE_TIMEOUT_S, self._service.release())

