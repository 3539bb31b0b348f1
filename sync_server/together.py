"""Does what many ask for at the same time in one go, so that one wait for the disk serves them all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Work that stops (`yield`) where it has asked for what is done together: before it goes on, others may ask as well.
Steps = Generator[None, None, Result]


def at_once(steps: Steps[Result]) -> Result:
    """Does such work without a stop, in a thread that has nothing else to do meanwhile."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result


class Asked(Generic[Item]):
    """One item that was asked for, and what came of it."""

    def __init__(self, together: Together[Item], item: Item) -> None:
        self.item = item
        self.done = False
        self.error: BaseException | None = None
        self._together = together

    def wait(self) -> None:
        """Returns when the item is done. Raises what was raised about it."""
        self._together.finish(self)
        if self.error is not None:
            raise self.error


class Together(Generic[Item]):
    """Collects items while `work` is busy with others and hands them over together.

    `work` must be safe to repeat: a batch that fails is tried again one by one, so that only the culprit hears of it.
    """

    def __init__(self, work: Callable[[list[Item]], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: list[Asked[Item]] = []

    def ask(self, item: Item) -> Asked[Item]:
        """Adds an item; it is done when the first of those who asked waits for theirs."""
        asked = Asked(self, item)
        with self._lock:
            self._waiting.append(asked)
        return asked

    def do(self, item: Item) -> None:
        """Returns when `work` has done the item. Raises what `work` raised about it."""
        self.ask(item).wait()

    def doing(self, item: Item) -> Steps[None]:
        """The same in steps: asks, lets others ask, and waits."""
        asked = self.ask(item)
        yield
        asked.wait()

    def finish(self, asked: Asked[Item]) -> None:
        """Has everything done that was asked for, unless this one is done by now."""
        with self._turn:
            if not asked.done:
                with self._lock:
                    batch, self._waiting = self._waiting, []
                self._do_all(batch)

    def _do_all(self, batch: list[Asked[Item]]) -> None:
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
