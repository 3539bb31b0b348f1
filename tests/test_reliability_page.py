"""The page of reliability names every fault that is made, and none that cost anything."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.convergence.mutants import MUTANTS
from tests.convergence.simulate import LINK_FAULTS
from tests.convergence.test_simulator import DISASTERS
from tests.fuzz.__main__ import NAMES
from tests.reliability_page import HEAD, PAGE, SUBJECTS, Row, renewed


def rows(part: str) -> list[list[str]]:
    found = re.search(rf"<!-- made: {part} -->\n(.*?)\n<!-- end -->", PAGE.read_text("utf-8"), re.S)
    assert found
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines()[2:]]


def test_every_fault_is_in_the_table_and_happened() -> None:
    named = {row[0] for row in rows("table")}
    assert named >= {*LINK_FAULTS, *DISASTERS, *(fault for fault, _ in SUBJECTS.values())}
    assert all(int(row[2].replace(",", "")) > 0 and int(row[3].replace(",", "")) > 0 for row in rows("table"))
    assert HEAD in PAGE.read_text("utf-8")


def test_nothing_was_lost_doubled_or_skipped() -> None:
    assert {row[0]: row[5:9] for row in rows("table") if row[5:9] != ["0"] * 4} == {}
    assert {row[0]: row[3] for row in rows("parsers")} == dict.fromkeys(NAMES, "0")


def test_a_loss_would_be_seen_in_the_table() -> None:
    wrong = ("acknowledged and lost: 1", "twice in the log: 2", "phone 1 never got 3 of 4", "strange")
    assert str(Row("f", "w", 3, 2, wrong, 61, "abc")) == "| f | w | 3 | 2 | 2 | 1 | 1 | 1 | 1 | abc |"


def test_every_wrong_rule_was_noticed() -> None:
    assert {row[0] for row in rows("mutants")} == MUTANTS.keys()


def test_what_was_played_again_takes_the_place_of_its_own_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.reliability_page.KEPT", tmp_path)
    before = PAGE.read_text("utf-8")
    assert renewed(before, "abc1234") == before
    cut = {"struck": 7, "visits": 8, "wrong": [], "seconds": 60, "points": 7, "content": 80}
    (tmp_path / "cut_at_every_byte.json").write_text(json.dumps(cut), "utf-8")
    changed = {new: old for old, new in zip(before.splitlines(), renewed(before, "abc1234").splitlines(), strict=True) if old != new}
    fault, where = SUBJECTS["cut_at_every_byte"]
    first, second = changed
    assert first == f"| {fault} | {where} | 7 | 8 | 1 | 0 | 0 | 0 | 0 | abc1234 |"
    assert "7 syncs" in second
