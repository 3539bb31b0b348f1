"""Where this app may keep its data, and how much room is left there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

#: With less room than this a phone soon takes no photo any more (domain.md §8, constraint 8).
LITTLE_ROOM = 500_000_000


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """JIAFANG_DATA when set, else the packaged app's own storage, else a folder of the developer's.

    The folder is made, for this user only.
    """
    named = environment.get("JIAFANG_DATA") or environment.get("FLET_APP_STORAGE_DATA")
    folder = Path(named) if named else Path.home() / ".local" / "share" / "jiafang-fieldapp"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def room_left(folder: Path) -> int | None:
    """Bytes that still go into a folder; None where the system does not say."""
    try:
        return shutil.disk_usage(folder).free
    except (OSError, AttributeError, NotImplementedError):
        return None
