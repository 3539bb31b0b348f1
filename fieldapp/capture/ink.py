"""A signature as it was drawn: strokes of (x, y, t) are the original, pictures of it are derived."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casebook.errors import FileDamaged
from casebook.records import canonical

TYPE = "application/vnd.jiafang.strokes+json"
MAX_POINTS = 20_000
PEN = 3.0  # logical pixels
OVERSAMPLING = 4  # Pillow's lines are jagged at 1x: draw large, then shrink

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


def to_svg(drawing: Strokes, pen: float = PEN) -> str:
    """The drawing as an SVG picture: one path."""
    path = " ".join(_path(stroke) for stroke in drawing.points())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}">'
        f'<path d="{path}" fill="none" stroke="#000" stroke-width="{pen:g}" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )


def to_png(drawing: Strokes, pen: float = PEN, scale: int = 2) -> bytes:
    """The drawing as a PNG, `scale` pixels for one logical pixel, black on white."""
    from PIL import Image, ImageDraw

    k = scale * OVERSAMPLING
    picture = Image.new("L", (max(1, drawing.width) * k, max(1, drawing.height) * k), 255)
    draw = ImageDraw.Draw(picture)
    radius = pen * k / 2
    for stroke in drawing.points():
        points = [(x * k, y * k) for x, y, _ in stroke]
        if len(points) > 1:
            draw.line(points, fill=0, width=round(pen * k), joint="curve")
        for x, y in points:
            draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=0)
    size = (max(1, drawing.width) * scale, max(1, drawing.height) * scale)
    out = io.BytesIO()
    picture.resize(size, Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _path(stroke: Sequence[Point]) -> str:
    (x, y, _), *rest = stroke
    steps = [f"{px:g} {py:g}" for px, py, _ in rest] or [f"{x + 0.1:g} {y:g}"]  # a dot needs a tiny line to be seen
    return f"M{x:g} {y:g} L" + " L".join(steps)


def _thinned(strokes: tuple[tuple[tuple[int, int, int], ...], ...]) -> tuple[tuple[tuple[int, int, int], ...], ...]:
    """Keeps every n-th point (and both ends) of a scribble that would not fit a record's attachment."""
    count = sum(map(len, strokes))
    if count <= MAX_POINTS:
        return strokes
    step = -(-count // MAX_POINTS) + 1
    return tuple(stroke if len(stroke) < 3 else (*stroke[:-1:step], stroke[-1]) for stroke in strokes)
