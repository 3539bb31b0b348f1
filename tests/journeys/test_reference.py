"""docs/journeys.md names every section, event and part there is, and its example plays."""

from __future__ import annotations

import re
from pathlib import Path

from sync_server.play.grammar import ALWAYS, EVENTS, SECTIONS, Parts
from sync_server.play.playing import play
from sync_server.play.story import load

PAGE = (Path(__file__).parents[2] / "docs/journeys.md").read_text("utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (needed)? \|", re.M)
FOLDER = Path(__file__).parent


def tables(kind: str) -> dict[str, list[tuple[str, str, bool]]]:
    """What the page says of each section or event: its parts with kind, and whether they are needed."""
    found = re.findall(rf"<!-- {kind}: (\S+) -->(.*?)(?=<!--|\n## |\Z)", PAGE, re.S)
    return {name: [(part, of, bool(must)) for part, of, must in ROW.findall(text)] for name, text in found}


def in_code(parts: Parts) -> list[tuple[str, str, bool]]:
    return [(name, part.kind, part.needed) for name, part in parts.items()]


def printed(kind: str) -> set[str]:
    """Names of the parts that the page lists as printed."""
    text = re.search(rf"<!-- printed: {kind} -->(.*?)(?=<!--|\n\*\*|\n## )", PAGE, re.S)
    assert text
    rows = [line.split("|")[1] for line in text[1].splitlines() if line.startswith("| `")]
    return {name for cell in rows for name in re.findall(r"`(\w+)`", cell)}


def test_every_section_and_event_is_listed_with_exactly_its_parts() -> None:
    assert tables("section") == {name: in_code(parts) for name, parts in SECTIONS.items()}
    assert tables("event") == {"always": in_code(ALWAYS)} | {name: in_code(parts) for name, parts in EVENTS.items()}


def test_the_example_plays_and_prints_exactly_the_parts_that_are_listed(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.S)
    assert example
    (tmp_path / "example.story.yaml").write_text(example[1], "utf-8")
    found = play(load(tmp_path / "example.story.yaml"))
    assert found.differences == []
    parts = {"child": found.told["children"]["boy"], "class": found.told["classes"]["8.2"], "school": found.told["school"]}
    assert {kind: set(one) for kind, one in parts.items()} == {kind: printed(kind) for kind in parts}


def test_every_story_that_ships_is_listed() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \| \w", PAGE[PAGE.index("## The stories that ship"):], re.M))
    assert listed == {path.name.removesuffix(".story.yaml") for path in FOLDER.glob("*.story.yaml")}
