"""Looks whether a file is what it claims to be: a picture, strokes, a voice note or a document."""

from __future__ import annotations

import json
from typing import Any

from casebook.errors import FileTypeWrong
from casebook.filekinds import MAX_PAPER_BYTES, MAX_SOUND_BYTES, PAPERS, SOUNDS, sniff
from sync_server import pictures

STROKES = "application/vnd.jiafang.strokes+json"
ACCEPTED = frozenset({STROKES, *pictures.KINDS, *SOUNDS, *PAPERS})
MAX_STROKES_BYTES = 4 * 1024 * 1024


def check(content: bytes, claimed: str) -> None:
    """Raises FileTypeWrong when the content is of another kind, PhotoUnreadable when a picture is damaged."""
    if claimed in pictures.KINDS:
        pictures.check(content, claimed)
    elif claimed in SOUNDS or claimed in PAPERS:
        most = MAX_SOUND_BYTES if claimed in SOUNDS else MAX_PAPER_BYTES
        if len(content) > most or sniff(content) != claimed:
            raise FileTypeWrong(claimed=claimed[:80])
    elif claimed != STROKES or not _is_drawing(_read_json(content)):
        raise FileTypeWrong(claimed=claimed[:80])


def _read_json(content: bytes) -> Any:
    if len(content) > MAX_STROKES_BYTES:
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _is_drawing(drawing: Any) -> bool:
    if not isinstance(drawing, dict) or not isinstance(drawing.get("strokes"), list):
        return False
    if not all(type(drawing.get(name)) is int for name in ("v", "width", "height")):
        return False
    return all(isinstance(stroke, list) and all(map(_is_point, stroke)) for stroke in drawing["strokes"])


def _is_point(point: Any) -> bool:
    return isinstance(point, list) and len(point) == 3 and all(type(number) is int for number in point)
