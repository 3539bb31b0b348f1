"""The signature pad: strokes are plain points; each stroke is a component of its own, so that drawing stays cheap."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import flet as ft
import flet.canvas as cv

from fieldapp.ui.actions import guard, part
from fieldapp.ui.state import use_app
from fieldapp.ui.widgets.layout import mark

PEN_WIDTH = 3.0
EVENT_MS = 10
Point = tuple[float, float, float]


@ft.observable
@dataclass
class Line:
    """One stroke: points of x, y in logical pixels and ms since the first point of the signature."""

    points: list[Point] = field(default_factory=list)


@ft.observable
@dataclass
class Ink:
    """All strokes, the pad's size, and what was wiped last, so that a slip of the finger can be taken back."""

    lines: list[Line] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)
    wiped: list[Line] = field(default_factory=list)
    _began: float | None = None
    _drawing: bool = False

    @classmethod
    def of(cls, strokes: Sequence[Sequence[Point]], size: tuple[int, int] = (0, 0)) -> Ink:
        """The ink of a kept signature."""
        return cls([Line(list(stroke)) for stroke in strokes], size)

    def down(self, x: float, y: float) -> None:
        """The finger touches the pad."""
        self._drawing = True
        self.lines.append(Line([(x, y, self._now())]))

    def move(self, x: float, y: float) -> None:
        """The finger moves on the pad."""
        if self._drawing and self.lines:
            self.lines[-1].points.append((x, y, self._now()))

    def up(self) -> bool:
        """The finger leaves the pad; whether a stroke was finished by that."""
        finished, self._drawing = self._drawing, False
        return finished and bool(self.lines)

    def strokes(self) -> list[list[Point]]:
        """The points as plain lists."""
        return [list(line.points) for line in self.lines]

    def wipe(self) -> None:
        """Clears the pad; `restore` brings it back."""
        self.wiped, self.lines, self._drawing = list(self.lines), [], False

    def restore(self) -> None:
        """Brings back what `wipe` cleared."""
        self.lines, self.wiped = list(self.wiped), []

    def _now(self) -> float:
        now = time.monotonic() * 1000
        if self._began is None:
            past = max((line.points[-1][2] for line in self.lines if line.points), default=None)
            self._began = now if past is None else now - past - 1
        return round(now - self._began)


@part
def Pad(ink: Ink, finished: Callable[[], Any]) -> ft.Control:
    """The sheet to sign on; `finished` is called after every stroke. It must stand on a screen that does not scroll."""

    def sized(event: cv.CanvasResizeEvent) -> None:
        ink.size = (round(event.width), round(event.height))

    def down(event: Any) -> None:
        if ink.up():  # a dot: a tap sends no end of its own on some devices
            finished()
        ink.down(*_at(event))

    def up() -> None:
        if ink.up():
            finished()

    hand = ft.GestureDetector(
        on_pan_down=guard(down), on_pan_update=guard(lambda event: ink.move(*_at(event))), on_pan_end=guard(up),
        on_pan_cancel=guard(up), on_tap_up=guard(up), drag_interval=EVENT_MS, exclude_from_semantics=True)
    sheet = cv.Canvas(expand=True, on_resize=guard(sized), shapes=[Trace(line) for line in ink.lines], content=hand)
    return mark("pad", ft.Container(
        sheet, bgcolor=ft.Colors.WHITE, border=ft.Border.all(2, ft.Colors.BLACK), border_radius=8, expand=True,
        clip_behavior=ft.ClipBehavior.HARD_EDGE), use_app().words("app.sign.pad"), expand=True, container=True)


@part
def Trace(line: Line) -> cv.Shape:
    """One stroke on the sheet."""
    return trace(line.points, 1.0)


def trace(points: Sequence[Point], scale: float) -> cv.Path:
    """A stroke drawn `scale` times its size; a dot gets a tiny line, or nothing would show."""
    (x, y, t), *rest = points
    ends = rest or [(x + 0.1, y, t)]
    return cv.Path(
        [cv.Path.MoveTo(x * scale, y * scale), *(cv.Path.LineTo(p[0] * scale, p[1] * scale) for p in ends)],
        paint=ft.Paint(color=ft.Colors.BLACK, stroke_width=PEN_WIDTH * min(1.0, scale * 1.4),
                       style=ft.PaintingStyle.STROKE, stroke_cap=ft.StrokeCap.ROUND, stroke_join=ft.StrokeJoin.ROUND))


def drawing(strokes: Sequence[Sequence[Point]], size: tuple[int, int], height: float, label: str) -> ft.Control:
    """A finished signature, small."""
    scale = min(height / max(size[1], 1), 300 / max(size[0], 1))
    shapes: list[cv.Shape] = [trace(stroke, scale) for stroke in strokes if stroke]
    return ft.Container(
        ft.Semantics(image=True, label=label, content=cv.Canvas(
            shapes=shapes, width=max(size[0], 1) * scale, height=max(size[1], 1) * scale)),
        bgcolor=ft.Colors.WHITE, border_radius=8, padding=4)


def _at(event: Any) -> tuple[float, float]:
    return round(event.local_position.x, 1), round(event.local_position.y, 1)
