"""Version numbers of forms: a new version is newer than all before it, as phones understand newer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

_MOST_A_DAY = 99


def version_order(version: str) -> tuple[int, str]:
    """Sorts versions as phones do: versions are usually dates like 2026112201, so a longer number is a newer one."""
    return len(version), version


def newest(versions: Collection[str]) -> str:
    """The newest of several; blank when there is none."""
    return max(versions, key=version_order, default="")


def is_newer(version: str, versions: Collection[str]) -> bool:
    """Whether phones would offer `version` rather than any of the others."""
    return not versions or version_order(version) > version_order(newest(versions))


def next_version(versions: Collection[str], today: dt.date) -> str:
    """The version to suggest: the day with a number, 2026112201; after what cannot be outdone so, one sign longer."""
    for number in range(1, _MOST_A_DAY + 1):
        suggested = f"{today:%Y%m%d}{number:02d}"
        if is_newer(suggested, versions):
            return suggested
    return f"{newest(versions)}1"
