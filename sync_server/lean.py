"""Spares the school's computer, which may be old and slow: what libraries load for pleasure only, and memory."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

M_ARENA_MAX = -8  # as glibc numbers its settings


@contextmanager
def without(*names: str) -> Iterator[None]:
    """While open, these libraries seem not to be installed; those that are loaded already stay as they are."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # nothing there: as the import system has it
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def one_heap() -> bool:
    """Has all threads share one heap, before they start; whether this system knows how.

    glibc gives each its own, and what one thread has given back another cannot use: a server would grow with every
    visit. One thread at a time runs Python anyway, so that they hardly ever wait for each other here.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return bool(mallopt and mallopt(M_ARENA_MAX, 1))
