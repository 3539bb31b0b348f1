"""How text, numbers and truth turn into each other."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.forms.environment import CHINA
from casebook.forms.lists import CellNode
from casebook.forms.values import number_text, text_number, to_number, to_text, to_truth


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_being_written(number: float) -> None:
    assert text_number(number_text(number), CHINA) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_without_exponent(number: float) -> None:
    assert not set(number_text(number)) & set("eE")


@pytest.mark.parametrize(("number", "text"), [
    (3.0, "3"), (-0.5, "-0.5"), (1e-7, "0.0000001"), (math.nan, ""), (-math.inf, "-Infinity"), (0.1 + 0.2, "0.30000000000000004"),
])  # fmt: skip
def test_numbers_read_as_people_write_them(number: float, text: str) -> None:
    assert number_text(number) == text


@pytest.mark.parametrize("text", ["", " ", "abc", "1 2", "--1", "1e", "２月", "2026-13-01", "12:30"])
def test_what_is_no_number_is_not_a_number(text: str) -> None:
    assert math.isnan(text_number(text, CHINA))


def test_a_day_counts_as_a_number_of_calendar_days() -> None:
    assert text_number("1970-01-02", CHINA) == 1.0
    assert text_number("2026-11-20", CHINA) == 20777.0


def test_the_first_node_speaks_for_a_node_set() -> None:
    nodes = [CellNode("a", None, "7"), CellNode("a", None, "8")]
    assert to_text(nodes) == "7"
    assert to_number(nodes, CHINA) == 7.0
    assert to_text([]) == ""
    assert math.isnan(to_number([], CHINA))


@pytest.mark.parametrize(("value", "truth"), [
    ("false", True), ("", False), ("0", True), (0.0, False), (-1.0, True), (math.nan, False), ([], False), (True, True),
])  # fmt: skip
def test_truth_of_values(value: object, truth: bool) -> None:
    assert to_truth(value) is truth  # type: ignore[arg-type]
