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
from fieldapp.ui.state import app_of
from fieldapp.ui.visit_state import Field, OpenVisit
from tests.fieldapp.ui.fake_client import FakeClient
from tests.fieldapp.ui.little_school import GOOD_CODE, LittleSchool, Noon


class Phone:
    """The app's data folder, its desk, and the session that is open. `kill` leaves only what is on the disk."""

    def __init__(self, folder: Path, school: LittleSchool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
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


async def choose_photo(client: FakeClient, name: str, path: Path) -> None:
    """Answers the file chooser of a photo question."""
    (button,) = [control for control in client.controls(client.marked(f"q-{name}"))
                 if isinstance(control, ft.OutlinedButton)]
    picker = client.session.index[button.action.service_id]
    await client.fire(picker, "result", chosen(path))


STEERED = {"contact_result": "met_guardian", "met_same": "same", "here_now": "seen", "excuse": "illness",
           "proof": "statement", "sign_mode": "handwritten", "confirmed_by": "self"}  # fmt: skip
TYPED = {"doc_no": "劝学〔2025〕12号"}
WORDS = "孩子发烧，明天返校，家长支持，请村医看过了。"


async def answer(client: FakeClient, visit: OpenVisit, field: Field, photo: Path) -> None:
    """Answers one question through the screen, whatever kind it is."""
    name, question = field.name, field.question
    if question.kind in ("select_one", "select_multiple"):
        await client.tap(f"q-{name}-{STEERED.get(name, question.choices[0].value)}")
    elif question.kind == "acknowledge":
        await client.tap(f"q-{name}")
    elif question.kind == "date":
        # a day of birth has been; a promised day is to come
        await client.tap(f"q-{name}-{'today' if question.value else 'tomorrow'}")
    elif question.kind == "image":
        await choose_photo(client, name, photo)
        await client.until(lambda: client.has(f"q-{name}-photo"))
    elif question.kind == "signature":
        await sign(client, name)
    else:
        await client.type(f"q-{name}", TYPED.get(name) or (WORDS if question.kind == "text" else "1"))


async def sign(client: FakeClient, name: str) -> None:
    """Opens the pad, writes two strokes, and comes back."""
    await client.tap(f"q-{name}")
    await draw(client, [(10, 10), (40, 60), (80, 20)], [(100, 30), (120, 90)])
    await client.tap("sign-done")


async def fill_page(client: FakeClient, photo: Path) -> None:
    """Answers all that is open on the page."""
    visit = open_visit(client)
    for _ in range(30):
        left = [field for field in visit.shown(visit.leaf.ref) if field.question.problem]
        if not left:
            return
        await answer(client, visit, left[0], photo)
    raise AssertionError(f"never done: {[field.name for field in left]}")


async def fill_until(client: FakeClient, photo: Path, name: str) -> None:
    """Fills page after page until the page called `name` is open, or the finish."""
    for _ in range(30):
        here = open_visit(client).leaf.ref.rsplit("/", 1)[-1]
        if here == name or client.page.route.endswith(f"/{name}"):
            return
        await fill_page(client, photo)
        await client.tap("go-next")
    raise AssertionError(f"no page {name}")


def open_visit(client: FakeClient) -> OpenVisit:
    """The visit that is on the screen."""
    return app_of(client.page).visits[client.page.route.split("/")[2]]
