"""Numbers, addressees and wording of the school's papers, without a school."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assets import load_wording
from casebook.rules.rulebook import Rulebook
from sync_server import notices, rulebook
from sync_server.notices import OnFile
from tests.casebook.rules.tale import Tale, changed

ROOT = Path(__file__).parents[2]
WORDS = load_wording("zh_CN")
HERE = OnFile("c", "禤㛃𬱖", "2", "七年级(1)班", ("阿依", "吉木"), "石桥镇高岭村2组", "高岭村", "", "高岭村")


def test_the_next_number_follows_the_highest_of_its_year_and_pattern() -> None:
    used = ["劝学〔2025〕2号", "劝学〔2025〕11号", "劝学〔2024〕40号", "村函〔2025〕70号", "手写的", "劝学〔2025〕甲号"]
    assert notices.next_number("劝学〔{year}〕{n}号", used, 2025) == "劝学〔2025〕12号"
    assert notices.next_number("劝学〔{year}〕{n}号", used, 2026) == "劝学〔2026〕1号"
    assert notices.next_number("{n}", [], 2026) == "1"


@pytest.mark.parametrize("word", notices.command_words())
def test_each_word_of_command_is_found_wherever_it_stands(word: str) -> None:
    assert notices.commands_in("请返校。", f"限三日内返校，否则{word}。") == [word]


@pytest.mark.parametrize("area", ["notices", "reports"])
def test_no_template_of_the_school_commands(area: str) -> None:
    texts = json.loads((ROOT / f"assets/locale/zh_CN/{area}.json").read_text("utf-8"))
    assert {key: found for key, text in texts.items() if (found := notices.commands_in(text))} == {}


def test_names_and_numbers_of_the_rulebook_do_not_command_either() -> None:
    rows = [row for row in rulebook.default_rows() if row["key"].startswith(("number.", "document.", "basis."))]
    assert len(rows) == 8
    for row in rows:
        codes = row["value"] if isinstance(row["value"], list) else [row["value"]]
        told = [WORDS(f"notices.{group}.{code}") for code in codes for group in ("title", "basis")]
        assert notices.commands_in(*codes, *told) == []


def test_the_letter_is_for_the_village_of_the_household_register() -> None:
    away = OnFile("c", "禤㛃", "1", "", ("阿依",), "新寨村五组", "新寨村", "高岭村2组", "高岭村")
    assert (away.moved, HERE.moved) == (True, False)
    assert notices.addressee("N2", away, WORDS) == "高岭村村民委员会"
    town = OnFile("c", "禤㛃", "1", "", ("阿依",), "新寨村五组", "新寨村", "", "河西社区", "community")
    assert notices.addressee("N2", town, WORDS) == "河西社区居民委员会"
    assert OnFile("c", "禤㛃", "1", "", ("阿依",), "新寨村五组", "新寨村").hukou_unknown
    assert notices.addressee("N1", HERE, WORDS) == "阿依、吉木"


@pytest.mark.parametrize(("row", "terms"), [
    ({}, "自收到本通知书次日起7天内（最后一天不上课的，顺延到下一个上课日）"),
    ({"value": 10, "roll": False}, "自收到本通知书次日起10天内"),
    ({"value": 5, "unit": "school_days", "roll": False}, "自收到本通知书次日起5个上课日内"),
])  # fmt: skip
def test_the_time_to_return_is_said_as_the_county_counts_it(row: dict[str, object], terms: str) -> None:
    book = Rulebook.from_rows([changed("return_by", **row)])
    tale = Tale(book)
    assert notices.return_terms(tale.rules.on(Tale().world("2025-10-09").today).rule("return_by"), WORDS) == terms


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("notice", ["N1", "N2", "N3"])
def test_every_notice_is_whole_in_both_languages(notice: str, language: str) -> None:
    tale = Tale()
    tale.absent("2025-10-09", "2025-10-14")
    tale.visit("2025-10-09 16:00", "absence", reasons_guardian="WO1", whereabouts="D2")
    made = notices.draft(notice, tale.life("2025-10-14 18:00"), HERE, "劝学〔2025〕1号", load_wording(language))
    assert HERE.name in made.text
    assert not [bad for bad in ("notices.", "—", "None", "{") if bad in made.text]
