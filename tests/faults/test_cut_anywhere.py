"""The connection is cut at some bytes of a sync, and at random through a day of several phones; by command at all."""

from __future__ import annotations

from pathlib import Path

from tests.faults import cuts


def test_a_sync_cut_at_any_byte_ends_complete_and_everything_is_there_once(tmp_path: Path) -> None:
    ends = cuts.measured(tmp_path / "measured")
    for up, end in ends.items():
        came = cuts.at_bytes(tmp_path / str(up), up, range(17, end, 601))
        assert came.wrong == [] and came.visits >= 3 and came.struck >= came.visits - 1, came


def test_a_day_cut_at_random_ends_byte_identical(tmp_path: Path) -> None:
    came = cuts.a_day(tmp_path, cuts=8, seed=3, visits=3)
    assert came.wrong == [] and came.struck >= 8, came


def test_many_phones_on_bad_links_end_byte_identical(tmp_path: Path) -> None:
    came = cuts.day_of_many(tmp_path, phones=3, visits=1, seed=4)
    assert came.wrong == [] and came.struck >= 1, came
