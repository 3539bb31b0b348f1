"""A photo on its way into a record: checked, turned upright, shrunk, stripped of what the camera wrote into it."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casebook.errors import PhotoTooLarge, PhotoUnreadable
from fieldapp.capture.kept import Kept
from fieldapp.capture.place import SCALE

if TYPE_CHECKING:
    from PIL.Image import Image

ROLE, TYPE = "photo", "image/jpeg"
MAX_SOURCE_BYTES = 40 * 1024 * 1024
MAX_BYTES = 300 * 1024
LONGEST_SIDE = 1600
QUALITIES = (72, 64, 56, 48, 40)
# A baseline JPEG is decoded at a fraction of its size; everything else needs its full size in memory.
MAX_PIXELS_BASELINE = 120_000_000
MAX_PIXELS_OTHER = 40_000_000

_SIGNATURES = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"BM", "BMP"), (b"GIF8", "GIF"))
_EXIF, _GPS = 0x8769, 0x8825
_TAKEN, _TAKEN_OFFSET, _CHANGED = 0x9003, 0x9011, 0x0132


@dataclass(frozen=True)
class Photo:
    """A photo ready to be kept: JPEG bytes, and what its original said about itself.

    `taken_at` (ISO 8601) and `claims` (`lat`, `lng` in 1e-7 degrees) come from the camera and prove nothing.
    `dhash` is the 64-bit difference hash in hex: pictures of one scene differ in few bits.
    """

    content: bytes
    width: int
    height: int
    src_sha256: str
    dhash: str
    taken_at: str | None = None
    claims: Mapping[str, int] = field(default_factory=dict)


def shrink(original: bytes, tz: dt.timezone) -> Photo:
    """The photo to keep: longest side 1600 px, at most 300 KB, upright, without EXIF.

    `tz` is assumed where the camera names no time zone. Raises PhotoTooLarge (more than 40 MB or too many
    pixels) and PhotoUnreadable (no picture, a broken one, or a kind this phone cannot read).
    """
    if len(original) > MAX_SOURCE_BYTES:
        raise PhotoTooLarge(size=len(original), limit=MAX_SOURCE_BYTES)
    kind = _sniff(original)
    with _decoding():
        taken_at, claims, upright = _opened(original, kind, tz)
    content, small = _encoded(upright)
    src_sha256 = hashlib.sha256(original).hexdigest()
    return Photo(content, *small.size, src_sha256, dhash(small), taken_at, claims)


def examine(original: bytes, tz: dt.timezone) -> Kept:
    """The photo as it goes into a record. Raises what `shrink` raises."""
    small = shrink(original, tz)
    return Kept(ROLE, small.content, TYPE, "jpg", small.taken_at, small.src_sha256, small.dhash, small.claims)


def dhash(picture: Image) -> str:
    """64 bits in hex: whether each of 8x8 grey cells is darker than its right neighbour."""
    from PIL import Image as Pillow

    grey = picture.convert("L").resize((9, 8), Pillow.Resampling.LANCZOS).tobytes()
    bits = sum((grey[y * 9 + x] < grey[y * 9 + x + 1]) << (y * 8 + x) for y in range(8) for x in range(8))
    return f"{bits:016x}"


def _sniff(original: bytes) -> str:
    for signature, kind in _SIGNATURES:
        if original.startswith(signature):
            return kind
    if original[:4] == b"RIFF" and original[8:12] == b"WEBP":
        return "WEBP"
    raise PhotoUnreadable(reason="heic" if original[4:8] == b"ftyp" else "not_an_image")


@contextlib.contextmanager
def _decoding() -> Iterator[None]:
    """Pillow's decoders raise nearly anything on a broken or hostile file: all of it means unreadable."""
    from PIL import Image as Pillow

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            yield
    except (PhotoTooLarge, PhotoUnreadable):
        raise
    except Pillow.DecompressionBombError as error:
        raise PhotoTooLarge(reason="pixels") from error
    except Exception as error:
        raise PhotoUnreadable(reason="broken") from error


def _opened(original: bytes, kind: str, tz: dt.timezone) -> tuple[str | None, dict[str, int], Image]:
    from PIL import Image as Pillow
    from PIL import ImageOps

    picture: Image = Pillow.open(io.BytesIO(original), formats=[kind])
    _refuse_bomb(picture)
    exif = picture.getexif()
    taken_at, claims = _taken_at(exif, tz), _claimed_place(exif)
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Pillow.Resampling.LANCZOS, reducing_gap=2.0)
    return taken_at, claims, _on_white(ImageOps.exif_transpose(picture))


def _refuse_bomb(picture: Image) -> None:
    baseline = picture.format == "JPEG" and not picture.info.get("progressive")
    limit = MAX_PIXELS_BASELINE if baseline else MAX_PIXELS_OTHER
    if picture.width * picture.height > limit:
        raise PhotoTooLarge(reason="pixels", limit=limit)


def _on_white(picture: Image) -> Image:
    """Plain RGB without anything the file carried along (comments, profiles); transparent parts become white."""
    from PIL import Image as Pillow

    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        picture = Pillow.new("RGBA", layer.size, "white")
        picture.alpha_composite(layer)
    plain = picture.convert("RGB")
    plain.info = {}
    return plain


def _encoded(picture: Image) -> tuple[bytes, Image]:
    """The first JPEG that fits, coarser and then smaller, and the picture it shows."""
    while True:
        for quality in QUALITIES:
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
            if out.tell() <= MAX_BYTES:
                return out.getvalue(), picture
        scale = 0.95 * math.sqrt(MAX_BYTES / out.tell())  # bytes grow with the area
        picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))


def _taken_at(exif: Any, tz: dt.timezone) -> str | None:
    """When the camera says the photo was taken; None when it says nothing that is a time."""
    details = exif.get_ifd(_EXIF)
    said = str(details.get(_TAKEN) or exif.get(_CHANGED) or "").strip("\0 ")
    offset = str(details.get(_TAKEN_OFFSET) or "").strip("\0 ")
    for text, pattern in ((said + offset, "%Y:%m:%d %H:%M:%S%z"), (said, "%Y:%m:%d %H:%M:%S")):
        with contextlib.suppress(ValueError):
            taken = dt.datetime.strptime(text, pattern)
            return (taken if taken.tzinfo else taken.replace(tzinfo=tz)).isoformat()
    return None


def _claimed_place(exif: Any) -> dict[str, int]:
    """The position in the file, in 1e-7 degrees; empty when there is none or it is nonsense."""
    gps = exif.get_ifd(_GPS)
    try:
        lat, lng = _degrees(gps[2], gps[1] == "S"), _degrees(gps[4], gps[3] == "W")
    except (KeyError, ValueError, TypeError, ZeroDivisionError, OverflowError):
        return {}
    if abs(lat) > 90 * SCALE or abs(lng) > 180 * SCALE:
        return {}
    return {"lat": lat, "lng": lng}


def _degrees(parts: Any, negative: bool) -> int:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = round((degrees + minutes / 60 + seconds / 3600) * SCALE)
    return -value if negative else value
