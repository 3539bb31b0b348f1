"""A record: what happened, written once as RFC 8785 bytes and from then on never re-serialised.

Its id (`rid`) is the SHA-256 of those bytes. Fields and kinds that this version does not know are kept
verbatim, so an older phone or server passes on what a newer one wrote.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from casebook.errors import RecordMalformed, RecordTooLarge

RECORD_VERSION = 1
MAX_RECORD_BYTES = 256 * 1024
MAX_ATTACHMENTS = 60
MAX_ATTACHMENT_BYTES = 20 * 1024 * 1024
MAX_INTEGER = 2**53 - 1
_DIGITS = len(str(-MAX_INTEGER))

Json = Any  # what JSON can say, without floats

_HEX64 = re.compile(r"[0-9a-f]{64}\Z")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)\Z")
_FIRST_YEAR = 1970  # where a clock begins that knows nothing
_NAME = re.compile(r"[a-z][a-z0-9_.]{0,63}\Z")
_RARE = re.compile("[\U00010000-\U0010ffff]")  # names with these sort otherwise in RFC 8785 than in Python


@dataclass(frozen=True)
class Attachment:
    """A file that belongs to a record, named by its SHA-256.

    `source` is how it came to be: camera, gallery or drawn. `src_sha256` is the hash of the camera's original,
    `dhash` a 64-bit picture hash in hex: both betray a photo that is used twice.
    """

    role: str
    sha256: str
    size: int
    type: str
    question: str | None = None
    taken_at: str | None = None
    source: str | None = None
    src_sha256: str | None = None
    dhash: str | None = None


@dataclass(frozen=True)
class Span:
    """When it happened by the device's clock (testimony), and `monotonic` ms since the app started, at the end."""

    started: str
    ended: str
    tz: str
    monotonic: int


@dataclass(frozen=True)
class Place:
    """A position fix: degrees x 1e7 as integers, `acc` in metres."""

    lat: int
    lng: int
    acc: int
    fixed_at: str


@dataclass(frozen=True)
class FormRef:
    """The published form a visit was filled in with; the hash binds every answer to what was asked."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Record:
    """One fact. `base[p]` names the records whose value of property p the author had seen; `set[p]` replaces those."""

    type: str
    school: str
    author: str
    dev: str
    ep: int
    seq: int
    prev: str
    hlc: tuple[int, int]
    at: Span
    case: str | None = None
    place: Place | None = None
    base: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    set: Mapping[str, Json] = field(default_factory=dict)
    amends: tuple[str, ...] = ()
    att: tuple[Attachment, ...] = ()
    form: FormRef | None = None
    body: Mapping[str, Json] = field(default_factory=dict)
    seen: Mapping[str, Json] | None = None
    v: int = RECORD_VERSION
    unknown: Mapping[str, Json] = field(default_factory=dict)


def rid_of(payload: bytes) -> str:
    """The record's id: SHA-256 of its bytes, 64 hex digits."""
    return hashlib.sha256(payload).hexdigest()


def canonical(value: Json) -> bytes:
    """RFC 8785 bytes of a JSON value. Raises RecordMalformed for floats, big integers and broken text."""
    _refuse_floats(value, "")
    return _canonical(value)


def _canonical(value: Json) -> bytes:
    try:
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        if not _RARE.search(plain):
            return plain.encode()
        import rfc8785  # who only checks what was written runs without it

        return rfc8785.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:  # of which broken text and what is no JSON are kinds
        raise RecordMalformed(reason="not_canonical") from error


def encode(record: Record) -> bytes:
    """The record's bytes, made once. Raises RecordMalformed or RecordTooLarge."""
    fields: dict[str, Json] = dict(record.unknown)
    for name in _TEXT_FIELDS + _COUNT_FIELDS:
        fields[name] = getattr(record, name)
    fields |= {"hlc": list(record.hlc), "at": dict(record.at.__dict__), "body": dict(record.body)}
    fields |= {"set": dict(record.set), "base": {p: sorted(rids) for p, rids in record.base.items()}}
    fields |= {"amends": list(record.amends), "att": [_without_blanks(a.__dict__) for a in record.att]}
    optional = {"case": record.case, "seen": record.seen}
    fields |= {name: value for name, value in optional.items() if value is not None}
    for name, part in (("place", record.place), ("form", record.form)):
        if part is not None:
            fields[name] = dict(part.__dict__)
    payload = canonical(fields)
    if len(payload) > MAX_RECORD_BYTES:
        raise RecordTooLarge(size=len(payload), limit=MAX_RECORD_BYTES)
    decode(payload)
    return payload


