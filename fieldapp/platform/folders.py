"""Where this app may keep its data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """JIAFANG_DATA when set, else the packaged app's own storage, else a folder of the developer's.

    The folder is made, for this user only.
    """
    named = environment.get("JIAFANG_DATA") or environment.get("FLET_APP_STORAGE_DATA")
    folder = Path(named) if named else Path.home() / ".local" / "share" / "jiafang-fieldapp"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
