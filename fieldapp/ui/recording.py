"""The phone's microphone and loudspeaker for voice notes; a shell without them says so, and a file can be chosen."""

from __future__ import annotations

import asyncio
import importlib
import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fieldapp.capture.sound import BYTES_A_SAMPLE, LONGEST_S, RATE, wave
from fieldapp.ui.actions import guard
from fieldapp.ui.device import PERMISSION_TIMEOUT_S, SERVICE_TIMEOUT_S, within

log = logging.getLogger(__name__)

BITS_A_SECOND = 32_000  # of compressed speech: three minutes are 0.7 MB
MOST_STREAMED = LONGEST_S * RATE * BYTES_A_SAMPLE


class Microphone:
    """Records one note at a time. Make it inside a handler: Flet binds services to the page.

    A phone writes a compressed file into `folder`; a browser keeps its recordings to itself and sends bare samples.
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
        self.busy = False
        self._service = kit.AudioRecorder(
            configuration=shape, on_stream=guard(self._hear) if streams else None)

    async def start(self) -> bool:
        """Begins a note; False when the microphone is not allowed, not there, or recording already."""
        if self.busy or not await within(PERMISSION_TIMEOUT_S, self._service.has_permission()):
            return False
        self._heard.clear()
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
            return wave(bytes(self._heard)) if self._heard else b""
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

