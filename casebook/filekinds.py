"""Which files a visit may carry besides photos and strokes, told by what they hold and never by their names."""

from __future__ import annotations

import re

MIB = 1024 * 1024
MAX_SOUND_BYTES = 8 * MIB
MAX_PAPER_BYTES = 12 * MIB

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Media type -> how a file of it ends.
SOUNDS = {
    "audio/mp4": "m4a", "audio/mpeg": "mp3", "audio/wav": "wav", "audio/ogg": "ogg", "audio/webm": "webm",
    "audio/aac": "aac", "audio/amr": "amr",
}  # fmt: skip
PAPERS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", WORD: "docx", SHEET: "xlsx"}

_STARTS = (
    (b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"ID3", "audio/mpeg"), (b"OggS", "audio/ogg"), (b"#!AMR", "audio/amr"),
)  # fmt: skip
_ZIP, _MATROSKA = b"PK\x03\x04", b"\x1aE\xdf\xa3"
_TRACK_KIND = re.compile(rb"hdlr.{8}(soun|vide)", re.DOTALL)


def sniff(content: bytes) -> str | None:
    """The media type of a sound or paper by its bytes; None for everything else, films and macros included."""
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "audio/wav"
    if content[4:8] == b"ftyp":
        return "audio/mp4" if set(_TRACK_KIND.findall(content)) == {b"soun"} else None
    if content.startswith(_MATROSKA):
        return "audio/webm" if b"webm" in content[:64] and b"V_VP" not in content and b"V_AV1" not in content else None
    if content.startswith(_ZIP):
        return _office(content)
    return _bare_frames(content[:2])


def _office(content: bytes) -> str | None:
    """A text or a sheet of today's office programs: names inside a zip are readable as they are."""
    if b"[Content_Types].xml" not in content or b"vbaProject.bin" in content:
        return None
    if b"word/document.xml" in content:
        return WORD
    return SHEET if b"xl/workbook.xml" in content else None


def _bare_frames(head: bytes) -> str | None:
    """Sound without a container: the sync bits of MPEG, with the layer bits telling MP3 from AAC."""
    if len(head) < 2 or head[0] != 0xFF or head[1] & 0xF0 != 0xF0:
        return None
    layer = head[1] & 0x06
    if layer == 0:
        return "audio/aac"
    return "audio/mpeg" if layer == 0x02 else None
