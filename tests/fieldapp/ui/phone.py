"""A phone in the hand of a test: the whole app over a real desk, with the little school on the other end."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import flet as ft
from PIL import Image

from fieldapp.desk import Desk
from fieldapp.ui import actions, app
from tests.fieldapp.ui.fake_client import FakeClient
from tests.fieldapp.ui.little_school import GOOD_CODE, LittleSchool, Noon


class Phone:
    """The app's data folder, its desk, and the session that is open. `kill` leaves only what is on the disk."""

    def __init__(self, folder: Path, school: LittleSchool) -> None:
        self.folder, self.school, self.clock = folder, school, Noon()
        self.desk = self._open()
        self.client: FakeClient | None = None

    def _open(self) -> Desk:
        desk = Desk.open(self.folder, connect=self.school.connect, clock=self.clock)
        app._desks[self.folder] = desk
        return desk

    def enrol(self) -> Phone:
        """Makes the phone belong to the teacher, with the roster on it."""
        self.desk.enrol("http://school", GOOD_CODE)
        report = self.desk.sync()
        assert report.complete, report
        return self

    async def start(self, **page: Any) -> FakeClient:
        """Opens the app (anew)."""
        os.environ["JIAFANG_DATA"] = str(self.folder)
        actions.ECHO_S = 0.0  # tests tap faster than fingers
        self.client = await FakeClient(**page).start(app.main)
        await self.client.settle(60)
        return self.client

    def kill(self) -> None:
        """Ends the app as a dead battery would: no goodbye, a new process finds only the disk."""
        if self.client:
            self.client.close()
        self.client = None
        app._desks.pop(self.folder, None)
        self.desk = self._open()

    def close(self) -> None:
        if self.client:
            self.client.close()
        app._desks.pop(self.folder, None)
        self.desk.close()


def played(story: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Runs an async test on a loop of its own."""

    @functools.wraps(story)
    def test(*args: Any, **kwargs: Any) -> None:
        asyncio.run(story(*args, **kwargs))

    return test


def picture(path: Path, size: tuple[int, int] = (1600, 1200), colour: str = "#8a6f4d") -> Path:
    """A photo file."""
    Image.new("RGB", size, colour).save(path, "JPEG")
    return path


def chosen(path: Path) -> dict[str, Any]:
    """What the file chooser of a phone answers."""
    return {"files": [{"id": 1, "name": path.name, "size": path.stat().st_size, "path": str(path), "bytes": None}]}


async def draw(client: FakeClient, *strokes: list[tuple[float, float]]) -> None:
    """Draws on the pad with a finger."""
    (hand,) = client.find(ft.GestureDetector)
    for stroke in strokes:
        await client.fire(hand, "pan_down", {"l": ft.Offset(*stroke[0]), "g": ft.Offset(*stroke[0])})
        for point in stroke[1:]:
            await client.fire(hand, "pan_update", {"l": ft.Offset(*point), "g": ft.Offset(*point)})
        end = ft.Offset(*stroke[-1])
        await client.fire(hand, "pan_end", {"l": end, "g": end, "v": ft.Offset(0, 0)})
