"""The pages of the year's end and of the notices of entry, clicked through as the registrar does."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from casebook import feeds
from sync_server.roster import register
from sync_server.store import rows
from sync_server.store.rows import ScopedRow
from tests.sync_server.console.campus import PEOPLE, SCHOOL, ZONE, Browser, Campus
from tests.sync_server.console.test_registry_pages import BOTH, OFFICE, bring, children
from tests.sync_server.roster.sheets import HEADER

SUMMER = dt.datetime(2026, 7, 20, 9, 0, tzinfo=ZONE)
SMALL = ["韦小苗", "女", "2020-03-02", "", "", "一年级(1)班", "韦大", "父亲", "13800000003", "新寨村"]


@pytest.fixture
def summer(campus: Campus) -> Campus:
    """Two classes with a child each, a small girl at home, and the school year over."""
    bring(campus, BOTH)
    bring(campus, [[*HEADER, "学籍状态"], [*SMALL, "未入学"]])
    ends = {"2025-2026-2": ("2026-02-23", "2026-07-10"), "2026-2027-1": ("2026-09-01", "2027-01-22")}
    terms = [{"term": term, "first": first, "last": last, "off": [], "on": []} for term, (first, last) in ends.items()]
    told = [ScopedRow(feeds.CALENDAR, str(one["term"]), feeds.SCHOOL_SCOPE, one) for one in terms]
    campus.wiring.store.run_tx(lambda conn: rows.put(conn, SCHOOL, told, campus.wiring.now()))
    campus.now = SUMMER
    return campus


def seen(browser: Browser, **choices: str) -> str:
    page = browser.send_form("/roster/year", **choices).text
    found = re.search(r'name="seen" value="(\w{64})"', page)
    assert found is not None, page
    return found[1]


def test_the_registrar_looks_chooses_and_closes_the_year(summer: Campus) -> None:
    browser, boy = summer.browser("registrar"), children(summer)["王小明"]
    page = browser.text("/roster/year")
    for part in ("2025-2026学年还没有办理", "八年级(2)班 九年级(2)班", "萧洁荷", "七年级(1)班 八年级(1)班", "韦小苗"):
        assert part in page, part
    stay = seen(browser, stay_down=boy)
    assert browser.send_form("/roster/year", seen=stay).status_code == 409  # without the choice that was seen
    answer = browser.send_form("/roster/year", stay_down=boy, seen=stay)
    assert answer.headers["location"] == "/roster/year?done=closed"
    done = browser.text("/roster/year?done=closed")
    assert "已经办好" in done and "2025-2026" in done
    with summer.wiring.store.read() as conn:
        now = register.load(conn, SCHOOL)
    assert {now.classes[one.class_id].name for one in now.students.values()} == {"八年级(2)班", "八年级(1)班", "一年级(1)班"}
    assert "九年级(2)班" in browser.text("/roster/classes")
    assert ("close_year", "year:2025-2026") in summer.audit()
    assert "已经办过" in browser.text("/roster/year")
    assert "留级" in browser.text("/roster/events")


def test_while_the_year_runs_the_page_says_so(campus: Campus) -> None:
    bring(campus, BOTH)
    assert "还没有结束" in campus.browser("office").text("/roster/year")


def test_a_notice_is_issued_printed_and_collected(summer: Campus) -> None:
    browser, girl = summer.browser("office"), children(summer)["韦小苗"]
    assert "韦小苗" in browser.text("/roster/entry")
    answer = browser.send_form("/roster/entry", child=girl)
    assert answer.headers["location"] == "/roster/entry?done=issued&count=1"
    page = browser.get("/roster/entry").text
    paper = re.search(r'href="(/roster/entry/\w{64}/paper)"', page)
    assert paper is not None
    printed = browser.text(paper[1])
    for part in ("入学通知书", "入学〔2026〕1号", "韦大：", "带韦小苗和户口簿", "回 执"):
        assert part in printed, part
    wrong = browser.send_form(f"/roster/entry/{girl}/collected", by="外婆", on="2026-07-01")
    assert (wrong.status_code, "什么都没有改" in wrong.text) == (422, True)
    assert browser.send_form(f"/roster/entry/{girl}/collected", by="外婆", on="2026-07-20").status_code == 303
    assert "已领" in browser.text("/roster/entry")
    assert browser.get(f"/roster/entry/{'0' * 64}/paper").status_code == 404


def test_a_notice_that_nobody_collected_stands_among_the_duties(summer: Campus) -> None:
    browser = summer.browser("office")
    browser.send_form("/roster/entry", child=children(summer)["韦小苗"])
    summer.now = SUMMER + dt.timedelta(days=9)
    assert "入学通知书没有领" in summer.browser("office").text("/duties")


def test_the_figures_show_the_enrolment_rate_with_its_names(summer: Campus) -> None:
    page = summer.browser("office").text("/figures")
    assert "入学率" in page and "2人 / 2人 = 100.00%" in page
    assert "入学率" not in summer.browser("teacher82").get("/figures").text


@pytest.mark.parametrize("path", ["/roster/year", "/roster/entry"])
def test_the_pages_are_the_offices(summer: Campus, path: str) -> None:
    for login in PEOPLE:
        status = 200 if login in OFFICE else 403
        assert summer.browser(login).get(path).status_code == status, login
        assert summer.browser(login).send_form(path).status_code in ((200, 303) if login in OFFICE else (403,)), login
