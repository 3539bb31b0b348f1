"""A seal holds for exactly the bytes that were signed, by exactly that key, for exactly that purpose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.ed25519 import Ed25519Signer, Ed25519Verifier
from casebook.errors import CasebookError, RecordMalformed, RequestMalformed, SealBroken, UnknownKey
from casebook.protocol import Receipt, make_receipt, read_receipt, sealed_from_wire, sealed_to_wire
from casebook.records import encode, rid_of
from casebook.sealing import RECORD_TYPE, ChainHead, Sealed, chain_finding, device_id, pae, seal, unseal
from tests.casebook.builders import DEVICE, SIGNER, make_record

VERIFIER = Ed25519Verifier()
STRANGER = Ed25519Signer.from_bytes(bytes(32))


def test_an_intact_seal_opens_to_the_record() -> None:
    """The normal way: seal on the phone, travel, unseal at school."""
    record = make_record(body={"text": "爷爷同意周一返校 𬱖"})
    travelled = sealed_from_wire(sealed_to_wire(seal(record, SIGNER)))
    assert unseal(travelled, SIGNER.public_key, VERIFIER) == record


@given(st.data())
def test_one_changed_bit_anywhere_breaks_it(data: st.DataObject) -> None:
    """Payload or signature: any flip is noticed."""
    sealed = seal(make_record(), SIGNER)
    part = data.draw(st.sampled_from(["payload", "signature"]))
    raw = bytearray(getattr(sealed, part))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealBroken):
        unseal(replace(sealed, **{part: bytes(raw)}), SIGNER.public_key, VERIFIER)


def test_another_key_does_not_open_it() -> None:
    """Neither a stranger's key nor our record under a stranger's name."""
    sealed = seal(make_record(), SIGNER)
    with pytest.raises(UnknownKey):
        unseal(sealed, STRANGER.public_key, VERIFIER)
    with pytest.raises(UnknownKey):
        seal(make_record(), STRANGER)


def test_a_record_that_names_another_device_than_its_signer_is_refused() -> None:
    """A stranger signs bytes that claim to come from our phone."""
    payload = encode(make_record())
    forged = Sealed(payload, STRANGER.sign(pae(RECORD_TYPE, payload)), device_id(STRANGER.public_key))
    with pytest.raises(RecordMalformed):
        unseal(forged, STRANGER.public_key, VERIFIER)


def test_a_signature_for_one_purpose_is_worth_nothing_for_another() -> None:
    """Bytes signed as a receipt cannot be passed off as a record."""
    payload = encode(make_record())
    crossed = Sealed(payload, SIGNER.sign(pae("application/other", payload)), DEVICE)
    with pytest.raises(SealBroken):
        unseal(crossed, SIGNER.public_key, VERIFIER)


def test_framing_is_dsse() -> None:
    """The example of the DSSE specification."""
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("http://example.com/HelloWorld", b"hello world") == expected


def test_the_chain_tells_gaps_forks_and_swaps() -> None:
    """A missing, doubled or exchanged record shows."""
    first = make_record()
    rid = rid_of(encode(first))
    assert chain_finding(first, None) is None
    head = ChainHead(1, 1, rid)
    assert chain_finding(make_record(seq=2, prev=rid), head) is None
    assert chain_finding(make_record(seq=3, prev=rid), head) == "gap"
    assert chain_finding(make_record(body={"other": 1}), head) == "fork"
    assert chain_finding(make_record(seq=2, prev="0" * 64), head) == "swapped"


def test_a_receipt_is_bound_to_the_school_s_key() -> None:
    """Only the school's own signature lets the phone mark a record as received."""
    receipt = Receipt("3199000001", "a" * 64, 7, "g1", "2025-10-10T07:40:00+08:00", "stored")
    wire = make_receipt(receipt, SIGNER)
    assert read_receipt(wire, SIGNER.public_key, VERIFIER) == receipt
    assert make_receipt(receipt, SIGNER) == wire
    with pytest.raises(SealBroken):
        read_receipt(wire, STRANGER.public_key, VERIFIER)
    with pytest.raises(SealBroken):
        read_receipt(replace(wire, payload=wire.payload.replace('"sseq":7', '"sseq":8')), SIGNER.public_key, VERIFIER)
    with pytest.raises(RequestMalformed):  # half a character; found by the fuzzer
        read_receipt(replace(wire, payload="\ud800"), SIGNER.public_key, VERIFIER)


@given(st.binary(max_size=64), st.binary(max_size=64), st.binary(max_size=200))
def test_the_verifier_never_raises(key: bytes, signature: bytes, message: bytes) -> None:
    """Malformed keys and signatures are simply not valid."""
    assert VERIFIER.verify(key, message, signature) is False


@given(st.binary(max_size=300))
def test_garbage_is_refused_with_one_of_our_errors(payload: bytes) -> None:
    """Properly signed garbage is still garbage."""
    sealed = Sealed(payload, SIGNER.sign(pae(RECORD_TYPE, payload)), DEVICE)
    with pytest.raises(CasebookError):
        unseal(sealed, SIGNER.public_key, VERIFIER)
