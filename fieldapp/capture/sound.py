"""A voice note on its way into a record: told by its bytes, bounded, measured where its container says its length."""

from __future__ import annotations

import re
import struct
from array import array

from casebook.errors import SoundTooLarge, SoundUnreadable
from casebook.filekinds import MAX_SOUND_BYTES, MIB, SOUNDS, sniff
from fieldapp.capture.kept import Kept

ROLE = "audio"
LONGEST_S = 180  # longer notes are not listened to, and a weak line carries no more
RATE = 16_000  # samples a second: speech needs no more
BYTES_A_SAMPLE = 2
RATES = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)  # what microphones give, whatever they are asked for

_MOVIE_HEAD = re.compile(rb"mvhd(?:\x00.{11}(....)(....)|\x01.{19}(....)(.{8}))", re.DOTALL)
_OPUS_RATE = 48_000


def examine(content: bytes, length_ms: int | None = None) -> Kept:
    """The sound to keep, as it is; `length_ms` where the recorder knows it and the file may not say.

    Raises SoundTooLarge, SoundUnreadable (no sound, or a film).
    """
    if len(content) > MAX_SOUND_BYTES:
        raise SoundTooLarge(limit=MAX_SOUND_BYTES // MIB)
    kind = sniff(content)
    if kind not in SOUNDS:
        raise SoundUnreadable()
    long = length_of(content) or length_ms
    return Kept(ROLE, content, kind, SOUNDS[kind], said={"length_ms": long} if long else {})


def thinned(samples: bytes, a_second: float) -> bytes:
    """Bare 16-bit mono samples as a WAV file near RATE; `a_second` is how many were heard to come, 0 if unknown."""
    rate = min(RATES, key=lambda one: abs(one - (a_second or RATES[-1])))
    step = max(1, rate // RATE)
    kept = array("h", samples[: len(samples) - len(samples) % BYTES_A_SAMPLE])[::step]
    return wave(kept.tobytes()[: MAX_SOUND_BYTES - MIB // 1024], rate // step)


def wave(samples: bytes, rate: int = RATE) -> bytes:
    """Bare 16-bit mono samples as a WAV file."""
    samples = samples[: len(samples) - len(samples) % BYTES_A_SAMPLE]
    shape = struct.pack("<HHIIHH", 1, 1, rate, rate * BYTES_A_SAMPLE, BYTES_A_SAMPLE, 8 * BYTES_A_SAMPLE)
    body = b"WAVEfmt " + struct.pack("<I", len(shape)) + shape + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def length_of(content: bytes) -> int | None:
    """How long a sound is in milliseconds, as far as its container says; None where only playing it would tell."""
    try:
        if content[:4] == b"RIFF":
            return _wave_length(content)
        if content[:4] == b"OggS":
            return _ogg_length(content)
        return _movie_length(content) if content[4:8] == b"ftyp" else None
    except (struct.error, ZeroDivisionError, ValueError):
        return None


def _wave_length(content: bytes) -> int:
    at, a_second = 12, 0  # the chunks begin after the head of the file
    while True:
        name, size = struct.unpack_from("<4sI", content, at)
        if name == b"fmt ":
            a_second = int(struct.unpack_from("<I", content, at + 16)[0])
        elif name == b"data":
            return round(min(int(size), len(content) - at - 8) * 1000 / a_second)
        at += 8 + int(size) + size % 2


def _ogg_length(content: bytes) -> int:
    last = int(struct.unpack_from("<q", content, content.rindex(b"OggS") + 6)[0])
    vorbis = content.find(b"\x01vorbis", 0, 512)
    rate = int(struct.unpack_from("<I", content, vorbis + 12)[0]) if vorbis >= 0 else _OPUS_RATE
    return round(last * 1000 / rate)


def _movie_length(content: bytes) -> int | None:
    found = _MOVIE_HEAD.search(content)
    if found is None:
        return None
    scale, units = (int.from_bytes(part or b"", "big") for part in
                    ((found[1], found[2]) if found[1] is not None else (found[3], found[4])))
    return round(units * 1000 / scale) or None
