"""What only few may read stands on no list, ledger, week's report or household's page of anybody else (9.4 h)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_server.play import command
from sync_server.play.playing import Played, performed
from sync_server.play.stage import Stage
from sync_server.play.story import load
from tests.journeys.pages import Reader

STORY = Path(__file__).parent / "check_restricted.story.yaml"
SECRET = ("CANARY", "uncle", "shouted")
PRINTED = ("classes", "school")


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[Played, Stage]]:
    with performed(load(STORY)) as (played, stage):
        yield played, stage


def addresses(stage: Stage) -> list[str]:
    """The pages that print: ledger and figures, the week of the class, each child's file, the visit, the lists."""
    children = [f"/cases/{stage.students[name]}" for name in ("boy", "brother")]
    week = f"/weekly/{stage.rooms['8.2']}?day=2025-11-03"
    visit = f"/visits/{stage.labels['told']}"
    return [*children, visit, week, "/weekly?day=2025-11-03", "/figures", "/incidents", "/visits", "/duties", "/", "/papers/report?v=RF"]


@pytest.mark.parametrize("person", ["zhang", "wu", "office", "registrar"])
def test_no_page_of_the_others_prints_it(told: tuple[Played, Stage], person: str) -> None:
    reader = Reader(told[1], person)
    given = {path: reader.get(path) for path in addresses(told[1])}
    assert sum(answer.status_code == 200 for answer in given.values()) >= 6
    assert [path for path, answer in given.items() if any(word in answer.text for word in SECRET)] == []


def test_the_few_and_the_author_read_it(told: tuple[Played, Stage]) -> None:
    visit = f"/visits/{told[1].labels['told']}"
    for person in ("principal", "moral", "li"):
        page = Reader(told[1], person).page(visit)
        assert all(word in page for word in SECRET), person


def test_the_outline_of_classes_and_school_says_nothing_of_it(told: tuple[Played, Stage]) -> None:
    outline = command.outline(told[0])
    assert any(word in json.dumps(outline["children"], ensure_ascii=False) for word in SECRET)
    assert [part for part in PRINTED if any(word in json.dumps(outline[part], ensure_ascii=False) for word in SECRET)] == []
