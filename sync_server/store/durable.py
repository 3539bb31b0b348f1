"""Writes that survive a power cut: temporary name, sync, rename, sync of the folder."""

from __future__ import annotations

import ctypes
import hashlib
import os
import secrets
import sys
from functools import cache
from pathlib import Path
from typing import Any

READ_BYTES = 1024 * 1024
UNFINISHED = ".new"  # ends the name of everything that is not whole yet


class Altered(Exception):
    """The bytes are not those that the hash names."""


def unfinished(path: Path) -> Path:
    """A name beside `path` that nobody else uses, for what is still being written."""
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}{UNFINISHED}")


def keep(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Writes a small file whole or not at all; sync the folder afterwards. Raises OSError."""
    fresh = unfinished(path)
    try:
        opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(opened, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def copy(source: Path, target: Path, sha256: str, *, link: bool = False) -> int:
    """Copies a file whole or not at all and returns its size; with `link` it shares the disk space where it can.

    Raises Altered when `source` is not what the hash says, FileNotFoundError, OSError.
    """
    fresh = unfinished(target)
    try:
        if link and _linked(source, fresh):
            if digest(fresh) != sha256:
                raise Altered(sha256)
        else:
            _copied(source, fresh, sha256)
        os.replace(fresh, target)
    except (OSError, Altered):
        fresh.unlink(missing_ok=True)
        raise
    return target.stat().st_size


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(READ_BYTES):
            found.update(piece)
    return found.hexdigest()


def sync(path: Path | str) -> None:
    """Makes what was written to a file durable."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes a rename durable; Windows cannot open folders and does not need it."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def make_folder(folder: Path) -> None:
    """Makes a folder and whatever is missing above it, each name durable. Raises OSError."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def can_sync_disk() -> bool:
    """Whether the system can sync a whole disk at once; elsewhere each file and folder is synced by itself."""
    return _syncfs() is not None


def sync_disk(folder: Path) -> None:
    """Makes everything written so far to the disk under `folder` durable: one wait for many files. Raises OSError."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        if _syncfs()(opened) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(opened)


@cache
def _syncfs() -> Any:
    """Linux's syncfs, which waits for the data and says whether it failed; None elsewhere."""
    return getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None) if sys.platform == "linux" else None


def _linked(source: Path, fresh: Path) -> bool:
    try:
        os.link(source, fresh)
    except FileNotFoundError:
        raise
    except OSError:  # another disk, or one that knows no links
        return False
    return True


def _copied(source: Path, fresh: Path, sha256: str) -> None:
    found = hashlib.sha256()
    with source.open("rb") as given, fresh.open("xb") as taken:
        while piece := given.read(READ_BYTES):
            found.update(piece)
            taken.write(piece)
        taken.flush()
        os.fsync(taken.fileno())
        _forget_cached(taken.fileno())
    if found.hexdigest() != sha256 or digest(fresh) != sha256:
        raise Altered(sha256)


def _forget_cached(opened: int) -> None:
    """What is read again shall come from the disk itself, where the system can be asked for that."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(opened, 0, 0, os.POSIX_FADV_DONTNEED)
