"""Disk and database work, done in a few threads beside the event loop, for all schools that this process serves."""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

#: What only reads needs few; where a county's database is far away, each school's inbox waits in one of them.
THREADS = 12

T = TypeVar("T")

_threads = ThreadPoolExecutor(THREADS, "aside")


def _begin_anew() -> None:
    """A forked process has inherited the pool but none of its threads: whatever it was given would wait for ever."""
    global _threads
    _threads = ThreadPoolExecutor(THREADS, "aside")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


def start(work: Callable[[], object]) -> None:
    """Begins work that nobody waits for."""
    _threads.submit(work)


async def aside(work: Callable[..., T], *arguments: Any) -> T:
    """What `work` returns, or raises; what it logs carries the id of the request."""
    within = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(_threads, within.run, work, *arguments)
