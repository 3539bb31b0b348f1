"""Looks whether a picture is one, whole and of the kind it claims to be."""

from __future__ import annotations

from pathlib import Path

from casebook.errors import FileTypeWrong, PhotoUnreadable

KINDS = {"image/jpeg": "JPEG", "image/png": "PNG"}

#: More than any phone's camera makes; a bigger picture is a trap for our memory.
MAX_PIXELS = 120_000_000
#: Decoded at an eighth of its size: every byte is read, little memory is used.
LOOK = 8


def check(path: Path, claimed: str) -> None:
    """Raises FileTypeWrong when the content is of another kind, PhotoUnreadable when the picture is damaged."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=list(KINDS.values())) as picture:
            if picture.format != KINDS[claimed]:
                raise FileTypeWrong(claimed=claimed)
            if picture.width * picture.height > MAX_PIXELS:
                raise PhotoUnreadable(reason="too_many_pixels")
            picture.draft("L", (picture.width // LOOK, picture.height // LOOK))
            picture.load()
    except UnidentifiedImageError as error:
        raise FileTypeWrong(claimed=claimed) from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PhotoUnreadable() from error
