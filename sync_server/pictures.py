"""Looks whether a picture is one, whole and of the kind it claims to be; and makes it small.

A JPEG is walked from its first byte to its pixels, its end mark is looked for, and its first rows are drawn. Drawing it
all would cost ten times as much and find nothing more: the decoder, too, passes over damage inside the picture, and the
hash has shown by then that these are the bytes the phone sealed.
"""

from __future__ import annotations

import io
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casebook.errors import FileTypeWrong, PhotoUnreadable

if TYPE_CHECKING:
    from PIL import Image

KINDS = {"image/jpeg": "JPEG", "image/png": "PNG"}

#: More than any phone's camera makes; a bigger picture is a trap for our memory.
MAX_PIXELS = 120_000_000
#: Drawn at an eighth of its size: little memory is used.
LOOK = 8
#: So many rows of a JPEG are drawn, from so many bytes at most.
ROWS, ROWS_BYTES = 16, 2048
#: A JPEG writes its width with 16 bits, and an eighth of that is drawn.
MOST_WIDE = (1 << 16) // LOOK

#: Pixels of the longer side of a small picture: enough to tell a door from a face.
EDGE, QUALITY = 480, 72
#: Of what is larger none is made: a progressive JPEG takes 3 bytes of memory a pixel, a PNG 4, whatever comes of it.
MOST_TO_SHRINK = {"JPEG": 50_000_000, "PNG": 16_000_000}
#: However many look at once: one picture is made small at a time.
SHRINKING = threading.Lock()

JPEG_BEGINS, JPEG_ENDS = b"\xff\xd8\xff", b"\xff\xd9"
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
#: What says the size of the picture: every kind of frame. 0xC4, 0xC8 and 0xCC lie between and are something else.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: What a camera writes before the pixels: three kinds of frame, tables, whatever programs add. All readers agree that
#: these have a length; of others some say that they have none, and then see another picture than we do.
PLAIN = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD, *range(0xE0, 0xF0), 0xFE})
#: Ends the compressed pixels of a scan; 0xFF00 is a byte of them, 0xFFD0 to 0xFFD7 mark places in them.
AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


@dataclass(frozen=True)
class Outline:
    """Where in a JPEG its height is written and its first scan begins, its size, and the marks up to there."""

    height_at: int
    pixels_at: int
    width: int
    height: int
    marks: frozenset[int]


def check(content: bytes, claimed: str) -> None:
    """Raises FileTypeWrong when the content is of another kind, PhotoUnreadable when the picture is damaged."""
    if content.startswith(JPEG_BEGINS):
        if claimed != "image/jpeg":
            raise FileTypeWrong(claimed=claimed)
        found = outline(content)
        if found.width * found.height > MAX_PIXELS:
            raise PhotoUnreadable(reason="too_many_pixels")
        draw(_first_rows(content, found), claimed)
    else:
        draw(content, claimed)


def ends_well(ends: bytes) -> bool:
    """Whether the beginning and the end of a file are those of a whole JPEG: no more of one is looked at anyway.

    What a camera never makes (a picture for printers, say) may well be a JPEG, but not plainly.
    """
    if not ends.endswith(JPEG_ENDS) or not ends.startswith(JPEG_BEGINS):
        return False
    try:
        found = outline(ends)
        if found.marks <= PLAIN and 0 < found.width * found.height <= MAX_PIXELS:
            _draw_rows(_first_rows(ends, found), found)
            return True
    except (PhotoUnreadable, OSError, ValueError):
        pass
    return False


def draw(content: bytes, claimed: str) -> Image.Image:
    """The picture in grey, a JPEG at an eighth of its size. Raises FileTypeWrong, PhotoUnreadable."""
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(io.BytesIO(content), formats=list(KINDS.values()))
        if picture.format != KINDS[claimed]:
            raise FileTypeWrong(claimed=claimed)
        if picture.width * picture.height > MAX_PIXELS:
            raise PhotoUnreadable(reason="too_many_pixels")
        picture.draft("L", (picture.width // LOOK, picture.height // LOOK))
        picture.load()
        return picture
    except UnidentifiedImageError as error:
        raise FileTypeWrong(claimed=claimed) from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PhotoUnreadable() from error


def shrink(content: bytes) -> bytes | None:
    """A small JPEG of a picture, the right way up and with nothing but its pixels; None for anything else."""
    from PIL import Image, ImageOps

    try:
        with SHRINKING, Image.open(io.BytesIO(content), formats=list(KINDS.values())) as picture:
            if picture.width * picture.height > MOST_TO_SHRINK[str(picture.format)]:
                return None
            picture.draft("RGB", (EDGE, EDGE))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((EDGE, EDGE))
            small = io.BytesIO()
            _on_white(upright).save(small, "JPEG", quality=QUALITY, optimize=True)
            return small.getvalue()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency, which JPEG does not know."""
    from PIL import Image

    if picture.mode in ("RGB", "L"):
        return picture
    sheet = Image.new("RGB", picture.size, "white")
    clear = picture.convert("RGBA")
    sheet.paste(clear, mask=clear)
    return sheet


def outline(content: bytes) -> Outline:
    """Walks a JPEG from mark to mark, to its pixels where it plainly ends as it should, to its end where it does not.

    Raises PhotoUnreadable when something is missing on the way.
    """
    at, frame, pixels, ends, marks = 2, 0, 0, content.endswith(JPEG_ENDS), set()
    while True:
        mark, at = _mark(content, at)
        if mark == END_OF_IMAGE:
            break
        marks.add(mark)
        if mark in FRAMES and not frame:
            frame = at
        at += _length(content, at)
        if mark == START_OF_SCAN:
            pixels = pixels or at
            if ends:
                break
            found = AFTER_SCAN.search(content, at)
            if found is None:
                raise PhotoUnreadable(reason="cut_off")
            at = found.start()
    if not frame or not pixels:
        raise PhotoUnreadable(reason="no_pixels")
    height, width = (int.from_bytes(content[at : at + 2], "big") for at in (frame + 3, frame + 5))
    return Outline(frame + 3, pixels, width, height, frozenset(marks))


def _mark(content: bytes, at: int) -> tuple[int, int]:
    """The mark at a place, and the place after it; any number of 0xFF may stand before one."""
    if content[at : at + 1] != b"\xff":
        raise PhotoUnreadable(reason="cut_off" if at >= len(content) else "no_mark")
    while content[at : at + 1] == b"\xff":
        at += 1
    if at >= len(content):
        raise PhotoUnreadable(reason="cut_off")
    return content[at], at + 1


def _length(content: bytes, at: int) -> int:
    """The length of a segment, itself included."""
    length = int.from_bytes(content[at : at + 2], "big")
    if length < 2 or at + length > len(content):
        raise PhotoUnreadable(reason="cut_off")
    return length


def _first_rows(content: bytes, found: Outline) -> bytes:
    """A JPEG of the first rows alone: the same tables, another height, an early end."""
    rows = bytearray(content[: found.pixels_at + ROWS_BYTES])
    rows[found.height_at : found.height_at + 2] = min(ROWS, found.height).to_bytes(2, "big")
    return bytes(rows) + JPEG_ENDS


def _draw_rows(rows: bytes, found: Outline) -> None:
    """Has the decoder draw the first rows; we have walked the picture already. Raises OSError, ValueError.

    The decoder writes as many pixels as it reads of, whatever it is told: so it gets room for any width there is.
    """
    from PIL import Image

    height = -(-min(ROWS, found.height) // LOOK)
    Image.frombytes("L", (MOST_WIDE, height), rows, "jpeg", "L", "", LOOK, 0)
