"""Looks whether a file is what it claims to be: a picture, strokes, a voice note or a document."""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import Any

from casebook.errors import FileTypeWrong
from casebook.filekinds import MAX_PAPER_BYTES, MAX_SOUND_BYTES, PAPERS, SOUNDS, sniff
from sync_server import pictures

STROKES = "application/vnd.jiafang.strokes+json"
ACCEPTED = frozenset({STROKES, *pictures.KINDS, *SOUNDS, *PAPERS})
MAX_STROKES_BYTES = 4 * 1024 * 1024
#: A list of lists of three whole numbers each, as the phone writes them. What is written otherwise is read whole.
NUMBER = rb"-?(?:0|[1-9][0-9]{0,15}+)"
POINT = rb"\[" + NUMBER + rb"," + NUMBER + rb"," + NUMBER + rb"\]"
STROKE = rb"\[" + POINT + rb"(?:," + POINT + rb")*+\]"
STROKES_WRITTEN = re.compile(rb'"strokes":(\[' + STROKE + rb"(?:," + STROKE + rb")*+\])")


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


def is_plainly(ends: bytes, claimed: str) -> bool:
    """Whether a file's beginning and end show already what `check` would say of it; if not, all of it must be read."""
    return claimed == "image/jpeg" and pictures.ends_well(ends)


def _read_json(content: bytes) -> Any:
    """What a drawing says; strokes that plainly are some are left out: to read all their numbers takes long."""
    if len(content) > MAX_STROKES_BYTES:
        return None
    plain = STROKES_WRITTEN.search(content)
    try:
        return json.loads(content[: plain.start(1)] + b"[]" + content[plain.end(1) :] if plain else content)
    except (ValueError, RecursionError):
        return None


def _is_drawing(drawing: Any) -> bool:
    if not isinstance(drawing, dict) or not isinstance(drawing.get("strokes"), list):
        return False
    if not all(type(drawing.get(name)) is int for name in ("v", "width", "height")):
        return False
    return all(isinstance(stroke, list) and _are_points(stroke) for stroke in drawing["strokes"])


def _are_points(stroke: list[Any]) -> bool:
    """Lists of three whole numbers; there are many, so that only what is built in looks at each."""
    if not stroke:
        return True
    return {*map(type, stroke)} == {list} and {*map(len, stroke)} == {3} and {*map(type, chain(*stroke))} == {int}
