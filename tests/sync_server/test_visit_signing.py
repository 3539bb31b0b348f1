"""Signing a visit: by hand, by thumb, by proxy, or not at all; nothing blocks, everything is explained."""

from __future__ import annotations

from tests.sync_server.form_walk import PHOTO, STROKES
from tests.sync_server.test_absence_visit import HAPPY, HAPPY_SAVED, UNTIL_SIGNING, absence


def test_a_thumbprint_wants_two_witnesses_but_never_blocks() -> None:
    walk = absence().answer(
        **UNTIL_SIGNING,
        sign_mode="thumb_on_paper",
        photos_thumb=PHOTO,
        witness_count="1",
        witness_1_name="赵组长",
        witness_1_post="cadre",
    )
    assert walk.open() == ["witness_why"]
    assert walk.answer(witness_why="nobody").open() == []
    walk.answer(witness_count="2", witness_2_name="赵组长", witness_2_post="cadre")
    assert walk.open() == ["witness_2_name"]
    assert "同名" in walk.message("witness_2_name")


def test_who_will_not_sign_is_recorded_with_a_reason_and_a_witness() -> None:
    walk = absence().answer(**UNTIL_SIGNING, sign_mode="refused")
    assert walk.open() == ["unsigned_why", "witness_count"]
    walk.answer(unsigned_why="afraid", witness_count="1", witness_1_name="赵组长", witness_1_post="cadre")
    assert walk.open() == []
    assert walk.saved() == HAPPY_SAVED


def test_who_has_left_needs_no_witness() -> None:
    walk = absence().answer(**UNTIL_SIGNING, sign_mode="absent", unsigned_why="busy")
    assert walk.open() == []
    assert "witnesses" not in walk.pages()


def test_reading_aloud_may_be_cut_short() -> None:
    walk = absence().answer(**HAPPY | {"read_aloud": ""})
    assert walk.open() == ["read_aloud"]
    assert walk.answer(reading_stopped="left").open() == []


def test_a_proxy_signs_under_their_own_name() -> None:
    walk = absence().answer(
        **UNTIL_SIGNING,
        sign_mode="proxy",
        proxy_name="王大海",
        proxy_relation="81",
        proxy_why="unwell",
        guardian_signature=STROKES,
        witness_count="0",
        witness_why="nobody",
    )
    assert walk.open() == []
    assert (walk.asked()["signer"].value, walk.asked()["signer_relation"].value) == ("王大海", "81")


def test_a_minor_cannot_sign() -> None:
    walk = absence().answer(
        contact_result="met_guardian", met_same="other", met_name="王小红", met_relation="75", met_adult="no"
    )
    assert "未满18周岁不能签名" in walk.asked()["minor_met"].label
    assert not {"readback", "signing"} & set(walk.pages())
