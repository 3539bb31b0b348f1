"""The signed note of C2SP: a text, a blank line, and one line for each who vouches for it.

https://c2sp.org/signed-note. Signatures of unknown names or keys are passed over, so that a county may add its own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from casebook.errors import RequestMalformed, SealBroken
from casebook.sealing import Signer, Verifier

ED25519 = b"\x01"  # the algorithm's number in a key's id and in its text
MAX_NOTE_LENGTH = 16 * 1024
MAX_SIGNATURES = 16
_KEY_ID_BYTES = 4
_NAME = re.compile(r"[^\s+]+\Z")
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})\Z")
_FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")  # control characters, and what is no text at all


@dataclass(frozen=True)
class Voucher:
    """Who may sign a note: a name and the raw Ed25519 key that goes with it."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """The first bytes of a hash over name and key, which a signature line carries."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        """The key as people pass it on: name, id and key."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public_key).decode()}"


def read_voucher(text: str) -> Voucher:
    """The key that `text` (name+id+key) says. Raises RequestMalformed when it is none or its parts do not agree."""
    name, _, rest = text.strip().partition("+")
    key_id, _, key = rest.partition("+")
    raw = _raw(key)
    found = Voucher(name, raw[1:])
    if not _NAME.match(name) or raw[:1] != ED25519 or len(raw) != 33 or found.key_id.hex() != key_id:
        raise RequestMalformed(field="key")
    return found


def sign_note(text: str, name: str, signer: Signer) -> str:
    """The note: `text` (which ends with a newline) with the signature line of `signer`. Raises RequestMalformed."""
    if not text.endswith("\n") or _FORBIDDEN.search(text) or not _NAME.match(name):
        raise RequestMalformed(field="note")
    signature = Voucher(name, signer.public_key).key_id + signer.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode()}\n"


def open_note(note: str, voucher: Voucher, verifier: Verifier) -> str:
    """The text of a note that `voucher` has signed.

    Raises RequestMalformed when it is no note, SealBroken when this voucher has not signed exactly this text.
    """
    text, lines = _parts(note)
    signed = False
    for name, raw in lines:
        if name != voucher.name or raw[:_KEY_ID_BYTES] != voucher.key_id:
            continue
        if not verifier.verify(voucher.public_key, text.encode(), raw[_KEY_ID_BYTES:]):
            raise SealBroken(what="note")
        signed = True
    if not signed:
        raise SealBroken(what="note", reason="unsigned")
    return text


def text_of(note: str) -> str:
    """The text of a note, whoever has signed it. Raises RequestMalformed."""
    return _parts(note)[0]


def _parts(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    if len(note) > MAX_NOTE_LENGTH or _FORBIDDEN.search(note) or not note.endswith("\n"):
        raise RequestMalformed(field="note")
    text, blank, signatures = note.rpartition("\n\n")
    lines = signatures.split("\n")[:-1]
    if not blank or not text or not 0 < len(lines) <= MAX_SIGNATURES:
        raise RequestMalformed(field="note")
    return text + "\n", [_line(line) for line in lines]


def _line(line: str) -> tuple[str, bytes]:
    found = _LINE.match(line)
    raw = _raw(found[2]) if found else b""
    if found is None or len(raw) <= _KEY_ID_BYTES:
        raise RequestMalformed(field="note")
    return found[1], raw


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestMalformed(field="base64") from error
