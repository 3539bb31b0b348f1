"""What kind of device this is, as the school's office reads it in its list of phones."""

from __future__ import annotations

import os
import platform
import sys

APP_VERSION = "0.1.0"  # a packaged phone app carries no package metadata to ask


def platform_name() -> str:
    """android, ios, browser, linux, windows or macos."""
    named = os.environ.get("FLET_PLATFORM", "").lower()
    return named or {"emscripten": "browser", "win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)


def device_name() -> str:
    """A short description without anything personal in it."""
    return f"{platform_name()} {platform.machine()}".strip()
