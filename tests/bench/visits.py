"""Visits as many phones bring them: a real form, strokes of 10 KB, three photos of 250 KB that nobody sent before."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from casebook.ed25519 import Ed25519Signer
from casebook.records import Attachment, Record
from casebook.sealing import Sealed, device_id, seal
from tests.whole.visits import photo

VISITS, PHOTOS = 10, 3
GRAIN = 16  # the photo weighs 250 KB then
STROKES = "application/vnd.jiafang.strokes+json"


@dataclass(frozen=True)
class Parcel:
    """A sealed visit with the files it names."""

    sealed: Sealed
    files: tuple[tuple[Attachment, bytes], ...]


def parcels(pattern: Record, signer: Ed25519Signer, number: int, children: Sequence[str]) -> Iterator[Parcel]:
    """The visits of one phone, in its own chain, each to another child."""
    previous = ""
    for turn in range(1, VISITS + 1):
        contents = _files(f"{number}-{turn}")
        attachments = tuple(attachment for attachment, _ in contents)
        body = {**pattern.body, "visit": os.urandom(16).hex(), "signatures": [
            {**signature, "sha256": attachments[0].sha256} for signature in pattern.body["signatures"]]}
        child = children[(number * VISITS + turn) % len(children)]
        record = replace(pattern, dev=device_id(signer.public_key), ep=1, seq=turn, prev=previous, case=child,
                         hlc=(pattern.hlc[0] + turn, number), att=attachments, body=body, base={})
        sealed = seal(record, signer)
        previous = sealed.rid
        yield Parcel(sealed, contents)


@cache
def _picture() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return photo(Path(folder) / "bench.jpg", 1, grain=GRAIN).read_bytes()


def _files(seed: str) -> tuple[tuple[Attachment, bytes], ...]:
    """A strokes file and three photos."""
    strokes = [[[n * 7, n * 3, n] for n in range(675)]]
    ink = {"v": 1, "width": 320, "height": 200, "strokes": strokes, "note": f"{seed} {os.getpid()}"}
    drawn = json.dumps(ink, sort_keys=True, separators=(",", ":")).encode()
    contents = [("signature", STROKES, drawn)]
    for number in range(PHOTOS):
        comment = f"{seed}-{number}-{os.getpid()}".encode()
        marked = b"\xff\xd8\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + _picture()[2:]
        contents.append(("photo", "image/jpeg", marked))
    return tuple((Attachment(role, hashlib.sha256(content).hexdigest(), len(content), kind), content)
                 for role, kind, content in contents)  # fmt: skip
