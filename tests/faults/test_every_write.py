"""Phone and school are killed, or run out of disk, at their single writes: here at some of them, by command at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults import kills, power, tracer, unsynced
from tests.faults.points import Points

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked children")


def test_a_phone_killed_at_its_writes_keeps_what_it_said_was_safe(tmp_path: Path) -> None:
    came = kills.phone_killed(tmp_path, step=9)
    assert came.points >= 28, "its files went up as well"
    assert came.wrong == [] and came.struck >= 3, came


def test_a_phone_without_room_at_its_writes_keeps_what_it_said_was_safe(tmp_path: Path) -> None:
    came = kills.phone_full(tmp_path, step=9, first=4)
    assert came.wrong == [] and came.struck >= 3, came


def test_a_school_killed_at_its_writes_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    came = kills.school_killed(tmp_path, step=7)
    assert came.wrong == [] and came.struck >= 3, came


def test_a_school_without_room_at_its_writes_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    came = kills.school_full(tmp_path, step=7, first=3)
    assert came.wrong == [] and came.struck >= 3, came


def test_what_was_acknowledged_is_on_the_disk_when_the_power_goes(tmp_path: Path) -> None:
    """On a disk image where one can be mounted, and always on disks made from what was synced."""
    assert tracer.present(), tracer.HINT
    came = unsynced.power_cut(tmp_path / "calls", cuts=8, seed=1)
    assert came.wrong == [] and came.visits == unsynced.VISITS, came
    if power.possible(tmp_path):
        came = power.power_cut(tmp_path / "run", cuts=1, seed=1)
        assert came.wrong == [] and came.visits >= 1, came


def test_a_point_strikes_once_at_its_number() -> None:
    struck: list[str] = []
    points = Points(2, struck.append)
    for what in "abc":
        points.reach(what)
    assert (struck, points.passed) == (["b"], 3)
