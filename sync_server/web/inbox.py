"""Takes in what the phones of one school bring: one after the other, in one thread, with one wait for the disk.

Threads that take turns at one interpreter and one database pay for every turn and gain nothing by it. So one at a time
works, and whoever has to wait for the disk lets all others get so far before it waits for them as well.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from sync_server.together import Steps
from sync_server.web import aside

Result = TypeVar("Result")

#: So many may wait for the disk before it is asked: while more keep coming, one wait serves them all.
MOST = 24


class _Job:
    """One request's work, and who waits for what comes of it."""

    def __init__(self, steps: Steps[Any]) -> None:
        self._steps, self._within = steps, contextvars.copy_context()
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._tell: Callable[[], None] | None = None

    def goes_on(self) -> bool:
        """Works up to the next stop; whether there is one. Whatever is raised is told to who waits."""
        try:
            self._within.run(next, self._steps)
            return True
        except StopIteration as end:
            value = end.value
            self._tell = lambda: self.future.set_result(value)
        except BaseException as error:
            raised = error
            self._tell = lambda: self.future.set_exception(raised)
        return False

    def tell(self) -> bool:
        """Hands over what came of it; nobody may be waiting any more."""
        with suppress(RuntimeError):  # its loop has ended
            self.future.get_loop().call_soon_threadsafe(self._hand_over)
        return False

    def _hand_over(self) -> None:
        if self._tell and not self.future.done():
            self._tell()


class Inbox:
    """Takes in whatever comes, first what came first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._come: list[_Job] = []
        self._is_served = False

    async def take(self, steps: Steps[Result]) -> Result:
        """What the work returns, or raises; what it logs carries the id of the request."""
        job = _Job(steps)
        with self._lock:
            self._come.append(job)
            wakes, self._is_served = not self._is_served, True
        if wakes:
            aside.start(self._serve)
        result: Result = await job.future
        return result

    def _serve(self) -> None:
        while self._has_more():
            waiting: list[_Job] = []
            while len(waiting) < MOST and (come := self._next(MOST - len(waiting))):
                waiting += _those_waiting(come)
            while waiting:
                waiting = _those_waiting(waiting)

    def _next(self, most: int) -> list[_Job]:
        with self._lock:
            come, self._come = self._come[:most], self._come[most:]
        return come

    def _has_more(self) -> bool:
        """Whether anything has come meanwhile; if not, this thread is free for something else."""
        with self._lock:
            self._is_served = bool(self._come)
            return self._is_served


def _those_waiting(jobs: list[_Job]) -> list[_Job]:
    """Each works up to its next stop, or to its end and is answered; those that have to go on."""
    return [job for job in jobs if job.goes_on() or job.tell()]
