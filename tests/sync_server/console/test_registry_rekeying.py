"""The sheet for the national system (R16): what holds here stands on it with its deadline until somebody ticks it off."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from sync_server.store import archive
from tests.sync_server.console.campus import PEOPLE, SCHOOL, Campus
from tests.sync_server.console.test_registry_events_pages import enter
from tests.sync_server.console.test_registry_pages import BOTH, OFFICE, bring, children

SHEET = "/roster/rekeying"


@pytest.fixture
def event(campus: Campus) -> str:
    """A boy is marked in the register on Friday 21 November 2025: at once in effect."""
    bring(campus, BOTH)
    boy = children(campus)["王小明"]
    return enter(campus, "registrar", boy, "mark_suspected").headers["location"].split("?")[0].rsplit("/", 1)[1]


def later(campus: Campus, days: int) -> str:
    """What the registrar reads so many days later."""
    campus.now += dt.timedelta(days=days)
    return campus.browser("registrar").text(SHEET)


def test_a_change_is_due_three_school_days_later_with_a_warning_before(campus: Campus, event: str) -> None:
    page = later(campus, 0)
    for part in ("1 条要补录", "王小明", "11月26日（周三） 未到期"):
        assert part in page, part
    assert "11月26日（周三） 快到期" in later(campus, 4)
    assert "11月26日（周三） 快到期" in later(campus, 1)
    page = later(campus, 1)
    assert "11月26日（周三） 已超期" in page
    assert "1 条快到期或已超期" in page


def test_what_waits_for_the_principal_is_not_to_be_re_keyed_yet(campus: Campus) -> None:
    bring(campus, BOTH)
    browser = campus.browser("registrar")
    entered = enter(campus, "registrar", children(campus)["王小明"], "transfer_out").headers["location"].split("?")[0]
    assert "没有要补录的" in browser.text(SHEET)
    campus.browser("principal").send_form(f"{entered}/decide", decision="approve")
    page = browser.text(SHEET)
    assert "王小明" in page
    assert "外县一中" in page


def test_the_tick_is_sealed_says_who_and_when_and_is_given_once(campus: Campus, event: str) -> None:
    browser = campus.browser("registrar")
    for wrong in ("", "2025-11-22", "2024-01-01"):
        assert browser.send_form(f"{SHEET}/{event}", on=wrong).status_code == 422
    assert "1 条要补录" in browser.text(SHEET)
    assert browser.send_form(f"{SHEET}/{event}", on="2025-11-21").status_code == 303
    page = browser.text(SHEET)
    assert "没有要补录的" in page
    assert "按时 11月21日（周五） 陈学籍" in page
    assert browser.send_form(f"{SHEET}/{event}", on="2025-11-21").status_code == 409
    boy = children(campus)["王小明"]
    with campus.wiring.store.read() as conn:
        steps = [entry.record.body["step"] for entry in archive.of_case(conn, SCHOOL, boy) if entry.record.type == "roll"]
    assert steps == ["entered", "rekeyed"]
    assert ("rekey_roll_event", f"student:{boy}") in campus.audit()
    assert "学籍变动" in browser.text(f"/cases/{boy}")


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_only_who_enters_events_sees_the_sheet_and_ticks(campus: Campus, event: str, login: str) -> None:
    browser = campus.browser(login)
    assert browser.get(SHEET).status_code == (200 if login in OFFICE else 403)
    assert browser.send_form(f"{SHEET}/{event}", on="2025-11-21").status_code == (303 if login in OFFICE else 403)
    assert browser.send_form(f"{SHEET}/unknown", on="2025-11-21").status_code == (404 if login in OFFICE else 403)
    if login in OFFICE:
        assert not re.search(r"rekeying\.\w", browser.text(SHEET))
