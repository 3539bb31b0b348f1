"""How far a sync is comes from whatever thread sends, and is drawn in the session that asked."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from threading import Thread
from types import SimpleNamespace
from typing import Any

from fieldapp.ui.widgets.work import run_sync

PAGE: ContextVar[str] = ContextVar("page", default="none")


class Watch:
    """Notes on whose page each report of progress would be drawn."""

    running = False

    def __init__(self) -> None:
        self.drawn: list[tuple[str, str]] = []

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name == "progress" and value:
            self.drawn.append((PAGE.get(), value))


async def test_what_another_thread_tells_is_drawn_in_the_session_that_asked() -> None:
    def sync(told: Callable[[str], None], _: Callable[[], bool]) -> str:
        sender = Thread(target=told, args=("half",))  # as a call that can be given up makes one
        sender.start()
        sender.join()
        return "done"

    async def keep_awake(on: bool) -> None:
        return None

    watch = Watch()
    app: Any = SimpleNamespace(
        sync=watch, flush=lambda: None, news=SimpleNamespace(version=0), device=SimpleNamespace(keep_awake=keep_awake),
        desk=SimpleNamespace(sync=sync, look_ahead=lambda: None),
    )  # fmt: skip
    PAGE.set("mine")
    await run_sync(app)
    assert watch.drawn == [("mine", "half")]
