"""Photographs and signatures of the sample are real files of their kind, alike on every run and each its own."""

from __future__ import annotations

import io
import json
from itertools import combinations

import pytest
from PIL import Image

from casebook.records import canonical
from fieldapp.capture.photo import dhash
from sync_server.sample.photos import MAX_BYTES, SCENES, photo
from sync_server.sample.strokes import HEIGHT, WIDTH, signature


@pytest.mark.parametrize("kind", list(SCENES))
def test_a_photo_is_a_jpeg_within_the_limits(kind):
    taken = photo(kind, "1").jpeg
    image = Image.open(io.BytesIO(taken))
    assert image.format == "JPEG" and max(image.size) == 1600
    assert 30_000 < len(taken) <= MAX_BYTES
    assert not image.getexif()


def test_photos_repeat_from_their_seed_and_differ_from_each_other():
    taken = [photo("house", str(n)) for n in range(3)]
    assert photo("house", "0") == taken[0]
    for one, other in combinations(taken, 2):
        assert one != other


def test_the_picture_hash_is_the_one_that_telephones_make():
    taken = photo("house", "1")
    assert bin(int(taken.dhash, 16) ^ int(dhash(Image.open(io.BytesIO(taken.jpeg))), 16)).count("1") <= 2
    assert len({photo("house", str(n)).dhash for n in range(5)}) == 5


def test_the_mark_stands_in_every_photo():
    image = Image.open(io.BytesIO(photo("landscape", "1").jpeg)).convert("RGB")
    band = image.crop((0, int(image.height * 0.94), image.width // 3, image.height))
    yellow = sum(count for count, (red, green, blue) in band.getcolors(band.width * band.height) if red > 190 > blue + 60)
    assert yellow > 1000


def test_a_signature_is_a_canonical_strokes_file():
    drawn = signature("禤㛃", "1")
    ink = json.loads(drawn)
    assert drawn == canonical(ink) and ink["v"] == 1
    points = [point for stroke in ink["strokes"] for point in stroke]
    assert all(0 <= x <= WIDTH * 10 and 0 <= y <= HEIGHT * 10 for x, y, _ in points)
    assert [t for _, _, t in points] == sorted(t for _, _, t in points)
    assert len(ink["strokes"]) >= 8


@pytest.mark.parametrize("name", ["任", "欧阳思行", "阿依古丽·买提木果"])
def test_names_of_every_length_fit_on_the_pad(name):
    ink = json.loads(signature(name, "1"))
    assert max(x for stroke in ink["strokes"] for x, _, _ in stroke) <= WIDTH * 10


def test_one_hand_signs_alike_but_never_the_same():
    one, again, other = (json.loads(signature(*signer)) for signer in (("王芳", "1"), ("王芳", "2"), ("李强", "1")))
    assert one != again
    assert [len(stroke) for stroke in one["strokes"]] == [len(stroke) for stroke in again["strokes"]]
    assert [len(stroke) for stroke in one["strokes"]] != [len(stroke) for stroke in other["strokes"]]