def decode(payload: bytes) -> Record:
    """The record that `payload` says. Strict: raises RecordMalformed (with the field) or RecordTooLarge."""
    if len(payload) > MAX_RECORD_BYTES:
        raise RecordTooLarge(size=len(payload), limit=MAX_RECORD_BYTES)
    fields = _parsed(payload)
    if not isinstance(fields, dict):
        raise RecordMalformed(reason="not_an_object")
    if _canonical(fields) != payload:
        raise RecordMalformed(reason="not_canonical")
    return _Reader(fields).record()


def reread(payload: bytes) -> Record:
    """The record of bytes that were decoded before they were kept: their form is not checked a second time."""
    return _Reader(json.loads(payload)).record()


def recall(payload: bytes) -> Record:
    """The record of bytes that this very computer has decoded before it kept them: nothing is checked a second time."""
    said = json.loads(payload)
    at, place, form = said["at"], said.get("place"), said.get("form")
    return Record(
        **{name: said[name] for name in _TEXT_FIELDS + _COUNT_FIELDS + ("set", "body")},
        hlc=tuple(said["hlc"]), at=Span(at["started"], at["ended"], at["tz"], at["monotonic"]),
        case=said.get("case"), seen=said.get("seen"), amends=tuple(said["amends"]),
        place=Place(place["lat"], place["lng"], place["acc"], place["fixed_at"]) if place else None,
        base={prop: tuple(rids) for prop, rids in said["base"].items()},
        att=tuple(Attachment(**{name: part[name] for name in _ATTACHED if name in part}) for part in said["att"]),
        form=FormRef(form["id"], form["version"], form["sha256"]) if form else None,
        unknown={name: value for name, value in said.items() if name not in _KNOWN},
    )  # fmt: skip


@lru_cache(maxsize=32)  # what has just arrived is asked for by all who follow it up
def intact(rid: str, payload: bytes) -> Record | None:
    """The record of bytes that were kept under `rid`; None when they are no longer the bytes that got this id."""
    return recall(payload) if rid_of(payload) == rid else None


def hlc_next(last: tuple[int, int], now_ms: int) -> tuple[int, int]:
    """The next hybrid logical clock value (ms, counter): never earlier than `last`, whatever the wall clock says."""
    return (now_ms, 0) if now_ms > last[0] else (last[0], last[1] + 1)


_TEXT_FIELDS = ("type", "school", "author", "dev", "prev")
_COUNT_FIELDS = ("v", "ep", "seq")
_PART_FIELDS = ("hlc", "at", "case", "place", "base", "set", "amends", "att", "form", "body", "seen")
_ATTACHED = tuple(Attachment.__dataclass_fields__)
_KNOWN = frozenset((*_TEXT_FIELDS, *_COUNT_FIELDS, *_PART_FIELDS))


