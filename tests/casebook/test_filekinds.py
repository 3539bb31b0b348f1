"""What a file is follows from its bytes; whatever else it is called, films, macros and programs do not get in."""

from __future__ import annotations

import pytest

from casebook.filekinds import PAPERS, SHEET, SOUNDS, WORD, sniff
from tests.fieldapp import sounds

KNOWN = [
    (sounds.wav(), "audio/wav"), (sounds.m4a(), "audio/mp4"), (sounds.m4a(version=1), "audio/mp4"),
    (sounds.ogg(), "audio/ogg"), (sounds.webm(), "audio/webm"), (b"ID3\x04" + bytes(20), "audio/mpeg"),
    (b"\xff\xfb\x90\x00" + bytes(20), "audio/mpeg"), (b"\xff\xf1\x50\x80" + bytes(20), "audio/aac"),
    (b"#!AMR\n" + bytes(20), "audio/amr"), (sounds.pdf(), "application/pdf"),
    (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"), (b"\x89PNG\r\n\x1a\n" + bytes(20), "image/png"),
    (sounds.office(), WORD), (sounds.office("xl/workbook.xml"), SHEET),
]  # fmt: skip
REFUSED = {
    "a film": sounds.m4a(film=True), "a film of a browser": sounds.webm(film=True),
    "macros": sounds.office("word/document.xml", "word/vbaProject.bin"), "another zip": sounds.office("ppt/presentation.xml"),
    "a page": b"<!doctype html><script>alert(1)</script>", "a drawing with a script": b"<svg onload='x()'/>",
    "a program": b"MZ\x90\x00", "an old document": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "nothing": b"", "one byte": b"\xff",
    "MPEG layer one": b"\xff\xff\x90\x00",
}  # fmt: skip


@pytest.mark.parametrize(("content", "kind"), KNOWN, ids=lambda value: value if isinstance(value, str) else "")
def test_each_kind_is_told_by_its_bytes(content: bytes, kind: str) -> None:
    assert sniff(content) == kind


def test_every_kind_on_the_lists_is_tried() -> None:
    assert {kind for _, kind in KNOWN} == {*SOUNDS, *PAPERS}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_everything_else_is_nothing(content: bytes) -> None:
    assert sniff(content) is None
