"""Some hundred odd inputs for every parser; `python -m tests.fuzz` throws hundreds of thousands."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.shapes import Choices, odd_json
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=200)
@given(raw=st.binary(max_size=200))
@example(raw=b"")
@example(raw=b"\x00\x00null")
@example(raw=b"\x00\x00" + b"[" * 2000)
def test_odd_input_gives_a_value_or_an_error_of_ours(target: str, raw: bytes) -> None:
    TARGETS[target](raw)


@given(raw=st.binary(min_size=8, max_size=40))
def test_the_example_itself_stays_as_it_is(raw: bytes) -> None:
    good = {"a": [1, {"b": "c"}]}
    odd_json(good, Choices(raw))
    assert good == {"a": [1, {"b": "c"}]}
