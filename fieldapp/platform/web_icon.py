"""The app's sign in a browser's tab and on a home screen: a house with a tick, drawn here, never a file to carry."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

GREEN, WHITE = "#2f6b5e", "#ffffff"
UNITS = 32  # the sign is drawn on a square of so many units a side
FINER = 4  # drawn so many times larger than asked for, then shrunk, for smooth edges
CORNER = 7
ROOF = ((6.5, 16.0), (16.0, 8.0), (25.5, 16.0))
WALLS = ((9.5, 14.5), (9.5, 24.0), (22.5, 24.0), (22.5, 14.5))
TICK = ((13.0, 20.5), (15.3, 22.8), (19.3, 18.3))
STROKES = ((ROOF, 2.4), (WALLS, 2.4), (TICK, 2.2))
TAB, SMALL, LARGE = 64, 192, 512  # pixels a side
Points = tuple[tuple[float, float], ...]


def icons() -> dict[str, bytes]:
    """The pictures by the names under which the web client and browsers ask for them."""
    small, large = _png(drawn(SMALL)), _png(drawn(LARGE))
    return {
        "favicon.png": _png(drawn(TAB)), "favicon.ico": _ico(drawn(TAB)), "icons/icon-192.png": small,
        "icons/icon-512.png": large, "icons/apple-touch-icon-192.png": _png(drawn(SMALL, corner=0)),
        "icons/icon-maskable-192.png": _png(drawn(SMALL, corner=0)),
        "icons/icon-maskable-512.png": _png(drawn(LARGE, corner=0)), "icons/loading-animation.png": small,
    }  # fmt: skip


def drawn(side: int, corner: float = CORNER) -> Image:
    """The sign, `side` pixels wide; `corner` is the radius in units (0 where the device cuts the shape itself)."""
    from PIL import Image, ImageDraw

    unit = side * FINER / UNITS
    picture = Image.new("RGBA", (side * FINER, side * FINER), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, side * FINER - 1, side * FINER - 1), corner * unit, GREEN)
    for points, width in STROKES:
        _stroke(draw, points, width, unit)
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def _stroke(draw: ImageDraw, points: Points, width: float, unit: float) -> None:
    """A line with round ends and corners."""
    scaled = [(x * unit, y * unit) for x, y in points]
    draw.line(scaled, WHITE, round(width * unit), joint="curve")
    reach = width * unit / 2
    for x, y in scaled:
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), WHITE)


def _png(picture: Image) -> bytes:
    written = BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def _ico(picture: Image) -> bytes:
    written = BytesIO()
    picture.save(written, "ICO", sizes=[(16, 16), (32, 32), (48, 48)])
    return written.getvalue()
