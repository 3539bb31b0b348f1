"""The school calendar: changed by the office after a look at what it does, and delivered to the phones."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from casebook.rules.calendar import SchoolCalendar
from sync_server.schoolyear import holidays
from sync_server.store import rows
from tests.sync_server.console.campus import PEOPLE, SCHOOL, Campus

TERM = "/calendar/2025-2026-1"
DAYS = {"first": "2025-09-01", "last": "2026-01-23", "off": "2025-10-01~2025-10-08\n2026-01-01~2026-01-03", "on": "2025-09-28、2025-10-11 2026/1/4"}


def calendar(campus: Campus) -> SchoolCalendar:
    with campus.wiring.store.read() as conn:
        return SchoolCalendar.from_rows(rows.of_feed(conn, SCHOOL, "calendar").values())


def save(campus: Campus, login: str = "office", path: str = TERM, **days: str):  # type: ignore[no-untyped-def]
    """Looks first, then saves what was seen."""
    browser, typed = campus.browser(login), {**DAYS, **days}
    seen = re.search(r'name="seen" value="(\w{64})"', browser.send_form(path, **typed).text)
    return browser.send_form(path, **typed, seen=seen[1] if seen else "")


def test_the_office_looks_at_the_effect_and_then_saves(campus: Campus) -> None:
    looked = campus.browser("office").send_form(TERM, **DAYS)
    assert "上课天数：原来 105 天，改后 100 天。" in looked.text
    assert "10月1日（周三）" in looked.text
    assert calendar(campus).school_days(dt.date(2025, 9, 1), dt.date(2026, 1, 23)) == 105
    assert save(campus).headers["location"] == "/calendar?done=saved"
    assert calendar(campus).school_days(dt.date(2025, 9, 1), dt.date(2026, 1, 23)) == 100
    assert "2025—2026学年第一学期 9月1日（周一） 2026年1月23日（周五） 11 3 100" in campus.browser("teacher82").text("/calendar")
    assert "贾主任" in campus.browser("office").text(TERM)
    assert ("change_calendar", "term:2025-2026-1") in campus.audit()


def test_what_was_not_looked_at_is_not_saved(campus: Campus) -> None:
    browser = campus.browser("office")
    seen = re.search(r'name="seen" value="(\w{64})"', browser.send_form(TERM, **DAYS).text)
    assert seen is not None
    other = browser.send_form(TERM, **{**DAYS, "on": ""}, seen=seen[1])
    assert (other.status_code, "改了以后会怎样" in other.text) == (200, True)
    assert calendar(campus).school_days(dt.date(2025, 9, 1), dt.date(2026, 1, 23)) == 105


def test_phones_get_the_changed_calendar(campus: Campus) -> None:
    phone = campus.phone("teacher82")
    with campus.wiring.store.read() as conn:
        from sync_server.store import devices

        device = devices.by_id(conn, SCHOOL, phone.dev)
    assert device is not None
    before = campus.wiring.handout.pull(device, 0, 1000).next
    save(campus)
    (row,) = campus.wiring.handout.pull(device, before, 1000).rows
    assert (row.feed, row.key) == ("calendar", "2025-2026-1")
    assert row.value is not None
    assert row.value["on"] == ["2025-09-28", "2025-10-11", "2026-01-04"]


@pytest.mark.parametrize(
    ("days", "fault"),
    [
        ({"last": "2025-08-01"}, "最后一天要晚于第一天"), ({"first": ""}, "第一天和最后一天要填"), ({"off": "2025-13-01"}, "看不懂“2025-13-01”"),
        ({"off": "国庆"}, "看不懂“国庆”"), ({"off": "2026-05-01"}, "2026-05-01 不在这个学期里"), ({"on": "2025-10-01"}, "又写放假又写上课"),
        ({"on": "2025-09-03"}, "2025-09-03 不是周末"), ({"first": "2024-09-01", "last": "2025-01-20", "off": "", "on": ""}, "对不上"),
        ({"off": "2025-10-08~2025-10-01"}, "看不懂"),
    ],
)  # fmt: skip
def test_a_wrong_calendar_is_refused_with_a_sentence(campus: Campus, days: dict[str, str], fault: str) -> None:
    before = calendar(campus)
    answer = save(campus, **days)
    assert answer.status_code == 422
    assert fault in answer.text
    assert calendar(campus) == before


def test_terms_do_not_overlap_and_a_new_one_is_offered(campus: Campus) -> None:
    assert "新学期 2025—2026学年第二学期" in campus.browser("office").text("/calendar")
    overlapping = {"first": "2026-01-20", "last": "2026-07-10", "off": "", "on": ""}
    assert "重叠" in save(campus, path="/calendar/2025-2026-2", **overlapping).text
    save(campus, path="/calendar/2025-2026-2", **{**overlapping, "first": "2026-03-02"})
    assert [one.term for one in calendar(campus).terms] == ["2025-2026-1", "2025-2026-2"]
    assert campus.browser("office").get("/calendar/summer").status_code == 404


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_everybody_reads_and_the_office_changes(campus: Campus, login: str) -> None:
    browser = campus.browser(login)
    assert browser.get("/calendar").status_code == 200
    assert browser.get(TERM).status_code == 200
    may = login in {"principal", "office", "registrar"}
    assert browser.send_form(TERM, **DAYS).status_code == (200 if may else 403)
    assert ("看看会怎样" in browser.get(TERM).text) is may


def test_public_holidays_fill_a_term_without_saving_it(campus: Campus) -> None:
    page = campus.browser("office").get(f"{TERM}?fill=holidays").text
    assert "2025-10-01~2025-10-08" in page
    assert "2025-09-28\n2025-10-11\n2026-01-04" in page
    assert "还没有保存" in page
    assert calendar(campus).is_school_day(dt.date(2025, 10, 1))


def test_announced_years_name_their_source_and_2027_says_that_it_is_not_announced() -> None:
    known = holidays()
    assert {year: one.announced for year, one in known.items()} == {2025: True, 2026: True, 2027: False}
    for year, one in known.items():
        assert str(year) in one.source
        assert all(day.year == year for day in (*one.off, *one.on))
        assert all(day.weekday() >= 5 for day in one.on)
        assert not set(one.off) & set(one.on)
    assert known[2027].on == ()
    assert (len(known[2025].off), len(known[2025].on), len(known[2026].off), len(known[2026].on)) == (28, 5, 33, 6)
