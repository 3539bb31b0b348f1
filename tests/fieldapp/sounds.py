"""Sounds and papers for tests, made by rule: each is what its kind of file begins with and holds."""

from __future__ import annotations

import io
import struct
import zipfile

from fieldapp.capture.sound import RATE, wave


def wav(seconds: float = 2.0) -> bytes:
    """A WAV file of silence."""
    return wave(bytes(round(seconds * RATE) * 2))


def m4a(seconds: int = 5, *, film: bool = False, version: int = 0) -> bytes:
    """What a phone's own recorder writes: boxes around no sound at all."""
    times = struct.pack(">IIII", 0, 0, 1000, seconds * 1000) if version == 0 else struct.pack(">QQIQ", 0, 0, 1000, seconds * 1000)
    track = _box(b"hdlr", bytes(8) + (b"vide" if film else b"soun") + bytes(12))
    movie = _box(b"moov", _box(b"mvhd", bytes([version, 0, 0, 0]) + times + bytes(80)) + _box(b"trak", _box(b"mdia", track)))
    return _box(b"ftyp", b"M4A \0\0\0\0") + movie + _box(b"mdat", bytes(64))


def ogg(seconds: int = 3) -> bytes:
    """Opus in Ogg, as chat programs keep voice notes."""
    page = b"OggS\0\2" + struct.pack("<q", 0) + bytes(12) + b"\1\x13OpusHead" + bytes(11)
    return page + b"OggS\0\4" + struct.pack("<q", seconds * 48_000) + bytes(13)


def webm(*, film: bool = False) -> bytes:
    """What a browser's recorder writes."""
    return b"\x1aE\xdf\xa3" + bytes(8) + b"webm" + bytes(20) + (b"V_VP8" if film else b"A_OPUS") + bytes(40)


def pdf(text: str = "sample") -> bytes:
    """The least that counts as one."""
    return b"%PDF-1.4\n% " + text.encode() + b"\n%%EOF\n"


def office(kind: str = "word/document.xml", *more: str) -> bytes:
    """A document of an office program; `more` are further parts inside."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parcel:
        for name in ("[Content_Types].xml", kind, *more):
            parcel.writestr(name, "<x/>")
    return out.getvalue()


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content
