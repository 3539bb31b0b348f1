"""The guides come in both languages, and whatever stands in “ ” is on the screens in exactly these words."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDES = ROOT / "docs/guides"
CHINESE = ".zh-CN.md"
NAMES = sorted(path.name.removesuffix(CHINESE) for path in GUIDES.glob(f"*{CHINESE}"))
ENDINGS = {"zh_CN": CHINESE, "en": ".md"}
TITLES = {"zh_CN": "form_title", "en": "title_en"}
CODE = re.compile(r"```.*?```|`[^`]*`", re.S)
FACT = re.compile(r"\s*(?:\{\w+\}|…+)\s*")  # a guide writes … where the screen shows a fact


def shown(locale: str) -> set[str]:
    """Every text of the screens, columns of the sheets and titles of the forms; facts as …"""
    texts = [text for path in (ROOT / "assets/locale" / locale).glob("*.json") for text in json.loads(path.read_text("utf-8")).values()]
    for path in (ROOT / "assets/forms").glob("*/settings.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            texts += [row[TITLES[locale]] for row in csv.DictReader(file)]
    return {FACT.sub("…", part) for text in texts for part in text.split("|")}


def quoted(text: str) -> list[str]:
    """What stands in “ ”; a way through pages (one › another) step by step."""
    return [part for words in re.findall("“([^”]+)”", CODE.sub("", text)) for part in words.split(" › ")]


@pytest.mark.parametrize("locale", ENDINGS)
def test_quoted_words_are_those_of_the_screens(locale: str) -> None:
    known = shown(locale)
    pages = {name: (GUIDES / f"{name}{ENDINGS[locale]}").read_text("utf-8") for name in NAMES}
    assert all(quoted(text) for text in pages.values())
    assert [(name, word) for name, text in pages.items() for word in quoted(text) if FACT.sub("…", word) not in known] == []


def test_a_word_that_is_on_no_screen_is_found() -> None:
    assert quoted("点“花名册 › 校历”，`“代码”`") == ["花名册", "校历"]
    assert "校历" in shown("zh_CN") and "日历表" not in shown("zh_CN")


def test_every_guide_has_its_twin_and_each_leads_to_the_other() -> None:
    assert NAMES and {f"{name}{ending}" for name in NAMES for ending in ENDINGS.values()} == {path.name for path in GUIDES.glob("*.md")}
    for name in NAMES:
        assert f"]({name}.md)" in (GUIDES / f"{name}{CHINESE}").read_text("utf-8")
        assert f"]({name}{CHINESE})" in (GUIDES / f"{name}.md").read_text("utf-8")
