"""Gets the bytes of a file that somebody chose: from a path on a phone, by upload from a browser."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import flet as ft

from casebook.errors import (
    CasebookError,
    PaperTooLarge,
    PaperUnreadable,
    PhotoTooLarge,
    PhotoUnreadable,
    SoundTooLarge,
    SoundUnreadable,
)
from casebook.filekinds import MAX_PAPER_BYTES, MAX_SOUND_BYTES, MIB, PAPERS
from fieldapp.ui.actions import guard
from fieldapp.ui.state import app_of

UPLOADS = "uploads"
UPLOAD_SECONDS = 180
MAX_PICTURE_BYTES = 32 * MIB


@dataclass(frozen=True)
class Wanted:
    """What may be chosen: what the device's chooser shows, how large it may be, and the errors that say otherwise."""

    file_type: ft.FilePickerFileType
    most_bytes: int
    too_large: type[CasebookError]
    unreadable: type[CasebookError]
    endings: tuple[str, ...] = ()

    def opens(self, service: ft.FilePicker) -> ft.PickFiles:
        """Opens the chooser from the very tap (Safari allows nothing else)."""
        return ft.PickFiles(
            service, file_type=self.file_type, allowed_extensions=list(self.endings) or None,
            with_data=bool(ft.context.page.pyodide), cancel_upload_on_window_blur=False)


PICTURE = Wanted(ft.FilePickerFileType.IMAGE, MAX_PICTURE_BYTES, PhotoTooLarge, PhotoUnreadable)
SOUND = Wanted(ft.FilePickerFileType.AUDIO, MAX_SOUND_BYTES, SoundTooLarge, SoundUnreadable)
PAPER = Wanted(ft.FilePickerFileType.CUSTOM, MAX_PAPER_BYTES, PaperTooLarge, PaperUnreadable,
               (*PAPERS.values(), "jpeg"))  # fmt: skip


@dataclass(frozen=True)
class Chosen:
    """A file as chosen: its bytes and the name it had."""

    data: bytes
    name: str


def upload_folder(folder: Path) -> Path:
    """Where the browser's uploads land for a moment before they are read."""
    return folder / UPLOADS


class FileChooser:
    """The device's file chooser for one button; what is chosen goes to `keep`.

    The service gets its handlers when it is made: the client would not hear of later ones.
    """

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.keep: Callable[[Chosen], Awaitable[None]] | None = None
        self._moved: asyncio.Future[None] | None = None
        self.service = ft.FilePicker(on_result=guard(self._take), on_upload=guard(self._watch))

    async def _take(self, event: ft.FilePickerResultEvent) -> None:
        if event.files and self.keep:
            await self.keep(await self._content(event.files[0]))

    async def _content(self, chosen: ft.FilePickerFile) -> Chosen:
        """The chosen file's bytes. In a browser they come by upload: its message channel would choke on a big one.

        Raises the too-large error before anything is moved, the unreadable one when the file does not arrive.
        """
        most = self.wanted.most_bytes
        if chosen.size > most:
            raise self.wanted.too_large(limit=most // MIB)
        if chosen.bytes is not None:
            return Chosen(chosen.bytes, chosen.name)
        path = Path(chosen.path) if chosen.path else await self._uploaded(chosen)
        try:
            return Chosen(await asyncio.to_thread(path.read_bytes), chosen.name)
        except OSError as error:
            raise self.wanted.unreadable() from error
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
            raise self.wanted.unreadable() from error
        return path

    def _watch(self, event: ft.FilePickerUploadEvent) -> None:
        if self._moved is None or self._moved.done():
            return
        if event.error:
            self._moved.set_exception(RuntimeError(event.error))
        elif event.progress == 1:
            self._moved.set_result(None)
