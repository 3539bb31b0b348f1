"""Looks into a phone's folder from outside, as an inspector with the phone in hand would."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any


def _rows(folder: Path, question: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{folder / 'fieldapp.db'}?mode=ro", uri=True) as store:
        return store.execute(question).fetchall()


def sealed_visits(folder: Path) -> list[dict[str, Any]]:
    """The visits sealed on this phone, oldest first, as their bytes say."""
    found = _rows(folder, "SELECT payload FROM record WHERE own = 1 AND type = 'visit' ORDER BY sealed_at, rowid")
    return [json.loads(payload) for (payload,) in found]


def drafts(folder: Path) -> int:
    """How many visits are half written."""
    return int(_rows(folder, "SELECT count(*) FROM draft")[0][0])


def draft_texts(folder: Path) -> str:
    """Everything answered in the half-written visits."""
    return " ".join(bytes(session).decode() for (session,) in _rows(folder, "SELECT session FROM draft"))


def attachments(visit: dict[str, Any], role: str) -> set[str]:
    """Hashes of a visit's files of one role."""
    return {attachment["sha256"] for attachment in visit["att"] if attachment["role"] == role}


def kept_files(folder: Path) -> set[str]:
    """Names (hashes) of every file kept on the phone."""
    return {path.stem for path in (folder / "files").rglob("*") if path.is_file()}
