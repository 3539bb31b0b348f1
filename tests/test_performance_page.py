"""The page of performance shows what was measured, and says where a budget is not kept."""

from __future__ import annotations

from dataclasses import asdict

from tests.bench.__main__ import SUBJECTS as MEASURED
from tests.bench.measure import Figure
from tests.performance_page import HEAD, PAGE, SUBJECTS, page

MACHINE = {"cores": 2, "python": "3.11.7", "system": "Linux-6.1"}


def test_every_subject_but_those_of_the_county_is_on_the_page() -> None:
    text = PAGE.read_text("utf-8")
    assert {*SUBJECTS} == {*MEASURED} - {"county", "ledgers"}
    assert [title for title in SUBJECTS.values() if f"## {title}\n\n{HEAD}" not in text] == []
    assert all(f" {subject}" in text for subject in SUBJECTS)


def test_a_broken_budget_is_said() -> None:
    figures = [
        Figure("kept", 2, "ms", 1, "one", budget=3, subject="log"),
        Figure("over", 4, "ms", 1, "one", ratio_budget=3, subject="log"),
        Figure("free", 4, "", 1, "one", subject="log"),
    ]
    made = page(PAGE.read_text("utf-8"), {"machine": MACHINE, "figures": [asdict(one) for one in figures]})
    assert "| kept | 2 ms | 1 | 2 | ≤ 3 | yes | one |\n| over | 4 ms | 1 | 4 | ≤ 3x | **over** | one |" in made
    assert "| free | 4 | 1 | 4 | - |  | one |" in made and made.count("## ") == 1
