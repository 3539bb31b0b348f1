"""What the phone captures: ink as strokes, photos small and stripped, places as whole numbers."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import struct
import zlib

import pytest
from PIL import Image

from casebook.errors import AnswerInvalid, FileDamaged, PhotoTooLarge, PhotoUnreadable
from casebook.records import canonical
from fieldapp.capture import photo
from fieldapp.capture.ink import MAX_POINTS, Strokes
from fieldapp.capture.place import Fix, fix_of
from fieldapp.platform.clock import CHINA
from tests.fieldapp.phone import SIGNATURE, picture


def jpeg(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def camera_photo() -> bytes:
    """A sideways photo with time, place and a comment in it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned: rotate by 90 degrees to see it upright
    exif[0x0110] = "示例手机"
    details = exif.get_ifd(0x8769)
    details[0x9003], details[0x9011] = "2026:11:21 09:00:01", "+08:00"
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (30.0, 1.0, 2.5), "E", (110.0, 0.0, 0.0)
    return jpeg(Image.open(io.BytesIO(picture(3, 1200, 900))), exif=exif, comment=b"private words", quality=90)


class TestPhoto:
    def test_is_turned_upright_shrunk_and_stripped(self) -> None:
        kept = photo.shrink(camera_photo(), CHINA)
        image = Image.open(io.BytesIO(kept.content))
        assert (image.format, image.size) == ("JPEG", (900, 1200)) == ("JPEG", (kept.width, kept.height))
        assert not dict(image.getexif()) and "comment" not in image.info
        assert b"private words" not in kept.content and "示例手机".encode() not in kept.content

    def test_keeps_what_the_camera_claims(self) -> None:
        kept = photo.shrink(camera_photo(), CHINA)
        assert kept.taken_at == "2026-11-21T09:00:01+08:00"
        assert kept.claims == {"lat": 300173611, "lng": 1100000000}
        assert kept.src_sha256 == hashlib.sha256(camera_photo()).hexdigest()

    def test_time_without_zone_is_local_time(self) -> None:
        exif = Image.Exif()
        exif[0x0132] = "2026:11:21 09:00:01"
        kept = photo.shrink(jpeg(Image.new("RGB", (20, 20)), exif=exif), dt.timezone(dt.timedelta(hours=6)))
        assert kept.taken_at == "2026-11-21T09:00:01+06:00"

    @pytest.mark.parametrize("said", ["0000:00:00 00:00:00", "yesterday", ""])
    def test_nonsense_about_time_is_no_time(self, said: str) -> None:
        exif = Image.Exif()
        exif[0x0132] = said
        assert photo.shrink(jpeg(Image.new("RGB", (20, 20)), exif=exif), CHINA).taken_at is None

    def test_large_photo_gets_small_enough(self) -> None:
        noise = Image.effect_noise((1900, 1300), 90).convert("RGB")
        kept = photo.shrink(jpeg(noise, quality=95), CHINA)
        assert len(kept.content) <= photo.MAX_BYTES and max(kept.width, kept.height) <= photo.LONGEST_SIDE

    def test_small_photo_is_not_blown_up(self) -> None:
        kept = photo.shrink(picture(1, 300, 200), CHINA)
        assert (kept.width, kept.height) == (300, 200)

    @pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WEBP"])
    def test_other_kinds_become_jpeg(self, kind: str) -> None:
        assert photo.shrink(picture(2, 200, 100, kind), CHINA).content.startswith(b"\xff\xd8\xff")

    def test_transparent_parts_become_white(self) -> None:
        out = io.BytesIO()
        Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
        image = Image.open(io.BytesIO(photo.shrink(out.getvalue(), CHINA).content))
        assert image.getpixel((25, 25)) == (255, 255, 255)

    def test_same_scene_has_a_near_hash_and_another_a_far_one(self) -> None:
        first = photo.shrink(picture(1), CHINA)
        again = photo.shrink(jpeg(Image.open(io.BytesIO(picture(1))).resize((150, 200)), quality=40), CHINA)
        other = photo.shrink(picture(9), CHINA)
        assert len(first.dhash) == 16
        assert distance(first.dhash, again.dhash) <= 6 < distance(first.dhash, other.dhash)

    @pytest.mark.parametrize(
        "data",
        [b"", b"just a text file named .jpg", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0" + b"x" * 5000, b"\x00\x00\x00\x18ftypheic" + b"x" * 99,
         b"\x89PNG\r\n\x1a\n" + b"x" * 40, b"GIF89a", b"RIFF\x10\x00\x00\x00WEBPVP8 ", picture(1)[: len(picture(1)) // 3]],
    )  # fmt: skip
    def test_what_is_no_picture_is_refused(self, data: bytes) -> None:
        with pytest.raises(PhotoUnreadable):
            photo.shrink(data, CHINA)

    def test_forty_megabytes_are_refused_before_looking_inside(self) -> None:
        with pytest.raises(PhotoTooLarge):
            photo.shrink(picture(1) + bytes(photo.MAX_SOURCE_BYTES), CHINA)

    @pytest.mark.parametrize("side", [8000, 60000])
    def test_picture_with_far_too_many_pixels_is_refused_unread(self, side: int) -> None:
        with pytest.raises(PhotoTooLarge):
            photo.shrink(png_bomb(side), CHINA)


def png_bomb(side: int) -> bytes:
    """A tiny file that says it is `side` x `side` pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def distance(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


class TestInk:
    def test_strokes_file_is_canonical_and_reads_back(self) -> None:
        drawing = Strokes.drawn(SIGNATURE, 320, 200)
        raw = drawing.to_bytes()
        assert raw == canonical({"v": 1, "width": 320, "height": 200, "strokes": [
            [[100, 200, 0], [405, 223, 30], [800, 600, 61]], [[150, 700, 400]]]})  # fmt: skip
        assert Strokes.from_bytes(raw) == drawing
        assert drawing.points() == [[(10.0, 20.0, 0.0), (40.5, 22.3, 30.0), (80.0, 60.0, 61.0)], [(15.0, 70.0, 400.0)]]

    def test_nothing_drawn_is_empty(self) -> None:
        assert Strokes.drawn([[], []], 320, 200).empty

    def test_endless_scribble_is_thinned_and_keeps_its_ends(self) -> None:
        scribble = [[(float(n % 300), float(n % 200), float(n)) for n in range(3 * MAX_POINTS)]]
        (stroke,) = Strokes.drawn(scribble, 320, 200).strokes
        assert len(stroke) <= MAX_POINTS + 1
        assert (stroke[0], stroke[-1][2]) == ((0, 0, 0), 3 * MAX_POINTS - 1)

    @pytest.mark.parametrize("raw", [b"", b"{}", b'{"width":1,"height":1,"strokes":[[[1,2]]]}', b"[]", b"\xff"])
    def test_broken_strokes_file_is_called_damaged(self, raw: bytes) -> None:
        with pytest.raises(FileDamaged):
            Strokes.from_bytes(raw)


class TestPlace:
    def test_becomes_whole_numbers_and_comes_back(self) -> None:
        fix = Fix(30.0173611, 110.1234567, 12.4, "2026-11-21T16:00:00+08:00")
        place = fix.as_place()
        assert (place.lat, place.lng, place.acc) == (300173611, 1101234567, 12)
        assert fix_of(place) == Fix(30.0173611, 110.1234567, 12.0, "2026-11-21T16:00:00+08:00")
        assert fix.as_answer() == "30.0173611 110.1234567 0 12.4"

    @pytest.mark.parametrize(("lat", "lng"), [(91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0), (0.0, float("inf"))])
    def test_what_is_no_place_on_earth_is_refused(self, lat: float, lng: float) -> None:
        with pytest.raises(AnswerInvalid):
            Fix(lat, lng, 5.0, "2026-11-21T16:00:00+08:00").as_place()
