"""Draws a signature's strokes as the path of an inline SVG."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass

MAX_STROKES_BYTES = 2 * 1024 * 1024
MAX_POINTS = 50_000
_MARGIN = 80  # tenths of a logical pixel around the ink

Point = tuple[int, int]


@dataclass(frozen=True)
class Drawing:
    """An SVG path in tenths of logical pixels, its view box around the ink, and how it was written."""

    path: str
    view_box: str
    strokes: int
    seconds: int


def draw(content: bytes) -> Drawing | None:
    """The drawing of a strokes file; None when the file holds no ink or is none."""
    strokes, ended_ms = _read(content)
    points = [point for stroke in strokes for point in stroke]
    if not points:
        return None
    left, top = min(x for x, _ in points) - _MARGIN, min(y for _, y in points) - _MARGIN
    width = max(x for x, _ in points) + _MARGIN - left
    height = max(y for _, y in points) + _MARGIN - top
    path = " ".join(_smooth(stroke) for stroke in strokes)
    return Drawing(path, f"{left} {top} {width} {height}", len(strokes), round(ended_ms / 1000))


def _read(content: bytes) -> tuple[list[list[Point]], int]:
    """The strokes, and the ms of the last point; nothing when the file is not what it says."""
    if len(content) > MAX_STROKES_BYTES:
        return [], 0
    try:
        raw = [[(int(x), int(y), int(t)) for x, y, t in stroke] for stroke in json.loads(content)["strokes"]]
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return [], 0
    if sum(map(len, raw)) > MAX_POINTS:
        return [], 0
    last = max((t for stroke in raw for _, _, t in stroke), default=0)
    return [[(x, y) for x, y, _ in stroke] for stroke in raw if stroke], last


def _smooth(stroke: Sequence[Point]) -> str:
    """Quadratic curves through the middles between the points: the hand's line without its corners."""
    (x, y), *rest = stroke
    if not rest:
        return f"M{x} {y}h1"
    parts = [f"M{x} {y}"]
    for (x1, y1), (x2, y2) in itertools.pairwise(rest):
        parts.append(f"Q{x1} {y1} {(x1 + x2) // 2} {(y1 + y2) // 2}")
    last_x, last_y = rest[-1]
    return "".join((*parts, f"L{last_x} {last_y}"))
