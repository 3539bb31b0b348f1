"""A glance at a picture refuses what drawing all of it would refuse, at a tenth of the cost."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from casebook.errors import FileTypeWrong, InputError, PhotoUnreadable
from sync_server import pictures
from tests.sync_server.schoolhouse import jpeg

BASELINE = jpeg(side=160)
BEGINNING = 6000  # less than any of the pictures


def progressive() -> bytes:
    kept = io.BytesIO()
    Image.open(io.BytesIO(BASELINE)).save(kept, "JPEG", progressive=True, quality=70, comment=b"\xff\xd9 in a comment")
    return kept.getvalue()


def with_a_thumbnail() -> bytes:
    """A camera's picture: a whole smaller JPEG lies in one of its segments."""
    inside = b"Exif\0\0" + jpeg(side=40)
    return BASELINE[:2] + b"\xff\xe1" + (len(inside) + 2).to_bytes(2, "big") + inside + BASELINE[2:]


WHOLE = {"baseline": BASELINE, "progressive": progressive(), "thumbnail": with_a_thumbnail(),
         "filled": BASELINE[:2] + b"\xff\xff" + BASELINE[2:], "with more after its end": BASELINE + bytes(64)}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_picture_is_taken(name: str) -> None:
    pictures.check(WHOLE[name], "image/jpeg")


def drawn(content: bytes) -> bool:
    """Whether the decoder draws all of it."""
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as picture:
            picture.load()
        return True
    except (OSError, SyntaxError, ValueError):
        return False


def glanced(content: bytes) -> bool:
    try:
        pictures.check(content, "image/jpeg")
        return True
    except InputError:
        return False


def torn(content: bytes, chance: random.Random) -> bytes:
    """The picture cut off, with a piece missing, doubled or overwritten, or with a changed byte in its head."""
    at, size = chance.randrange(2, len(content)), chance.randrange(1, 40)
    return chance.choice([
        content[:at],
        content[:at] + bytes(len(content) - at),
        content[: at % 620] + chance.randbytes(1) + content[at % 620 + 1 :],
        content[: at % 620] + content[at % 620 + size :],
        content[: at % 620] + chance.randbytes(size) + content[at % 620 :],
    ])  # fmt: skip


@pytest.mark.parametrize("name", ["baseline", "progressive", "thumbnail"])
def test_what_cannot_be_drawn_is_not_taken(name: str) -> None:
    chance, refused = random.Random(name), 0
    for _ in range(300):
        content = torn(WHOLE[name], chance)
        if not drawn(content):
            refused += 1
            assert not glanced(content), content[:40].hex()
        # the beginning and the end alone are believed only where all of it would be
        assert glanced(content) or not pictures.ends_well(content[:BEGINNING] + content[BEGINNING:][-2:])
    assert refused > 60


@pytest.mark.parametrize("name", ["baseline", "progressive"])
def test_the_beginning_and_the_end_of_a_whole_picture_are_enough(name: str) -> None:
    assert pictures.ends_well(WHOLE[name][:BEGINNING] + WHOLE[name][-2:])
    assert not pictures.ends_well(WHOLE[name][:150] + WHOLE[name][-2:])


def test_an_end_that_never_comes_is_seen() -> None:
    for cut in range(3, len(BASELINE), 7):
        with pytest.raises(PhotoUnreadable):
            pictures.check(BASELINE[:cut], "image/jpeg")


def test_a_picture_of_another_kind_is_named() -> None:
    kept = io.BytesIO()
    Image.effect_noise((80, 80), 50).save(kept, "PNG")
    with pytest.raises(FileTypeWrong):
        pictures.check(kept.getvalue(), "image/jpeg")
    with pytest.raises(FileTypeWrong):
        pictures.check(BASELINE, "image/png")
    pictures.check(kept.getvalue(), "image/png")
    with pytest.raises(PhotoUnreadable):
        pictures.check(kept.getvalue()[:2000], "image/png")


def test_a_picture_that_the_decoder_would_read_otherwise_than_we_do_is_not_plainly_one() -> None:
    """A mark without a length, where we see one: the decoder takes for a frame what we pass over, and the reverse."""
    at = pictures.outline(BASELINE).height_at
    begins, ends = at - 5, at - 3 + int.from_bytes(BASELINE[at - 3 : at - 1], "big")
    frame = BASELINE[begins:ends]
    hidden = frame[:5] + b"\x00\x10\xff\x00" + frame[9:] + b"\xff\xe1" + (len(frame) + 2).to_bytes(2, "big")
    crafted = BASELINE[:begins] + b"\xff\xd0" + (len(hidden) + 2).to_bytes(2, "big") + hidden + BASELINE[begins:]
    assert (pictures.outline(crafted).width, Image.open(io.BytesIO(crafted)).width) == (160, 0xFF00)
    assert not pictures.ends_well(crafted)


def test_a_picture_without_rows_is_not_plainly_one() -> None:
    at = pictures.outline(BASELINE).height_at
    assert not pictures.ends_well(BASELINE[:at] + bytes(2) + BASELINE[at + 2 :])


def test_a_picture_that_would_fill_the_memory_is_refused_unseen() -> None:
    at = pictures.outline(BASELINE).height_at
    with pytest.raises(PhotoUnreadable):
        pictures.check(BASELINE[:at] + b"\xff\xff\xff\xff" + BASELINE[at + 4 :], "image/jpeg")
