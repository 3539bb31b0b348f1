"""Gets the bytes of a picture that somebody chose: from a path on a phone, by upload from a browser."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass
from pathlib import Path

import flet as ft

from casebook.errors import PhotoTooLarge, PhotoUnreadable
from fieldapp.ui.actions import guard

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


async def picture_of(page: ft.Page, picker: ft.FilePicker, chosen: ft.FilePickerFile, folder: Path) -> Picture:
    """The chosen file's bytes. In a browser they come by upload: its message channel would choke on a big one.

    Raises PhotoTooLarge before anything is moved, PhotoUnreadable when the file does not arrive.
    """
    if chosen.size > MAX_PICTURE_BYTES:
        raise PhotoTooLarge(bytes=chosen.size, limit=MAX_PICTURE_BYTES)
    if chosen.bytes is not None:
        return Picture(chosen.bytes, chosen.name)
    path = Path(chosen.path) if chosen.path else await _uploaded(page, picker, chosen, upload_folder(folder))
    try:
        return Picture(await asyncio.to_thread(path.read_bytes), chosen.name)
    except OSError as error:
        raise PhotoUnreadable from error
    finally:
        if not chosen.path:
            path.unlink(missing_ok=True)


async def _uploaded(page: ft.Page, picker: ft.FilePicker, chosen: ft.FilePickerFile, folder: Path) -> Path:
    done = asyncio.Event()
    failed: list[str] = []

    def watch(event: ft.FilePickerUploadEvent) -> None:
        if event.error:
            failed.append(event.error)
        if event.error or event.progress == 1:
            done.set()

    name = secrets.token_hex(16)
    picker.on_upload = guard(watch)
    await picker.upload([ft.FilePickerUploadFile(page.get_upload_url(name, UPLOAD_SECONDS), id=chosen.id)])
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), UPLOAD_SECONDS)
    path = folder / name
    if failed or not done.is_set():
        path.unlink(missing_ok=True)
        raise PhotoUnreadable
    return path
