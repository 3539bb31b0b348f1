"""The pages of a school that has no roster yet say what comes first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.rules.facts import CHINA
from sync_server import founding
from sync_server.founding import Person
from sync_server.settings import Settings
from tests.sync_server.console.campus import SCHOOL, Browser, Campus

FIRST_DAY = dt.datetime(2026, 11, 20, 9, tzinfo=CHINA)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """The principal of a school founded today."""
    wiring = founding.found(Settings(data=tmp_path / "data"), SCHOOL, "新学校", clock=lambda: FIRST_DAY)
    founding.furnish(wiring)
    password = founding.add_principal(wiring, Person("principal", "王校长"))
    wiring.close()
    campus = Campus(tmp_path / "data", FIRST_DAY)
    browser = Browser(campus)
    assert browser.log_in("principal", password).status_code == 303
    yield browser
    campus.wiring.close()


@pytest.mark.parametrize("page", ["/students", "/attendance", "/weekly?day=2026-11-16", "/roster", "/roster/classes"])
def test_a_page_without_a_roster_leads_to_its_import(browser: Browser, page: str) -> None:
    said = browser.text(page)
    assert "先导入花名册" in said
    assert "没有找到" not in said
    assert 'class="button" href="/roster/import"' in browser.get(page).text


def test_what_is_searched_for_in_vain_is_told_as_that(browser: Browser) -> None:
    assert "没有找到" in browser.text("/students?q=zw") and "没有找到" in browser.text("/roster?q=zw")


def test_a_school_founded_after_the_year_is_offered_no_end_of_it(browser: Browser) -> None:
    said = browser.text("/roster/year")
    assert "不需要升级" in said and "看一看会怎样改" not in said
