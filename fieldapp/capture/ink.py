"""A signature as it was drawn: strokes of (x, y, t) are the original, pictures of it are derived."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casebook.errors import FileDamaged
from casebook.records import canonical

TYPE = "application/vnd.jiafang.strokes+json"
MAX_POINTS = 20_000

Point = tuple[float, float, float]
Stroke = Sequence[Point]  # x and y in logical pixels, t in ms since the first point of the signature


@dataclass(frozen=True)
class Strokes:
    """A drawing: its pad's size in logical pixels, and strokes of points in tenths of a pixel with ms."""

    width: int
    height: int
    strokes: tuple[tuple[tuple[int, int, int], ...], ...]

    @classmethod
    def drawn(cls, strokes: Iterable[Stroke], width: float, height: float) -> Strokes:
        """The drawing a pad of `width` x `height` logical pixels has seen; empty strokes are dropped."""
        whole = tuple(
            tuple((round(x * 10), round(y * 10), max(0, round(t))) for x, y, t in stroke)
            for stroke in strokes
            if stroke
        )
        return cls(round(width), round(height), _thinned(whole))

    @classmethod
    def from_bytes(cls, raw: bytes) -> Strokes:
        """Reads a strokes file. Raises FileDamaged."""
        try:
            parts = json.loads(raw)
            strokes = tuple(tuple((int(x), int(y), int(t)) for x, y, t in stroke) for stroke in parts["strokes"])
            return cls(int(parts["width"]), int(parts["height"]), strokes)
        except (ValueError, KeyError, TypeError) as error:
            raise FileDamaged(what="strokes") from error

    def to_bytes(self) -> bytes:
        """The strokes file: RFC 8785 bytes, the same for the same drawing on every machine."""
        strokes = [[list(point) for point in stroke] for stroke in self.strokes]
        return canonical({"v": 1, "width": self.width, "height": self.height, "strokes": strokes})

    def points(self) -> list[list[Point]]:
        """The strokes as the pad takes them: logical pixels and ms."""
        return [[(x / 10, y / 10, float(t)) for x, y, t in stroke] for stroke in self.strokes]

    @property
    def empty(self) -> bool:
        """True when nothing has been drawn."""
        return not self.strokes


def _thinned(strokes: tuple[tuple[tuple[int, int, int], ...], ...]) -> tuple[tuple[tuple[int, int, int], ...], ...]:
    """Keeps every n-th point (and both ends) of a scribble that would not fit a record's attachment."""
    count = sum(map(len, strokes))
    if count <= MAX_POINTS:
        return strokes
    step = -(-count // MAX_POINTS) + 1
    return tuple(stroke if len(stroke) < 3 else (*stroke[:-1:step], stroke[-1]) for stroke in strokes)
