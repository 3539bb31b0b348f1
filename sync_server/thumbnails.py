"""Small pictures of photos: made when somebody first looks, kept in a folder that may be thrown away at any moment.

They are no evidence: nothing is signed, backed up or exported of them, and whoever wants to see what was sealed opens
the photo itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sync_server import pictures
from sync_server.store.durable import unfinished

if TYPE_CHECKING:
    from sync_server.wiring import Wiring

FOLDER, TYPE = "small", "image/jpeg"


@dataclass(frozen=True)
class Thumbnails:
    """The small pictures of a deployment, by the hash of the photo. `may_keep`: whether there is room for them."""

    folder: Path
    may_keep: Callable[[], bool]

    def of(self, sha256: str, photo: Callable[[], bytes]) -> bytes | None:
        """The small picture of a photo, which is read only if there is none yet; None when none can be made of it."""
        path = self.folder / sha256[:2] / f"{sha256}.jpg"
        with suppress(OSError):
            kept = path.read_bytes()
            if _is_whole(kept):
                return kept
        small = pictures.shrink(photo())
        if small is not None and self.may_keep():
            with suppress(OSError):
                _keep(path, small)
        return small

    def forget(self, before: float) -> int:
        """Removes those that were made before a time (seconds since the epoch); returns how many."""
        count = 0
        for path in self.folder.glob("??/*"):
            with suppress(OSError):
                if path.stat().st_mtime < before:
                    path.unlink()
                    count += 1
        return count


def thumbnails_of(wiring: Wiring) -> Thumbnails:
    """Those of the deployment that a school is part of."""
    reserve = wiring.settings.reserve_bytes
    return Thumbnails(wiring.settings.data / FOLDER, lambda: wiring.free_bytes() > reserve)


def _is_whole(kept: bytes) -> bool:
    """Nothing is synced here, so a power cut may leave a torn one."""
    return kept.startswith(pictures.JPEG_BEGINS) and kept.endswith(pictures.JPEG_ENDS)


def _keep(path: Path, small: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = unfinished(path)
    try:
        fresh.write_bytes(small)
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


