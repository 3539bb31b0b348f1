"""The first page and the list of duties: what is to be done, by whom, until when, by which clause and why."""

from __future__ import annotations

import pytest

from assets import load_wording
from casebook.rules import duties, school_deadlines
from casebook.rules.states import MOVES
from sync_server.rulebook import default_rows
from sync_server.store import reach
from tests.sync_server.console.campus import LIHUA, PEOPLE, SCHOOL, WANG, Campus

VISIT = load_wording()("rule.duty.visit_today")


def test_the_teacher_sees_the_own_duties_with_day_clause_and_reason(campus: Campus) -> None:
    campus.absence(WANG, "2025-11-21")
    page = campus.browser("teacher82").text("/")
    mine = page[page.index("要您办的") :]
    assert f"{VISIT} 王小明 八年级(2)班 萧洁荷 今天 11月21日（周五） R25 当日家访" in mine
    assert "11月21日（周五）第一天没有请假缺席" in mine
    assert f"{load_wording()('rule.duty.headcount')} 八年级(2)班 萧洁荷 已过期" in mine


def test_others_duties_stand_apart_and_only_as_far_as_the_reader_reaches(campus: Campus) -> None:
    campus.absence(WANG, "2025-11-20")
    campus.absence(LIHUA, "2025-11-20")
    office = campus.browser("office").text("/")
    others = office[office.index("等别人办的") :]
    assert "王小明" in others
    assert "李花" in others
    director = campus.browser("director8").text("/")
    assert "王小明" in director
    assert "李花" not in director
    assert "李花" not in campus.browser("teacher82").text("/duties")
    for login in ("duty", "fellow"):
        assert "王小明" not in campus.browser(login).text("/")


def test_duties_are_filtered_by_person_role_and_class(campus: Campus) -> None:
    campus.absence(WANG, "2025-11-20")
    campus.absence(LIHUA, "2025-11-20")
    office = campus.browser("office")
    assert "李花" not in office.text("/duties?class=class82")
    assert "王小明" in office.text("/duties?class=class82&role=class_teacher")
    assert "王小明" not in office.text("/duties?whose=mine")
    assert "没有符合的事" in office.text("/duties?role=registrar")
    assert "已过期" in office.text("/duties?whose=others")


def test_a_colleague_to_whom_a_child_is_assigned_has_the_duty(campus: Campus) -> None:
    campus.absence(WANG, "2025-11-21")
    campus.sql("INSERT INTO reach SELECT school, :who, :scope, made_at FROM account WHERE login = 'fellow'",
               who=PEOPLE["fellow"][0], scope=f"case:{WANG}")  # fmt: skip
    page = campus.browser("fellow").text("/")
    assert f"{VISIT} 王小明" in page[page.index("要您办的") :]


def test_a_returned_visit_is_the_duty_of_who_made_it(campus: Campus) -> None:
    visit = campus.receive(campus.visit())
    campus.browser("principal").send_form(
        f"/visits/{visit}/review", decision="returned", remark="请补一张照片。",
        version=str(campus.sql("SELECT head FROM visit WHERE visit = :v", v=visit)[0][0]),
    )  # fmt: skip
    page = campus.browser("teacher82").text("/")
    assert f"{load_wording()('rule.duty.complete_visit')} 王小明" in page
    assert f'href="/visits/{visit}"' in campus.browser("teacher82").get("/").text


def test_absences_are_listed_with_state_and_days(campus: Campus) -> None:
    campus.absence(WANG, "2025-11-19")
    page = campus.browser("office").text("/incidents")
    assert "王小明 八年级(2)班 萧洁荷 11月19日（周三） 还没回来 2 其中1天班级没有报" in page
    assert "待查" in page
    assert "没有缺勤事件" in campus.browser("teacher71").text("/incidents")
    assert '<strong>1</strong><span>' in campus.browser("office").get("/").text


def test_three_days_without_leave_show_the_case_beside_the_absence(campus: Campus) -> None:
    campus.absence(WANG, "2025-11-18")
    assert "核实劝导" in campus.browser("office").text("/incidents")
    assert load_wording()("rule.duty.contact_today") in campus.browser("teacher82").text("/")


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_every_clause_that_a_duty_or_a_row_may_name_has_words(locale: str) -> None:
    say = load_wording(locale)
    clauses = {row["clause"] for row in default_rows()} | {move.clause for move in MOVES}
    named = {one for module in (duties, school_deadlines) for one in vars(module) if one.startswith("R")}
    written = {f"R{n}" for n in (14, 15, 19, 28, 30, 31, 32, 33, 36, 39, 44)} | clauses | (named & clauses)
    assert [one for one in sorted(written - {""}) if not say.has(f"duties.clause.{one}")] == []
    assert [kind for kind in duties.KINDS if not say.has(f"rule.duty.{kind}")] == []


def test_the_months_report_leads_to_the_papers_for_who_writes_it(campus: Campus) -> None:
    name = load_wording()("rule.duty.report_month")
    assert f'<a href="/papers"><strong>{name}</strong></a>' in campus.browser("office").get("/").text


def test_a_class_that_no_director_reaches_is_the_principals_to_settle(campus: Campus) -> None:
    """R04: so it is for a new grade once a year has been closed."""
    page = campus.browser("principal").get("/duties").text
    row = page[page.index("还没有年级主任负责") - 40 :]
    assert '<a href="/staff">' in row[:40]
    assert ("七年级(1)班" in row[:300], page.count("还没有年级主任负责")) == (True, 1)
    assert "还没有年级主任负责" not in campus.browser("office").text("/duties")
    campus.wiring.store.run_tx(lambda conn: reach.grant(conn, SCHOOL, PEOPLE["director8"][0], "class:class71", campus.wiring.now()))
    assert "还没有年级主任负责" not in campus.browser("principal").text("/duties")
