"""What is half said on a screen that is no visit: chosen answers are durable at once, typed ones a moment later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import flet as ft

from fieldapp.ui.visit_state import TYPING_PAUSE


@ft.observable
@dataclass
class Turn:
    """Counts up when the screen has to show something else."""

    version: int = 0


class Sheet:
    """Named JSON values on their way to the desk; `keep` writes all of them durably."""

    def __init__(self, said: Mapping[str, Any], keep: Callable[[Mapping[str, Any]], object]) -> None:
        self.said = dict(said)
        self.turn = Turn()
        self._keep = keep
        self._typing: dict[str, str] = {}
        self._timer: asyncio.TimerHandle | None = None

    def text(self, name: str) -> str:
        """A value as text, with what is being typed; "" when nothing was said."""
        return str(self._typing.get(name, self.said.get(name)) or "")

    def say(self, **parts: Any) -> None:
        """Writes values, then lets the screen show them. Raises what the desk raises; nothing has changed then."""
        said = {**self.said, **self._typing, **parts}
        self._keep(said)
        self.said = said
        self._typing.clear()
        self.turn.version += 1

    def type(self, name: str, text: str) -> None:
        """Notes what is being typed; it reaches the desk in a moment, or at `flush`."""
        self._typing[name] = text
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TYPING_PAUSE, self._write_typed)

    def flush(self) -> None:
        """Writes what was typed so far. Raises what the desk raises; the text stays on the screen then."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._typing:
            self.say()

    def abandon(self) -> None:
        """Drops what was typed and not written: it was sealed or thrown away."""
        self._typing.clear()
        self.flush()

    def _write_typed(self) -> None:
        """Runs from a timer, where nobody hears a refusal: what was not kept is written, and told, at the next tap."""
        self._timer = None
        try:
            said = {**self.said, **self._typing}
            self._keep(said)
        except Exception:
            return
        self.said = said
        self._typing.clear()
