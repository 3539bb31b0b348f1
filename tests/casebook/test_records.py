"""A record's bytes are made once, are canonical, and say exactly what was meant."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from casebook.errors import RecordMalformed, RecordTooLarge
from casebook.records import (
    Attachment,
    FormRef,
    Place,
    Record,
    canonical,
    decode,
    encode,
    hlc_next,
    recall,
    reread,
    rid_of,
)
from tests.casebook.builders import make_record, make_visit

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
HASH = st.text("0123456789abcdef", min_size=64, max_size=64)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Any record that is allowed."""
    seq = draw(st.integers(1, 10**6))
    attachment = st.builds(Attachment, role=TEXT, sha256=HASH, size=st.integers(0, 10**6), type=TEXT, dhash=st.none() | TEXT)
    return make_record(
        seq=seq,
        prev="" if seq == 1 else draw(HASH),
        hlc=(draw(st.integers(0, 2**50)), draw(st.integers(0, 99))),
        case=draw(st.none() | TEXT),
        body=draw(st.dictionaries(TEXT, JSON, max_size=4)),
        set=draw(st.dictionaries(TEXT, JSON, max_size=4)),
        base=draw(st.dictionaries(TEXT, st.lists(HASH, max_size=3, unique=True).map(sorted).map(tuple), max_size=3)),
        att=tuple(draw(st.lists(attachment, max_size=3))),
        amends=tuple(draw(st.lists(HASH, max_size=2))),
        form=draw(st.none() | st.builds(FormRef, TEXT, TEXT, HASH)),
        place=draw(st.none() | st.just(Place(250_000_000, 1_020_000_000, 12, "2025-10-09T16:20:00+08:00"))),
        unknown=draw(st.dictionaries(TEXT.map("x_".__add__), JSON, max_size=2)),
    )


@given(records())
def test_decode_undoes_encode_and_bytes_stay_the_same(record: Record) -> None:
    """What is written is what is read, and reading never changes the bytes (so the rid holds)."""
    payload = encode(record)
    assert decode(payload) == reread(payload) == recall(payload) == record
    assert encode(decode(payload)) == payload


@given(JSON)
def test_bytes_are_those_of_the_standard(value: object) -> None:
    """Most of it is written by Python's own JSON: not a byte may differ from what RFC 8785 asks."""
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [{1: "x"}, {"x": {None: 1}}, {"x": b"bytes"}, {"x": {1, 2}}, {"\ud800": 1}])
def test_what_is_no_json_is_refused(value: object) -> None:
    """Names are text, and nothing becomes text by the way."""
    with pytest.raises(RecordMalformed):
        canonical(value)


def test_names_beyond_the_first_plane_are_ordered_as_the_standard_says() -> None:
    """By UTF-16: a rare character of a child's name comes before a full-width one, though its number is greater."""
    assert canonical({"\uff21": 1, "\U00020bb7": 2}) == '{"\U00020bb7":2,"\uff21":1}'.encode()


@given(records(), st.data())
def test_any_changed_byte_changes_the_id_or_is_refused(record: Record, data: st.DataObject) -> None:
    """No byte can change unnoticed."""
    payload = bytearray(encode(record))
    place = data.draw(st.integers(0, len(payload) - 1))
    payload[place] ^= data.draw(st.integers(1, 255))
    assert rid_of(bytes(payload)) != rid_of(encode(record))


@pytest.mark.parametrize("value", [1.0, 2**53, {"a": [0.5]}, float("nan"), "\ud800"])
def test_what_prints_differently_elsewhere_is_refused(value: object) -> None:
    """Floats, huge integers and broken text never enter a record."""
    with pytest.raises(RecordMalformed):
        canonical({"x": value})


def test_bytes_that_are_not_canonical_are_refused() -> None:
    """Two spellings of one record would be two ids for one fact."""
    payload = encode(make_record())
    loose = json.dumps(json.loads(payload)).encode()
    with pytest.raises(RecordMalformed):
        decode(loose)


def test_a_duplicate_key_is_refused() -> None:
    """Parsers disagree about which of two equal keys counts."""
    payload = encode(make_record())
    with pytest.raises(RecordMalformed):
        decode(payload.replace(b'"type":"observation"', b'"type":"observation","type":"visit"'))


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 0}, {"seq": 2}, {"prev": "0" * 64}, {"dev": "zz"}, {"type": "Bad Type"}, {"hlc": (-1, 0)},
        {"place": Place(10**10, 0, 1, "2025-10-09T16:20:00+08:00")}, {"at": make_record().at.__class__("now", "now", "", 0)},
        {"att": (Attachment("photo", "nothex", 1, "image/jpeg"),)}, {"amends": ("x",)},
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_right_is_named(change: dict[str, object]) -> None:
    """The error says which field, so that a person can be told."""
    with pytest.raises(RecordMalformed) as caught:
        encode(make_record(**change))
    assert caught.value.facts


def test_a_record_has_a_greatest_size() -> None:
    """A page of text fits; a flood does not, and says its size."""
    with pytest.raises(RecordTooLarge) as caught:
        encode(make_record(body={"text": "字" * 100_000}))
    assert caught.value.facts["size"] > caught.value.facts["limit"]


def test_unknown_fields_of_a_newer_version_pass_through_unchanged() -> None:
    """An old phone passes on what it does not know."""
    payload = encode(make_visit(unknown={"weather": {"rain": True}}, v=9))
    assert encode(decode(payload)) == payload
    assert decode(payload).unknown == {"weather": {"rain": True}}


@pytest.mark.parametrize("moment", ["2025-02-30T08:00:00+08:00", "2025-10-09T25:00:00+08:00", "0001-01-01T00:00:00+08:00",
                                    "9999-12-31T23:59:59-12:00"])  # fmt: skip
def test_a_moment_that_nobody_can_reckon_with_never_enters_a_record(moment: str) -> None:
    """One such moment would stop every list in which the child stands."""
    with pytest.raises(RecordMalformed):
        encode(make_record(at=make_record().at.__class__(moment, moment, "+08:00", 0)))


@pytest.mark.parametrize("payload", [b"", b"[]", b"{", b"\xff", b'{"v":1}', b"[" * 5000])
def test_bytes_that_are_no_record_are_refused(payload: bytes) -> None:
    """Whatever arrives, the answer is one of our errors."""
    with pytest.raises(RecordMalformed):
        decode(payload)


@given(st.lists(st.integers(0, 10**12), max_size=20))
def test_the_hybrid_clock_never_goes_back(moments: list[int]) -> None:
    """A clock set back by a year does not reorder a device's own records."""
    last, seen = (0, 0), []
    for now in moments:
        last = hlc_next(last, now)
        seen.append(last)
    assert seen == sorted(set(seen))