class _Reader:
    """Turns the fields of a decoded record into nouns, naming the first field that is wrong."""

    def __init__(self, fields: dict[str, Json]) -> None:
        self._fields = fields

    def record(self) -> Record:
        texts = {name: self._text(self._fields, name) for name in _TEXT_FIELDS}
        counts = {name: self._count(self._fields, name) for name in _COUNT_FIELDS}
        if not _NAME.match(texts["type"]) or not texts["school"] or not texts["author"]:
            raise RecordMalformed(field="type")
        self._hash(texts["dev"], "dev")
        if counts["seq"] < 1 or (counts["seq"] == 1) != (texts["prev"] == ""):
            raise RecordMalformed(field="seq")
        if texts["prev"]:
            self._hash(texts["prev"], "prev")
        return Record(
            type=texts["type"], school=texts["school"], author=texts["author"], dev=texts["dev"],
            prev=texts["prev"], v=counts["v"], ep=counts["ep"], seq=counts["seq"],
            hlc=self._hlc(), at=self._span(), case=self._optional_text("case"), place=self._place(),
            base=self._base(), set=self._mapping("set"), amends=self._rids(self._fields.get("amends"), "amends"),
            att=self._attachments(), form=self._form(), body=self._mapping("body"),
            seen=self._fields.get("seen"),
            unknown={name: value for name, value in self._fields.items() if name not in _KNOWN},
        )  # fmt: skip

    def _text(self, part: Mapping[str, Json], name: str) -> str:
        value = part.get(name)
        if not isinstance(value, str) or len(value) > 200:
            raise RecordMalformed(field=name)
        return value

    def _optional_text(self, name: str) -> str | None:
        return self._text(self._fields, name) if name in self._fields else None

    def _count(self, part: Mapping[str, Json], name: str) -> int:
        value = part.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise RecordMalformed(field=name)
        return value

    def _hash(self, value: Json, name: str) -> str:
        if not isinstance(value, str) or not _HEX64.match(value):
            raise RecordMalformed(field=name)
        return value

    def _mapping(self, name: str, part: Mapping[str, Json] | None = None) -> Mapping[str, Json]:
        value = (self._fields if part is None else part).get(name)
        if not isinstance(value, dict):
            raise RecordMalformed(field=name)
        return value

    def _rids(self, value: Json, name: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise RecordMalformed(field=name)
        return tuple(self._hash(rid, name) for rid in value)

    def _base(self) -> dict[str, tuple[str, ...]]:
        return {prop: self._rids(rids, "base") for prop, rids in self._mapping("base").items()}

    def _hlc(self) -> tuple[int, int]:
        value = self._fields.get("hlc")
        if not isinstance(value, list) or len(value) != 2:
            raise RecordMalformed(field="hlc")
        parts = dict(zip(("ms", "n"), value, strict=True))
        return self._count(parts, "ms"), self._count(parts, "n")

    def _instant(self, part: Mapping[str, Json], name: str) -> str:
        value = self._text(part, name)
        if not _INSTANT.match(value) or not _is_in_time(value):
            raise RecordMalformed(field=name)
        return value

    def _span(self) -> Span:
        part = self._mapping("at")
        return Span(
            self._instant(part, "started"), self._instant(part, "ended"),
            self._text(part, "tz"), self._count(part, "monotonic"),
        )  # fmt: skip

    def _place(self) -> Place | None:
        if "place" not in self._fields:
            return None
        part = self._mapping("place")
        lat, lng = part.get("lat"), part.get("lng")
        if type(lat) is not int or type(lng) is not int or abs(lat) > 900_000_000 or abs(lng) > 1_800_000_000:
            raise RecordMalformed(field="place")
        return Place(lat, lng, self._count(part, "acc"), self._instant(part, "fixed_at"))

    def _form(self) -> FormRef | None:
        if "form" not in self._fields:
            return None
        part = self._mapping("form")
        sha256 = self._hash(part.get("sha256"), "form")
        return FormRef(self._text(part, "id"), self._text(part, "version"), sha256)

    def _attachments(self) -> tuple[Attachment, ...]:
        parts = self._fields.get("att")
        if not isinstance(parts, list) or len(parts) > MAX_ATTACHMENTS:
            raise RecordMalformed(field="att")
        return tuple(self._attachment(part) for part in parts)

    def _attachment(self, part: Json) -> Attachment:
        if not isinstance(part, dict):
            raise RecordMalformed(field="att")
        size = self._count(part, "size")
        if size > MAX_ATTACHMENT_BYTES:
            raise RecordMalformed(field="att", reason="too_large")
        optional = ("question", "taken_at", "source", "src_sha256", "dhash")
        return Attachment(
            role=self._text(part, "role"), sha256=self._hash(part.get("sha256"), "att"), size=size,
            type=self._text(part, "type"), **{n: self._text(part, n) for n in optional if n in part},
        )  # fmt: skip


def _is_in_time(instant: str) -> bool:
    """Whether a calendar has this instant, in every zone: what computers cannot reckon with must not get in."""
    try:
        return _FIRST_YEAR <= dt.datetime.fromisoformat(instant).year < dt.MAXYEAR
    except ValueError:
        return False


def _without_blanks(part: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in part.items() if value is not None}


def _parsed(payload: bytes) -> Json:
    """The JSON value, whose numbers are looked at as they are read: to walk through it all again takes longer."""
    try:
        try:
            return json.loads(payload, parse_float=_refused, parse_constant=_refused, parse_int=_whole)
        except _NeverWritten:
            _refuse_floats(json.loads(payload), "")  # says where
            raise RecordMalformed(reason="not_canonical") from None
    except (ValueError, RecursionError) as error:
        raise RecordMalformed(reason="not_json") from error


class _NeverWritten(Exception):
    """A number that no record holds."""


def _refused(_text: str) -> Json:
    raise _NeverWritten


def _whole(text: str) -> int:
    """A whole number that every library reads alike."""
    if len(text) > _DIGITS or abs(int(text)) > MAX_INTEGER:
        raise _NeverWritten
    return int(text)


def _refuse_floats(value: Json, path: str) -> None:
    """Floats print differently in different libraries, so a record never holds one; names are text."""
    if value is None or isinstance(value, str):
        return
    if isinstance(value, float):
        raise RecordMalformed(reason="float", field=path)
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise RecordMalformed(reason="integer_too_large", field=path)
    if isinstance(value, Mapping):
        for name, part in value.items():
            if not isinstance(name, str):
                raise RecordMalformed(reason="not_canonical", field=path)
            _refuse_floats(part, f"{path}/{name}")
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for part in value:
            _refuse_floats(part, path)
