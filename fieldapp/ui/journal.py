"""The app's log in the data folder: what failed and where, never a name or an answer."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_NAME = "jiafang.log"
LOG_BYTES = 256 * 1024


def keep_log(folder: Path) -> None:
    """Writes warnings of all parts, and the app's own notes, to the log file; safe to call again."""
    root, path = logging.getLogger(), str(folder / LOG_NAME)
    if any(getattr(handler, "baseFilename", None) == path for handler in root.handlers):
        return
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.setLevel(logging.WARNING)
    root.addHandler(handler)
