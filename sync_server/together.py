"""Does what many ask for at the same time in one go, so that one wait for the disk serves them all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class _Asked(Generic[Item]):
    """One caller's item, and what came of it."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.done = False
        self.error: BaseException | None = None


class Together(Generic[Item]):
    """Collects items while `work` is busy with others and hands them over together.

    `work` must be safe to repeat: a batch that fails is tried again one by one, so that only the culprit hears of it.
    """

    def __init__(self, work: Callable[[list[Item]], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: list[_Asked[Item]] = []

    def do(self, item: Item) -> None:
        """Returns when `work` has done the item. Raises what `work` raised about it."""
        asked = _Asked(item)
        with self._lock:
            self._waiting.append(asked)
        with self._turn:
            if not asked.done:
                with self._lock:
                    batch, self._waiting = self._waiting, []
                self._do_all(batch)
        if asked.error is not None:
            raise asked.error

    def _do_all(self, batch: list[_Asked[Item]]) -> None:
        try:
            self._work([asked.item for asked in batch])
        except Exception as error:
            if len(batch) > 1:
                for asked in batch:
                    self._do_all([asked])
            else:
                batch[0].error = error
        for asked in batch:
            asked.done = True
