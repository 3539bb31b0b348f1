"""Loads libraries without what they would load for pleasure only: the school's computer may be old and slow."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


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
