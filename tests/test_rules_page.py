"""The page of the rules shows what the tables in the code say, and every clause and file it names is there."""

from __future__ import annotations

import re
from pathlib import Path

from tests import rules_page

ROOT = Path(__file__).parent.parent


def test_the_generated_parts_are_up_to_date() -> None:
    page = rules_page.PAGE.read_text("utf-8")
    assert page == rules_page.renewed(page), "run python -m tests.rules_page"


def test_the_diagram_draws_every_state_that_can_be_entered() -> None:
    drawn = rules_page.diagram()
    for move in rules_page.MOVES:
        if move.target:
            assert f"--> {move.target}: {move.event} ({move.clause})" in drawn


def test_the_files_that_the_rules_pages_name_exist() -> None:
    for page in (rules_page.PAGE, ROOT / "docs/recipes/add-a-rule.md"):
        named = re.findall(r"`((?:casebook|assets|tests)/[\w/.]+\.(?:py|json))`", page.read_text("utf-8"))
        assert named and [name for name in named if not (ROOT / name).exists()] == []
