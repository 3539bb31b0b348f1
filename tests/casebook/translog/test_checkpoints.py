"""Signed notes and checkpoints: read by independent libraries, refused when one character differs."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as some
from tlog_scales.signing import PlainEd25519Signer, Vkey
from tlog_scales.tlog import Checkpoint as TheirCheckpoint

from casebook.ed25519 import Ed25519Signer, Ed25519Verifier
from casebook.errors import CasebookError, RequestMalformed, SealBroken
from casebook.translog.checkpoints import Checkpoint, glance, open_checkpoint, origin_of, sign_checkpoint
from casebook.translog.notes import Voucher, open_note, read_voucher, sign_note
from tests.casebook.builders import SCHOOL, SIGNER
from tests.casebook.translog.oracle import GOLDEN

VERIFIER = Ed25519Verifier()
STATE = Checkpoint(origin_of(SCHOOL), 300, bytes(range(32)), "2026-11-22T13:00:00+08:00", "g" * 16)
NOTE = sign_checkpoint(STATE, SIGNER)


def test_a_checkpoint_says_what_was_signed() -> None:
    assert open_checkpoint(NOTE, SCHOOL, SIGNER.public_key, VERIFIER) == STATE == glance(NOTE)
    assert NOTE.startswith(f"jiafang/{SCHOOL}\n300\n")
    assert STATE.seen == {"gen": "g" * 16, "size": 300, "root": STATE.root.hex(), "time": STATE.time}


def test_our_note_and_key_are_those_of_aics_tlog() -> None:
    theirs = json.loads(GOLDEN.read_text())
    state = glance(theirs["note"])
    assert (state.origin, state.size, state.time, state.gen) == (STATE.origin, 300, STATE.time, STATE.gen)
    assert sign_checkpoint(state, SIGNER) == theirs["note"]
    assert str(Voucher(state.origin, SIGNER.public_key)) == theirs["key"]


def test_tlog_scales_accepts_our_signature_and_we_accept_theirs() -> None:
    """It knows no lines of our own, so this is about a checkpoint without them."""
    plain, voucher = "".join(line + "\n" for line in STATE.text.split("\n")[:3]), Voucher(STATE.origin, SIGNER.public_key)
    ours = TheirCheckpoint.from_text(sign_note(plain, STATE.origin, SIGNER))
    ours.verify(Vkey.from_string(str(voucher)))
    assert (ours.origin, ours.size, ours.root_hash) == (STATE.origin, STATE.size, STATE.root)
    signer = PlainEd25519Signer(STATE.origin, Ed25519PrivateKey.from_private_bytes(SIGNER.to_bytes()))
    theirs = TheirCheckpoint.make_signed(STATE.origin, STATE.size, STATE.root, [signer])
    assert open_note(theirs.serialize(), voucher, VERIFIER) == plain


@settings(max_examples=100, deadline=None)
@given(some.integers(0, len(NOTE) - 1), some.sampled_from("0aA/ \n—+."))
def test_no_changed_character_passes(place: int, other: str) -> None:
    forged = NOTE[:place] + other + NOTE[place + 1 :]
    if forged != NOTE:
        with pytest.raises((SealBroken, RequestMalformed)):
            open_checkpoint(forged, SCHOOL, SIGNER.public_key, VERIFIER)


def test_another_key_or_another_school_is_refused() -> None:
    stranger = Ed25519Signer.generate()
    with pytest.raises(SealBroken):
        open_checkpoint(NOTE, SCHOOL, stranger.public_key, VERIFIER)
    with pytest.raises(SealBroken):
        open_checkpoint(NOTE, "3199000002", SIGNER.public_key, VERIFIER)
    with pytest.raises(SealBroken):
        open_checkpoint(sign_checkpoint(STATE, stranger), SCHOOL, SIGNER.public_key, VERIFIER)


def test_a_second_signature_may_stand_beside_the_schools() -> None:
    county = sign_note(STATE.text, "county.example/witness", Ed25519Signer.generate())
    both = NOTE + county.rpartition("\n\n")[2]
    assert open_checkpoint(both, SCHOOL, SIGNER.public_key, VERIFIER) == STATE


def test_lines_of_a_later_version_are_passed_over() -> None:
    note = sign_note(STATE.text + "later thing\n", STATE.origin, SIGNER)
    assert open_checkpoint(note, SCHOOL, SIGNER.public_key, VERIFIER) == STATE


WRONG = {
    "no time": f"{STATE.origin}\n1\n{'A' * 43}=\ngen g\n",
    "no such day": f"{STATE.origin}\n1\n{'A' * 43}=\ntime 2026-13-01T00:00:00+08:00\ngen g\n",
    "no zone": f"{STATE.origin}\n1\n{'A' * 43}=\ntime 2026-11-01T00:00:00\ngen g\n",
    "short root": f"{STATE.origin}\n1\nAAAA\ntime {STATE.time}\ngen g\n",
    "leading zero": f"{STATE.origin}\n01\n{'A' * 43}=\ntime {STATE.time}\ngen g\n",
    "two lines": f"{STATE.origin}\n1\n",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(RequestMalformed):
        open_checkpoint(sign_note(text, STATE.origin, SIGNER), SCHOOL, SIGNER.public_key, VERIFIER)


@settings(max_examples=100, deadline=None)
@given(some.one_of(some.text(max_size=200), some.text(alphabet="a\n— +=", max_size=60).map(lambda end: NOTE[:-9] + end)))
def test_whatever_arrives_is_a_note_or_refused(text: str) -> None:
    for read in (glance, lambda note: open_note(note, Voucher(STATE.origin, SIGNER.public_key), VERIFIER), read_voucher):
        try:
            read(text)
        except CasebookError:
            continue


def test_a_key_is_passed_on_as_text() -> None:
    voucher = Voucher(STATE.origin, SIGNER.public_key)
    assert read_voucher(f" {voucher}\n") == voucher
    wrong = str(voucher).replace(voucher.key_id.hex(), "00000000")
    with pytest.raises(RequestMalformed):
        read_voucher(wrong)


def test_every_school_code_names_a_log() -> None:
    assert origin_of("a b+c/学") == "jiafang/a%20b%2Bc%2F%E5%AD%A6"
    assert sign_checkpoint(Checkpoint(origin_of("a b+c"), 0, bytes(32), STATE.time, "g"), SIGNER)
