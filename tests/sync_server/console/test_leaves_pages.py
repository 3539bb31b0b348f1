"""Leaves in the console: entered, checked by a call, ended or withdrawn, every version kept."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.sync_server.console.campus import PEOPLE, TODAY, WANG, Campus

PAGE = f"/cases/{WANG}/leaves"
ASKED = {"first": "2025-11-20", "last": "2025-11-21", "kind": "sick", "asked_by": "奶奶", "reason": "发烧", "proof": "message"}


def leave_of(campus: Campus) -> str:
    page = campus.browser("office").get(PAGE).text
    return page.split(f'action="{PAGE}/')[1].split('"')[0]


def test_a_leave_is_entered_checked_and_ended_and_all_versions_stay(campus: Campus) -> None:
    teacher = campus.browser("teacher82")
    assert teacher.send_form(PAGE, **ASKED).status_code == 303
    page = teacher.text(PAGE)
    assert "补登" in page
    assert "还没有打电话核实" in page
    campus.now = TODAY + dt.timedelta(hours=1)
    step = f"{PAGE}/{leave_of(campus)}"
    assert teacher.send_form(step, step="verify").headers["location"] == f"{PAGE}?done=verify"
    campus.now = TODAY + dt.timedelta(hours=2)
    assert campus.browser("office").send_form(step, step="end", said="2025-11-21").status_code == 303
    page = teacher.text(PAGE)
    assert "11月21日（周五） 10:00已打电话核实、11月21日（周五）到校销假" in page
    assert "11月21日（周五） 09:00 萧洁荷 11月21日（周五） 10:00 萧洁荷 11月21日（周五） 11:00 贾主任" in page
    assert campus.browser("office").send_form(step, step="withdraw", said="写错了").status_code == 404


def test_a_leave_turns_an_unexcused_absence_into_its_kind(campus: Campus) -> None:
    campus.absence(WANG)
    assert "待查" in campus.browser("office").text("/incidents")
    campus.browser("office").send_form(PAGE, **ASKED)
    campus.browser("office").send_form(f"{PAGE}/{leave_of(campus)}", step="verify")
    assert "没有缺勤事件" in campus.browser("office").text("/incidents")
    assert "有正当理由" in campus.browser("office").text("/incidents?which=all")


def test_a_withdrawn_leave_says_why_and_covers_nothing(campus: Campus) -> None:
    campus.absence(WANG)
    office = campus.browser("office")
    office.send_form(PAGE, **ASKED)
    step = f"{PAGE}/{leave_of(campus)}"
    assert office.send_form(step, step="withdraw", said=" ").status_code == 422
    assert office.send_form(step, step="withdraw", said="家长不知道").status_code == 303
    assert "已作废：家长不知道" in office.text(PAGE)
    assert "待查" in office.text("/incidents")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"last": "2025-11-19"}, "最后一天不能早于第一天"), ({"first": "x"}, "请填第一天和最后一天"), ({"last": "2026-11-21"}, "最长180天"),
        ({"kind": "lazy"}, "请选假别和证明"), ({"asked_by": " "}, "请写是谁请的假"), ({"reason": ""}, "请写原因"),
    ],
)  # fmt: skip
def test_a_leave_that_cannot_be_right_is_refused_with_a_sentence(
    campus: Campus, fields: dict[str, str], fault: str
) -> None:
    answer = campus.browser("office").send_form(PAGE, **{**ASKED, **fields})
    assert answer.status_code == 422
    assert fault in answer.text
    assert "还没有请过假" in campus.browser("office").text(PAGE)


def test_a_child_is_not_back_before_the_leave_nor_tomorrow(campus: Campus) -> None:
    office = campus.browser("office")
    office.send_form(PAGE, **ASKED)
    step = f"{PAGE}/{leave_of(campus)}"
    for day in ("2025-11-19", "2025-11-22", "x"):
        assert office.send_form(step, step="end", said=day).status_code == 422
    assert office.send_form(step, step="nonsense").status_code == 404


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_who_reads_and_who_writes(campus: Campus, login: str) -> None:
    browser = campus.browser(login)
    reads = {"principal", "deputy", "office", "registrar", "moral", "director8", "teacher82"}
    writes = {"principal", "office", "director8", "teacher82"}
    assert browser.get(PAGE).status_code == (200 if login in reads else 403)
    assert browser.send_form(PAGE, **ASKED).status_code == (303 if login in writes else 403)


def test_the_case_page_leads_to_the_leaves_for_those_who_may_open_them(campus: Campus) -> None:
    campus.receive(campus.visit(WANG, "duty"))  # who visited once opens the case file, and not the leaves
    for login in ("office", "teacher82", "registrar", "duty"):
        browser = campus.browser(login)
        linked = f'href="{PAGE}"' in browser.get(f"/cases/{WANG}").text
        assert linked is (browser.get(PAGE).status_code == 200) is (login != "duty")


def test_a_form_that_is_sent_twice_is_one_leave_and_a_second_press_moves_no_call(campus: Campus) -> None:
    """R17: what was checked in time stays checked in time."""
    office = campus.browser("office")
    assert office.send_form(PAGE, **ASKED).status_code == 303
    again = office.send_form(PAGE, **ASKED)
    assert (again.status_code, "没有重复登记" in again.text) == (422, True)
    step = f"{PAGE}/{leave_of(campus)}"
    for hours in (1, 30):
        campus.now = TODAY + dt.timedelta(hours=hours)
        assert campus.browser("office").send_form(step, step="verify").status_code == 303
    assert "11月21日（周五） 10:00已打电话核实" in campus.browser("office").text(PAGE)
    assert campus.sql("SELECT COUNT(*) FROM record WHERE type = 'leave'") == [(2,)]


@pytest.mark.parametrize(("first", "last"), [("9999-12-31", "9999-12-31"), ("20251120", "20251121"), ("2025-W47-4", "2025-W47-5")])
def test_a_day_that_cannot_be_reckoned_with_is_told_so(campus: Campus, first: str, last: str) -> None:
    answer = campus.browser("office").send_form(PAGE, **{**ASKED, "first": first, "last": last})
    assert answer.status_code == (303 if first.startswith("9999") else 422)
