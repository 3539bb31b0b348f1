"""Draws the sample's photographs: village scenes out of plain shapes, marked so that nobody takes them for real."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from random import Random

from PIL import Image, ImageDraw, ImageFont

from sync_server.sample.words import word_list

LONG_SIDE, SHORT_SIDE = 1600, 1200
MAX_BYTES = 300 * 1024
ENLARGED = 2  # drawn small and enlarged, which is quick and as soft as a cheap lens
GRAIN = 0.05
FONT_PACKAGE, FONT_FILE, FONT_FACE_SC = "noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc", 2

Colour = tuple[int, int, int]
PAINTS: tuple[Colour, ...] = ((110, 72, 48), (52, 88, 104), (128, 40, 38))


@dataclass(frozen=True)
class Photo:
    """A JPEG of at most 300 KB, its longer side 1,600 px, and its 64-bit difference hash in hex."""

    jpeg: bytes
    dhash: str


def photo(kind: str, seed: str) -> Photo:
    """A picture of one of the SCENES; `seed` makes it its own."""
    rng = Random(f"photo:{kind}:{seed}")
    upright = kind in UPRIGHT
    width, height = (SHORT_SIDE, LONG_SIDE) if upright else (LONG_SIDE, SHORT_SIDE)
    scene = _Scene(rng, width // ENLARGED, height // ENLARGED)
    SCENES[kind](scene)
    picture = scene.developed()
    return Photo(_as_jpeg(picture), _dhash(picture))


class _Scene:
    """A picture being drawn, with the dice that make it different from others."""

    def __init__(self, rng: Random, width: int, height: int) -> None:
        self.rng, self.width, self.height = rng, width, height
        self.image = Image.new("RGB", (width, height), (200, 200, 200))
        self.draw = ImageDraw.Draw(self.image)

    def shade(self, colour: Colour, spread: int = 12) -> Colour:
        """The colour, a little lighter or darker by chance."""
        shift = self.rng.randint(-spread, spread)
        red, green, blue = (max(0, min(255, part + shift)) for part in colour)
        return red, green, blue

    def gradient(self, top: Colour, bottom: Colour, first: int, last: int) -> None:
        """Fills the rows from `first` to `last` with a soft change of colour."""
        ramp = Image.linear_gradient("L").resize((self.width, last - first))
        area = Image.composite(Image.new("RGB", ramp.size, bottom), Image.new("RGB", ramp.size, top), ramp)
        self.image.paste(area, (0, first))

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """A filled rectangle in shares of the picture's width and height."""
        self.draw.rectangle((self._x(left), self._y(top), self._x(right), self._y(bottom)), fill=colour)

    def shape(self, points: list[tuple[float, float]], colour: Colour) -> None:
        """A filled outline in shares of the picture's width and height."""
        self.draw.polygon([(self._x(x), self._y(y)) for x, y in points], fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A filled circle; the radius is a share of the width."""
        size = radius * self.width
        self.draw.ellipse((self._x(x) - size, self._y(y) - size, self._x(x) + size, self._y(y) + size), fill=colour)

    def text(self, x: float, y: float, words: str, size: float, colour: Colour) -> None:
        """Writes words with their left top corner at (x, y); `size` is a share of the height."""
        self.draw.text((self._x(x), self._y(y)), words, font=_font(self._y(size)), fill=colour)

    def developed(self) -> Image.Image:
        """The picture with a lens's softness and grain, and the mark across its foot."""
        grain = Image.frombytes("L", self.image.size, self.rng.randbytes(self.width * self.height))
        grainy = Image.blend(self.image, grain.convert("RGB"), GRAIN)
        self.width, self.height = self.width * ENLARGED, self.height * ENLARGED
        self.image = grainy.resize((self.width, self.height), Image.Resampling.BILINEAR)
        self.draw = ImageDraw.Draw(self.image)
        self.box(0, 0.93, 1, 1, (32, 40, 38))
        self.text(0.03, 0.94, word_list("photos")["mark"], 1 / 24, (255, 214, 102))
        return self.image

    def _x(self, share: float) -> int:
        return round(share * self.width)

    def _y(self, share: float) -> int:
        return round(share * self.height)


def _landscape(scene: _Scene) -> None:
    """Hills, terraced fields and the road to the village."""
    _sky_and_hills(scene, horizon=0.55)
    rng = scene.rng
    for row in range(7):
        top = 0.56 + row * 0.06
        tilt = rng.uniform(-0.02, 0.02)
        green = scene.shade((118 + row * 6, 142 - row * 4, 66), 14)
        scene.shape([(0, top), (1, top + tilt), (1, 1), (0, 1)], green)
    bend, foot = rng.uniform(0.3, 0.7), rng.uniform(0.2, 0.7)
    road = scene.shade((168, 152, 126))
    scene.shape([(bend, 0.55), (bend + 0.02, 0.55), (foot + 0.34, 1), (foot, 1)], road)
    for _ in range(rng.randint(2, 4)):
        _tree(scene, rng.uniform(0.05, 0.95), rng.uniform(0.62, 0.8), rng.uniform(0.03, 0.07))
    _hut(scene, rng.uniform(0.08, 0.75), rng.uniform(0.5, 0.58), rng.uniform(0.08, 0.14))


def _house(scene: _Scene) -> None:
    """A village house seen from its yard."""
    _sky_and_hills(scene, horizon=0.62)
    rng = scene.rng
    scene.gradient(scene.shade((176, 160, 132)), scene.shade((140, 124, 100)), round(0.62 * scene.height), scene.height)
    left, width = rng.uniform(0.08, 0.22), rng.uniform(0.55, 0.68)
    right, eaves, foot = left + width, rng.uniform(0.34, 0.4), 0.72
    wall = scene.shade(rng.choice(((198, 176, 140), (214, 208, 196), (172, 102, 78))))
    scene.box(left, eaves, right, foot, wall)
    ridge, overhang = eaves - rng.uniform(0.12, 0.18), 0.04
    roof = scene.shade(rng.choice(((84, 84, 90), (120, 70, 56), (70, 92, 104))))
    edge = [(left - overhang, eaves), (left + 0.07, ridge), (right - 0.07, ridge), (right + overhang, eaves)]
    scene.shape(edge, roof)
    middle = (left + right) / 2
    _door_leaf(scene, middle - 0.06, eaves + 0.08, middle + 0.06, foot, rng.choice(PAINTS))
    for centre in (left + width * 0.2, right - width * 0.2):
        _window(scene, centre, eaves + 0.14)
    _tree(scene, rng.choice((0.05, 0.93)), 0.74, rng.uniform(0.06, 0.1))
    scene.box(left - 0.02, foot, right + 0.02, foot + 0.02, scene.shade((120, 112, 100)))


def _door(scene: _Scene) -> None:
    """A closed front door with its couplets, as seen when nobody opens."""
    rng = scene.rng
    brick = scene.shade(rng.choice(((170, 104, 82), (196, 184, 164), (206, 202, 196))))
    scene.gradient(brick, scene.shade(brick, 24), 0, scene.height)
    for row in range(24):
        scene.box(0, row / 24, 1, row / 24 + 0.002, scene.shade((150, 132, 116)))
    left, right, top, foot = 0.24, 0.76, rng.uniform(0.14, 0.2), 0.86
    scene.box(left - 0.03, top - 0.03, right + 0.03, foot, scene.shade((92, 84, 78)))
    paint = scene.rng.choice(PAINTS)
    _door_leaf(scene, left, top, 0.498, foot, paint)
    _door_leaf(scene, 0.502, top, right, foot, paint)
    red = scene.shade((186, 42, 40))
    for x in (left - 0.14, right + 0.04):
        scene.box(x, top + 0.04, x + 0.1, foot - 0.08, red)
    scene.box(left, top - 0.13, right, top - 0.05, red)
    scene.box(0, foot, 1, 1, scene.shade((150, 146, 140)))
    if rng.random() < 0.7:
        scene.disc(0.5, (top + foot) / 2, 0.022, (58, 58, 62))


def _slip(scene: _Scene) -> None:
    """A handwritten slip of paper on a table; its words say that it is invented."""
    rng = scene.rng
    wood = scene.shade((134, 98, 64))
    scene.gradient(wood, scene.shade(wood, 30), 0, scene.height)
    for _ in range(40):
        y = rng.random()
        scene.box(0, y, 1, y + 0.002, scene.shade((116, 84, 56)))
    lean = rng.uniform(-0.03, 0.03)
    paper = scene.shade((242, 238, 226), 6)
    scene.shape([(0.12, 0.12 + lean), (0.88, 0.12 - lean), (0.9, 0.82 - lean), (0.1, 0.82 + lean)], paper)
    written = word_list("photos")
    scene.text(0.4, 0.17, rng.choice(written["titles"]), 0.06, (60, 60, 70))
    for line in range(6):
        y = 0.3 + line * 0.07
        scene.box(0.18, y + 0.055, 0.82, y + 0.057, (170, 176, 190))
        number = written["number"].format(number=rng.randint(1, 99))
        words = written["filler"] * rng.randint(2, 4) if line < 5 else number
        scene.text(0.19, y, words, 0.038, scene.shade((40, 52, 110), 20))
    scene.disc(rng.uniform(0.66, 0.76), rng.uniform(0.68, 0.74), 0.05, scene.shade((196, 60, 56)))


def _sky_and_hills(scene: _Scene, horizon: float) -> None:
    rng = scene.rng
    top, low = rng.choice((((120, 168, 216), (214, 228, 236)), ((176, 184, 192), (222, 224, 222)),
                           ((226, 170, 120), (246, 222, 190))))  # fmt: skip
    scene.gradient(top, low, 0, round(horizon * scene.height))
    scene.gradient((150, 160, 110), (110, 118, 80), round(horizon * scene.height), scene.height)
    for depth in range(3):
        base = horizon - 0.16 + depth * 0.07
        ridge = [(step / 8, base + rng.uniform(-0.08, 0.04)) for step in range(9)]
        haze = (132 - depth * 28, 150 - depth * 20, 146 - depth * 34)
        scene.shape([(0, horizon + 0.01), *ridge, (1, horizon + 0.01)], scene.shade(haze))


def _tree(scene: _Scene, x: float, foot: float, size: float) -> None:
    scene.box(x - size * 0.12, foot - size * 2, x + size * 0.12, foot, scene.shade((92, 70, 50)))
    for _ in range(7):
        dx, dy = scene.rng.uniform(-size, size), scene.rng.uniform(-size, size)
        scene.disc(x + dx, foot - size * 2.6 + dy, size * 0.75, scene.shade((62, 104, 62), 20))


def _hut(scene: _Scene, left: float, foot: float, width: float) -> None:
    top = foot - width * 0.7
    scene.box(left, top, left + width, foot + 0.02, scene.shade((206, 196, 178)))
    scene.shape([(left - 0.01, top), (left + width / 2, top - width * 0.5), (left + width + 0.01, top)],
                scene.shade((86, 80, 82)))  # fmt: skip


def _door_leaf(scene: _Scene, left: float, top: float, right: float, foot: float, paint: Colour) -> None:
    colour = scene.shade(paint, 4)
    scene.box(left, top, right, foot, colour)
    inset_x, inset_y = (right - left) * 0.15, (foot - top) * 0.06
    darker = scene.shade((colour[0] - 22, colour[1] - 20, colour[2] - 18), 4)
    scene.box(left + inset_x, top + inset_y, right - inset_x, (top + foot) / 2 - inset_y, darker)
    scene.box(left + inset_x, (top + foot) / 2 + inset_y, right - inset_x, foot - inset_y, darker)


def _window(scene: _Scene, centre: float, top: float) -> None:
    scene.box(centre - 0.05, top, centre + 0.05, top + 0.13, scene.shade((72, 60, 52)))
    for dx in (-0.045, 0.003):
        scene.box(centre + dx, top + 0.01, centre + dx + 0.042, top + 0.12, scene.shade((146, 176, 190), 20))


def _as_jpeg(image: Image.Image) -> bytes:
    """The smallest loss that stays within the limit."""
    for quality in (82, 70, 58, 45):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality)
        if buffer.tell() <= MAX_BYTES:
            break
    return buffer.getvalue()


def _dhash(picture: Image.Image) -> str:
    """As telephones count it: whether each of 8 x 8 grey cells is darker than its right neighbour."""
    grey = picture.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    bits = sum((grey[y * 9 + x] < grey[y * 9 + x + 1]) << (y * 8 + x) for y in range(8) for x in range(8))
    return f"{bits:016x}"


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    with as_file(files(FONT_PACKAGE).joinpath(FONT_FILE)) as path:
        return ImageFont.truetype(str(path), size, index=FONT_FACE_SC)


SCENES: dict[str, Callable[[_Scene], None]] = {
    "landscape": _landscape, "house": _house, "door": _door, "slip": _slip,
}  # fmt: skip
UPRIGHT = frozenset({"door"})
