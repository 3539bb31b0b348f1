"""The connection is cut at some bytes of a sync, and at random through a day of several phones; by command at all."""

from __future__ import annotations

from pathlib import Path

from tests.faults import cuts


def test_a_sync_cut_at_any_byte_ends_complete_and_everything_is_there_once(tmp_path: Path) -> None:
    came = cuts.at_every_byte(tmp_path, step=301, first=17)
    assert came.wrong == [] and came.visits >= 15 and came.cuts >= came.visits * 0.8, came


def test_a_day_cut_at_random_ends_byte_identical(tmp_path: Path) -> None:
    came = cuts.at_random(tmp_path, cuts=8, seed=3)
    assert came.wrong == [] and came.cuts >= 8, came


def test_many_phones_on_bad_links_end_byte_identical(tmp_path: Path) -> None:
    came = cuts.day_of_many(tmp_path, phones=3, visits=1, seed=4)
    assert came.wrong == [] and came.cuts >= 1, came
