"""Gets the bytes of a picture that somebody chose: from a path on a phone, by upload from a browser."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import flet as ft

from casebook.errors import PhotoTooLarge, PhotoUnreadable
from fieldapp.ui.actions import guard
from fieldapp.ui.state import app_of

UPLOADS = "uploads"
UPLOAD_SECONDS = 180
MAX_PICTURE_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Picture:
    """A picture as chosen: its bytes and the name it had."""

    data: bytes
    name: str


def upload_folder(folder: Path) -> Path:
    """Where the browser's uploads land for a moment before they are read."""
    return folder / UPLOADS


class PicturePicker:
    """The device's file chooser for one button; what is chosen goes to `keep`.

    The service gets its handlers when it is made: the client would not hear of later ones.
    """

    def __init__(self) -> None:
        self.keep: Callable[[Picture], Awaitable[None]] | None = None
        self._moved: asyncio.Future[None] | None = None
        self.service = ft.FilePicker(on_result=guard(self._take), on_upload=guard(self._watch))

    async def _take(self, event: ft.FilePickerResultEvent) -> None:
        if event.files and self.keep:
            await self.keep(await self._picture(event.files[0]))

    async def _picture(self, chosen: ft.FilePickerFile) -> Picture:
        """The chosen file's bytes. In a browser they come by upload: its message channel would choke on a big one.

        Raises PhotoTooLarge before anything is moved, PhotoUnreadable when the file does not arrive.
        """
        if chosen.size > MAX_PICTURE_BYTES:
            raise PhotoTooLarge(bytes=chosen.size, limit=MAX_PICTURE_BYTES)
        if chosen.bytes is not None:
            return Picture(chosen.bytes, chosen.name)
        path = Path(chosen.path) if chosen.path else await self._uploaded(chosen)
        try:
            return Picture(await asyncio.to_thread(path.read_bytes), chosen.name)
        except OSError as error:
            raise PhotoUnreadable from error
        finally:
            if not chosen.path:
                path.unlink(missing_ok=True)

    async def _uploaded(self, chosen: ft.FilePickerFile) -> Path:
        page = ft.context.page
        name = secrets.token_hex(16)
        path = upload_folder(app_of(page).folder) / name
        self._moved = asyncio.get_running_loop().create_future()
        address = page.get_upload_url(name, UPLOAD_SECONDS)
        try:
            await self.service.upload([ft.FilePickerUploadFile(address, id=chosen.id)])
            await asyncio.wait_for(self._moved, UPLOAD_SECONDS)
        except (TimeoutError, RuntimeError) as error:
            path.unlink(missing_ok=True)
            raise PhotoUnreadable from error
        return path

    def _watch(self, event: ft.FilePickerUploadEvent) -> None:
        if self._moved is None or self._moved.done():
            return
        if event.error:
            self._moved.set_exception(RuntimeError(event.error))
        elif event.progress == 1:
            self._moved.set_result(None)
