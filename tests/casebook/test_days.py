"""A day has one name, whoever writes it."""

from __future__ import annotations

import datetime as dt

import pytest

from casebook.days import day_written
from casebook.rules.facts import day_from


def test_a_day_is_read() -> None:
    assert day_written("2024-02-29") == dt.date(2024, 2, 29)


@pytest.mark.parametrize("text", [
    "", "20251112", "2025-W46-3", "2025W463", "2025-1-2", "2025-02-29", "2025-11-12T08:00", "2025-11-12 ", "2025-11-12\n",
    "\uff12025-11-12", "\u0662025-11-12", "0000-01-01", None, 20251112, dt.date(2025, 11, 12),
])  # fmt: skip
def test_what_only_a_lenient_calendar_would_read_is_no_day(text: object) -> None:
    assert day_written(text) is None


def test_the_answer_of_a_form_may_be_an_instant() -> None:
    assert day_from("2025-11-12T08:00:00+08:00") == day_from("2025-11-12") == dt.date(2025, 11, 12)
    assert [day_from(text) for text in ("2025-11-12\u5e74", "20251112", "", None)] == [None] * 4
