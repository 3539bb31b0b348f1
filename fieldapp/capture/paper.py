"""A document on its way into a record: told by its bytes, bounded, with its name; pictures are kept as photos."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from pathlib import PurePosixPath

from casebook.errors import PaperTooLarge, PaperUnreadable
from casebook.filekinds import MAX_PAPER_BYTES, MIB, PAPERS, sniff
from fieldapp.capture import photo
from fieldapp.capture.kept import Kept

ROLE = "file"
LONGEST_NAME = 80


def examine(content: bytes, name: str, tz: dt.timezone) -> Kept:
    """The document to keep. A picture is shrunk and stripped like a photo: what a camera wrote into it stays out.

    Raises PaperTooLarge, PaperUnreadable (a kind that is not on the list, whatever its name says), and for pictures
    what `photo.shrink` raises.
    """
    if len(content) > MAX_PAPER_BYTES:
        raise PaperTooLarge(limit=MAX_PAPER_BYTES // MIB)
    kind = sniff(content)
    if kind not in PAPERS:
        raise PaperUnreadable()
    if kind.startswith("image/"):
        small = photo.shrink(content, tz)
        said = {"name": clean_name(name, "jpg")}
        return Kept(ROLE, small.content, photo.TYPE, "jpg", small.taken_at, small.src_sha256, small.dhash, said)
    suffix = PAPERS[kind]
    return Kept(ROLE, content, kind, suffix, src_sha256=hashlib.sha256(content).hexdigest(),
                said={"name": clean_name(name, suffix)})


def clean_name(name: str, suffix: str) -> str:
    """The name to show: one line without folders and without signs that are not seen, ending as its content says."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    seen = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    stem = seen.rpartition(".")[0] or seen
    return f"{stem.strip(' .')[:LONGEST_NAME]}.{suffix}"
