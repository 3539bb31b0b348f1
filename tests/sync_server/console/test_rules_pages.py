"""The rulebook in the console: every row in words; a new one takes two people and goes to all phones."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from assets import load_wording
from casebook.kinds.rule import KIND
from casebook.rules.words import source_told
from sync_server import rulebook
from sync_server.rulebook import default_rows
from sync_server.store import devices, rows, typed
from tests.sync_server.console.campus import PEOPLE, SCHOOL, Campus

ROW = "/rulebook/return_by"
TYPED = {"value": "10", "counted": "after", "roll": "yes", "warn": "1", "effective_from": "2025-12-01",
         "source": "县教体局〔2025〕12号", "because": "县里改为十天"}  # fmt: skip


def proposal(campus: Campus) -> str:
    with campus.wiring.store.read() as conn:
        return typed.of_type(conn, SCHOOL, "rule")[-1].rid


def length_on(campus: Campus, day: str) -> int:
    with campus.wiring.store.read() as conn:
        return rulebook.book(conn, SCHOOL).on(dt.date.fromisoformat(day)).number("return_by")


def test_one_proposes_another_confirms_and_old_days_keep_their_rule(campus: Campus) -> None:
    assert campus.browser("office").send_form(ROW, **TYPED).headers["location"] == "/rulebook?done=proposed"
    assert "之后7天，遇到不上课顺延" in campus.browser("principal").text("/rulebook")
    assert length_on(campus, "2025-12-05") == 7
    assert campus.browser("office").send_form("/rulebook", proposal=proposal(campus), decision="confirm").status_code == 403
    done = campus.browser("principal").send_form("/rulebook", proposal=proposal(campus), decision="confirm")
    assert done.headers["location"] == "/rulebook?done=confirmed"
    assert (length_on(campus, "2025-11-30"), length_on(campus, "2025-12-01")) == (7, 10)
    page = campus.browser("teacher82").text(ROW)
    assert "12月1日（周一） 之后10天，遇到不上课顺延 本校 还没生效" in page
    assert "贾主任提出，徐校长确认" in page
    assert "县里改为十天" in page
    assert "一直 之后7天，遇到不上课顺延 通用 现行" in page


def test_the_second_person_hears_of_a_proposal_on_the_first_page(campus: Campus) -> None:
    told = "有 1 条规则等第二个人确认"
    campus.browser("office").send_form(ROW, **TYPED)
    assert told in campus.browser("principal").text("/")
    assert all(told not in campus.browser(login).text("/") for login in ("office", "registrar", "teacher82"))
    campus.browser("principal").send_form("/rulebook", proposal=proposal(campus), decision="refuse")
    assert told not in campus.browser("principal").text("/")


def test_phones_get_the_confirmed_row_and_nothing_of_a_proposal(campus: Campus) -> None:
    phone = campus.phone("teacher82")
    with campus.wiring.store.read() as conn:
        device = devices.by_id(conn, SCHOOL, phone.dev)
    assert device is not None
    before = campus.wiring.handout.pull(device, 0, 1000).next
    campus.browser("office").send_form(ROW, **TYPED)
    pulled = campus.wiring.handout.pull(device, before, 1000)
    assert pulled.rows == []
    campus.browser("principal").send_form("/rulebook", proposal=proposal(campus), decision="confirm")
    pulled = campus.wiring.handout.pull(device, before, 1000)
    (row,) = [one for one in pulled.rows if one.key == f"school:{SCHOOL}|return_by|2025-12-01"]
    assert row.feed == "rules"
    assert row.value is not None
    assert row.value["value"] == 10


def test_a_refused_row_never_holds_and_nothing_is_decided_twice(campus: Campus) -> None:
    campus.browser("principal").send_form(ROW, **TYPED)
    rid = proposal(campus)
    assert campus.browser("deputy").send_form("/rulebook", proposal=rid, decision="refuse", remark="先不改").status_code == 303
    assert length_on(campus, "2025-12-05") == 7
    assert campus.browser("office").send_form("/rulebook", proposal=rid, decision="confirm").status_code == 409
    assert campus.browser("office").send_form("/rulebook", proposal="0" * 64, decision="confirm").status_code == 404
    with campus.wiring.store.read() as conn:
        assert [key for key in rows.of_feed(conn, SCHOOL, "rules") if "return_by" in key and "school:" in key] == []


def test_a_row_that_waited_until_its_day_had_passed_is_not_dated_back(campus: Campus) -> None:
    campus.browser("office").send_form(ROW, **TYPED)
    campus.now += dt.timedelta(days=30)
    principal, rid = campus.browser("principal"), proposal(campus)
    late = principal.send_form("/rulebook", proposal=rid, decision="confirm")
    assert (late.headers["location"], length_on(campus, "2025-12-05")) == ("/rulebook?done=past", 7)
    assert "日子已经过了" in principal.text("/rulebook?done=past")
    assert principal.send_form("/rulebook", proposal=rid, decision="refuse").headers["location"] == "/rulebook?done=refused"


@pytest.mark.parametrize(
    ("key", "change", "fault"),
    [
        ("return_by", {"value": "many"}, "这个规定填得不对"), ("return_by", {"value": "7 8"}, "这个规定填得不对"), ("return_by", {"effective_from": "x"}, "请填从哪天起"),
        ("return_by", {"source": " "}, "请写依据的文件"), ("return_by", {"because": ""}, "请写理由"), ("return_by", {"counted": "sideways"}, "这个规定填得不对"),
        ("daily_report_am", {"value": "25:00"}, "这个规定填得不对"), ("target.dropout.primary", {"value": "-1"}, "这个规定填得不对"),
        ("monthly_report", {"value": "32"}, "这个规定填得不对"), ("papers.Z1", {"value": ""}, "这个规定填得不对"), ("confirm_needs_mark", {"value": "maybe"}, "这个规定填得不对"),
        ("report_sessions", {"value": "am midnight"}, "这个规定填得不对"), ("case_reports", {"value": "RA RZ"}, "这个规定填得不对"),
        ("papers.Z1", {"value": "promise"}, "这个规定填得不对"), ("left_evidence", {"value": "none"}, "这个规定填得不对"),
        ("return_by", {"effective_from": "2025-11-19"}, "不能早于今天"),
        ("return_by", {"effective_from": "20260301"}, "请填从哪天起"), ("target.dropout.primary", {"value": "1e999999999"}, "这个规定填得不对"),
        ("number.N1", {"value": "责令〔{year}〕{n}号"}, "只有政府能用"), ("number.reports", {"value": "罚款{year}-{n}"}, "只有政府能用"), ("contact.school", {"value": "处罚科 12000000000"}, "只有政府能用"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_right_is_refused_with_a_sentence(
    campus: Campus, key: str, change: dict[str, str], fault: str
) -> None:
    answer = campus.browser("office").send_form(f"/rulebook/{key}", **{**TYPED, **change})
    assert answer.status_code == 422
    assert fault in answer.text
    with campus.wiring.store.read() as conn:
        assert typed.of_type(conn, SCHOOL, "rule") == []


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("followups", "2, 12，28", [2, 12, 28]), ("daily_report_am", "08:10", "08:10"), ("target.dropout.junior", "1.2", "1.2"),
        ("monthly_report", "28", 28), ("confirm_needs_mark", "no", False), ("left_evidence", "both", "both"), ("report_sessions", "am noon", ["am", "noon"]),
        ("number.N1", "石桥劝学〔{year}〕{n}号", "石桥劝学〔{year}〕{n}号"),
    ],
)  # fmt: skip
def test_every_kind_of_value_can_be_changed(campus: Campus, key: str, value: str, kept: object) -> None:
    assert campus.browser("office").send_form(f"/rulebook/{key}", **{**TYPED, "value": value}).status_code == 303
    campus.browser("principal").send_form("/rulebook", proposal=proposal(campus), decision="confirm")
    with campus.wiring.store.read() as conn:
        assert rulebook.book(conn, SCHOOL).on(dt.date(2025, 12, 1)).rule(key).value == kept
        for entry in typed.of_type(conn, SCHOOL, "rule"):
            KIND.check(entry.record)


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_everybody_reads_few_propose_and_few_confirm(campus: Campus, login: str) -> None:
    browser = campus.browser(login)
    assert browser.get("/rulebook").status_code == 200
    assert browser.get("/rulebook/nonsense").status_code == 404
    assert browser.send_form(ROW, **TYPED).status_code == (303 if login in {"principal", "office"} else 403)
    campus.browser("principal" if login == "office" else "office").send_form(ROW, **TYPED)
    answer = browser.send_form("/rulebook", proposal=proposal(campus), decision="refuse")
    assert answer.status_code == (303 if login in {"principal", "deputy", "office"} else 403)


def test_every_row_opens_with_its_form(campus: Campus) -> None:
    office = campus.browser("office")
    for row in default_rows():
        page = office.get(f"/rulebook/{row['key']}")
        assert page.status_code == 200
        assert 'name="value"' in page.text


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_every_row_has_a_name(locale: str) -> None:
    say = load_wording(locale)
    assert [row["key"] for row in default_rows() if not say.has(f"ruledesk.key.{row['key']}")] == []
    assert [row["key"] for row in default_rows() if not say.has(f"duties.clause.{row['clause']}")] == []


def test_where_a_shipped_rule_comes_from_is_said_in_words_and_a_schools_own_source_stands(campus: Campus) -> None:
    for locale in ("zh_CN", "en"):
        say = load_wording(locale)
        assert [row["source"] for row in default_rows() if source_told(row["source"], say) == row["source"]] == []
        assert source_told("县教体局〔2025〕12号", say) == "县教体局〔2025〕12号"
    page = campus.browser("office").text("/rulebook")
    assert "随程序提供（各地不同；默认按学校劝学书的7天，民法典的数法）" in page
    assert re.findall(r"\b[SOQ]\d+\b|inferred", page) == []
