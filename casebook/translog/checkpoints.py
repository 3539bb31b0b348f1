"""A checkpoint: the school's signed word how many records its log has, what they add up to, and when that was.

https://c2sp.org/tlog-checkpoint, with two lines of our own: `time` and `gen`, the life of the school's store.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from casebook.errors import RequestMalformed
from casebook.sealing import Signer, Verifier
from casebook.translog.notes import Voucher, open_note, sign_note, text_of
from casebook.translog.tree import HASH_BYTES

_SIZE = re.compile(r"(0|[1-9][0-9]{0,15})\Z")
_WORD = re.compile(r"[!-~]{1,64}\Z")
_STRANGE = re.compile(r"[^A-Za-z0-9._~-]")


@dataclass(frozen=True)
class Checkpoint:
    """A log's state: `size` leaves with the root hash `root` in its life `gen`, at `time` (ISO 8601 with offset)."""

    origin: str
    size: int
    root: bytes
    time: str
    gen: str

    @property
    def tree(self) -> tuple[int, bytes]:
        """Size and root, as proofs compare them."""
        return self.size, self.root

    @property
    def text(self) -> str:
        """What is signed."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\ntime {self.time}\ngen {self.gen}\n"

    @property
    def seen(self) -> dict[str, str | int]:
        """What a record quotes of it: it cannot have been written before `time`."""
        return {"gen": self.gen, "size": self.size, "root": self.root.hex(), "time": self.time}


def origin_of(school: str) -> str:
    """The name of a school's log, and of the key that signs it: no blanks, no plus sign, whatever the code holds."""
    raw = _STRANGE.sub(lambda found: _escaped(found[0]), school)
    return f"jiafang/{raw}"


def _escaped(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode(errors="surrogatepass"))


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> str:
    """The checkpoint as a signed note."""
    return sign_note(checkpoint.text, checkpoint.origin, signer)


def open_checkpoint(note: str, school: str, school_key: bytes, verifier: Verifier) -> Checkpoint:
    """The checkpoint that this school has signed. Raises SealBroken, or RequestMalformed when it is none of its log."""
    origin = origin_of(school)
    return _read(open_note(note, Voucher(origin, school_key), verifier), origin)


def glance(note: str) -> Checkpoint:
    """What a note claims, without asking who signed it. Raises RequestMalformed."""
    text = text_of(note)
    return _read(text, text.partition("\n")[0])


def _read(text: str, origin: str) -> Checkpoint:
    """Lines that this version does not know are passed over."""
    lines = text.split("\n")[:-1]
    if len(lines) < 3 or lines[0] != origin or not _SIZE.match(lines[1]):
        raise RequestMalformed(field="checkpoint")
    told = dict(line.partition(" ")[::2] for line in lines[3:])
    return Checkpoint(origin, int(lines[1]), _root(lines[2]), _instant(told), _word(told, "gen"))


def _root(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestMalformed(field="root") from error
    if len(raw) != HASH_BYTES:
        raise RequestMalformed(field="root")
    return raw


def _word(told: Mapping[str, str], name: str) -> str:
    value = told.get(name, "")
    if not _WORD.match(value):
        raise RequestMalformed(field=name)
    return value


def _instant(told: Mapping[str, str]) -> str:
    value = _word(told, "time")
    try:
        aware = dt.datetime.fromisoformat(value).utcoffset() is not None
    except ValueError:
        aware = False
    if not aware:
        raise RequestMalformed(field="time")
    return value
