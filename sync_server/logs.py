"""Logs as JSON lines: ids, codes and times, never a name or a body, not even inside an error's message."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TextIO

from sync_server.lean import without

with without("rich"):  # structlog would colour a console with it; we write JSON
    import structlog

FRAMES = 12


def configure(target: TextIO | None = None) -> None:
    """Sends the log to `target` (standard error by default)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(target or sys.stderr),
        cache_logger_on_first_use=True,
    )


def silence() -> None:
    """Logs nothing until `configure` is called."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL), cache_logger_on_first_use=False
    )


def trace(error: BaseException) -> dict[str, object]:
    """What to log of an error nobody foresaw: its kind and the way it took, without its message."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return {"error": type(error).__name__, "way": [f"{f.filename}:{f.lineno} {f.name}" for f in frames]}
