"""Messages survive JSON, refuse what they are not, and ignore what a newer side adds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.errors import ALL_CODES, CasebookError, RequestMalformed, ServerFault, by_code
from casebook.protocol import (
    AccountCard,
    EnrolReply,
    FileOffset,
    HelloReply,
    MissingReply,
    Outcome,
    PulledRecord,
    PullReply,
    PushReply,
    PushRequest,
    ReceiptWire,
    Row,
    SchoolCard,
    SealedWire,
    from_json,
    to_json,
    unb64,
)

MESSAGES = [
    PushRequest([SealedWire("{}", "AA==", "k")]),
    PushReply([Outcome("r", "stored", None, 3, ReceiptWire("{}", "AA==")), Outcome("q", "refused", "seal_broken")], "g", 4),
    HelloReply("jiafang", 1, 1, "3199000001", "g", 4, "2025-10-10T07:40:00+08:00", "active"),
    PushRequest([], "2025-10-09T12:00:00+08:00"),
    PullReply([PulledRecord(1, "t", SealedWire("{}", "AA==", "k"))], [Row("students", "s", None), Row("me", "m", {"a": [1]})], 2, False, "g"),
    MissingReply(["r"], [FileOffset("f", 10)]),
    EnrolReply("t", "d", SchoolCard("1", "石桥"), AccountCard("a", "王老师", ["class_teacher"]), "AA==", "g", "t"),
]  # fmt: skip


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_a_message_survives_json(message: object) -> None:
    """Both sides read what the other wrote."""
    assert from_json(type(message), json.loads(json.dumps(to_json(message)))) == message


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_a_missing_or_wrong_field_is_named(message: object) -> None:
    """Every required field is missed by name; a value of a wrong type is refused."""
    plain = to_json(message)
    for name in plain:
        with pytest.raises(RequestMalformed):
            from_json(type(message), {**plain, name: object()})


def test_fields_of_a_newer_side_are_ignored() -> None:
    """Old client, new server."""
    plain = {**to_json(MESSAGES[2]), "moon": "full"}
    assert from_json(HelloReply, plain) == MESSAGES[2]


def test_a_phone_or_a_school_that_does_not_measure_clocks_is_understood() -> None:
    """Old client, new server, and the other way round."""
    assert from_json(PushRequest, {"records": []}) == PushRequest([], None)
    assert "sent_at" not in to_json(PushRequest([]))
    pulled = {"sseq": 1, "received_at": "t", "sealed": {"payload": "{}", "sig": "AA==", "keyid": "k"}}
    assert from_json(PulledRecord, pulled).clock_offset == 0


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)))
def test_any_json_gives_a_message_or_our_error(value: object) -> None:
    """A parser of strangers' bytes has no other way out."""
    for kind in (PushRequest, PullReply, HelloReply, MissingReply):
        try:
            from_json(kind, value)
        except RequestMalformed:
            continue


@given(st.text(max_size=20))
def test_base64_is_strict(text: str) -> None:
    """Never a half-decoded signature."""
    try:
        unb64(text)
    except RequestMalformed:
        return


def test_every_code_comes_back_as_its_own_error() -> None:
    """The phone turns the server's code into the same error, an unknown one into a server fault that names it."""
    for code in ALL_CODES:
        assert by_code(code, n=1).code == code
    strange = by_code("from_tomorrow")
    assert isinstance(strange, ServerFault)
    assert strange.facts["server_code"] == "from_tomorrow"


def test_codes_are_unique() -> None:
    """One code, one meaning."""

    def classes(kind: type[CasebookError]) -> list[type[CasebookError]]:
        return [kind, *(c for child in kind.__subclasses__() for c in classes(child))]

    codes = [kind.code for kind in classes(CasebookError)]
    assert len(codes) == len(set(codes))
