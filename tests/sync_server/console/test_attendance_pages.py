"""Headcounts in the console: what is missing burns first, corrections keep the old value, the checker counts blindly."""

from __future__ import annotations

import datetime as dt

import pytest

from assets import load_wording
from casebook.records import decode
from sync_server.store import numbers, typed
from tests.sync_server.console.campus import LIHUA, PEOPLE, SCHOOL, TODAY, WANG, Campus

ROOM, DAY = "/attendance/class82", "2025-11-21"
EARLY, LATE = TODAY.replace(hour=8, minute=10), TODAY.replace(hour=8, minute=45)


def report(campus: Campus, login: str = "teacher82", at: dt.datetime = EARLY, room: str = "class82", **fields: str):  # type: ignore[no-untyped-def]
    """Somebody calls the roll in the console at a time of his own."""
    before, campus.now = campus.now, at
    try:
        kinds = {f"kind-{child}": kind for child, kind in fields.pop("absent", {}).items()}  # type: ignore[attr-defined]
        told = {"day": DAY, "session": "am", **fields, **kinds}
        return campus.browser(login).send_form(f"/attendance/{room}", **told)
    finally:
        campus.now = before


def test_a_class_that_reported_nothing_stands_first_once_its_hour_is_past(campus: Campus) -> None:
    report(campus, "teacher71", room="class71")
    campus.now = EARLY
    assert "还没到时间 1 已报 1" in campus.browser("office").text("/attendance")
    campus.now = TODAY
    page = campus.browser("office").text("/attendance")
    assert "没有报 1 已报 1" in page
    assert page.index("八年级(2)班") < page.index("七年级(1)班")
    assert "应在08:30以前" in page
    assert "李秋芳，08:10" in page


def test_the_director_sees_the_own_grade_and_the_teacher_the_own_class(campus: Campus) -> None:
    for login, seen, hidden in (("director8", "八年级(2)班", "七年级(1)班"), ("teacher71", "七年级(1)班", "八年级(2)班")):
        page = campus.browser(login).text("/attendance")
        assert (seen in page, hidden in page) == (True, False)
    assert campus.browser("teacher71").get(ROOM).status_code == 403


def test_a_late_report_is_marked_and_a_later_correction_does_not_make_one_late(campus: Campus) -> None:
    report(campus, at=LATE)
    assert "（迟报）" in campus.browser("director8").text("/attendance")
    report(campus, "teacher71", room="class71")
    report(campus, "office", at=TODAY, room="class71", absent={LIHUA: "sick"}, reason="家长送来病假条")
    page = campus.browser("office").text("/attendance/class71")
    assert "已报" in page
    assert "迟报" not in page


def test_a_correction_keeps_the_old_value_its_author_and_the_reason(campus: Campus) -> None:
    assert report(campus, absent={WANG: "unexcused"}).status_code == 303
    refused = report(campus, "office", at=TODAY, absent={WANG: "sick"})
    assert refused.status_code == 422
    assert "更正要写原因" in refused.text
    assert report(campus, "office", at=TODAY, absent={WANG: "sick"}, reason="奶奶送来病假条").status_code == 303
    page = campus.browser("director8").text(f"{ROOM}?day={DAY}")
    history = page[page.index("改动经过") :]
    assert "萧洁荷 · 应到 1 · 实到 0 最初" in history
    assert "贾主任 · 应到 1 · 实到 0 王小明：未请假→病假 原因：奶奶送来病假条" in history
    with campus.wiring.store.read() as conn:
        first, second = typed.of_type(conn, SCHOOL, "headcount")
    assert second.record.amends == (first.rid,)
    assert second.record.author == PEOPLE["office"][0]
    assert ("enter_headcount", "class:class82") in campus.audit()


def test_a_case_that_a_headcount_in_the_console_opens_has_its_number_at_once(campus: Campus) -> None:
    for day in ("2025-11-18", "2025-11-19", "2025-11-20", DAY):
        for session in ("am", "pm"):
            report(campus, day=day, session=session, at=TODAY, absent={WANG: "unexcused"})
    with campus.wiring.store.read() as conn:
        life, given = campus.wiring.lives.of(conn, WANG), numbers.of_case(conn, SCHOOL, WANG)
    assert life.episode is not None
    assert given.keys() == {life.episode.number}


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"day": "2025-11-22"}, "这一天不上课，或者还没到"), ({"day": "2025-11-24"}, "这一天不上课，或者还没到"), ({"day": "x"}, "这一天不上课"),
        ({"session": "lesson"}, "请选上午、中午或下午"), ({"absent": {WANG: "bored"}}, "不认识的学生或情况"), ({"absent": {LIHUA: "sick"}}, "不认识的学生或情况"),
    ],
)  # fmt: skip
def test_a_headcount_that_cannot_be_right_is_refused_and_nothing_is_written(
    campus: Campus, fields: dict[str, str], fault: str
) -> None:
    answer = report(campus, **fields)
    assert answer.status_code == 422
    assert fault in answer.text
    with campus.wiring.store.read() as conn:
        assert typed.of_type(conn, SCHOOL, "headcount") == []


def test_saying_the_same_again_is_no_correction(campus: Campus) -> None:
    report(campus)
    assert "和已经报的一样" in report(campus, "office", at=TODAY, reason="再看一遍").text


def test_the_duty_checker_sees_heads_and_no_name_until_heads_differ(campus: Campus) -> None:
    report(campus)
    duty = campus.browser("duty")
    page = duty.text(ROOM)
    assert "这里只显示人数" in page
    assert "王小明" not in page
    assert duty.send_form(ROOM, day=DAY, session="am", reason="没看见", **{f"kind-{WANG}": "unexcused"}).status_code == 403
    assert duty.send_form(f"{ROOM}/check", heads="1").status_code == 303
    assert "王小明" not in duty.text(ROOM)
    assert duty.send_form(f"{ROOM}/check", heads="0").status_code == 303
    page = duty.text(ROOM)
    assert "数到0人，班级报的是1人" in page
    assert "王小明" in page
    found = duty.send_form(ROOM, day=DAY, session="am", reason="教室里没有", **{f"kind-{WANG}": "unexcused"})
    assert found.status_code == 303
    assert "王小明：在校→未请假" in campus.browser("office").text(ROOM)


def test_a_check_is_an_independent_record_and_shown_to_the_director_at_once(campus: Campus) -> None:
    report(campus)
    campus.browser("duty").send_form(f"{ROOM}/check", heads="0")
    with campus.wiring.store.read() as conn:
        check = typed.of_type(conn, SCHOOL, "headcount")[-1].record
    assert (check.body["session"], check.body["source"], check.body["present"]) == ("lesson", "duty", 0)
    assert check.amends == ()
    assert "人数对不上" in campus.browser("director8").text("/attendance")
    assert load_wording()("rule.duty.check_heads") in campus.browser("director8").text("/")


@pytest.mark.parametrize("heads", ["2", "-1", "", "x"])
def test_heads_that_cannot_be_are_refused(campus: Campus, heads: str) -> None:
    answer = campus.browser("duty").send_form(f"{ROOM}/check", heads=heads)
    assert answer.status_code == 422
    assert "请填数到的人数" in answer.text


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_who_reads_and_who_writes(campus: Campus, login: str) -> None:
    browser = campus.browser(login)
    reads = {"principal", "deputy", "office", "registrar", "moral", "director8", "teacher82", "duty"}
    writes = {"principal", "office", "director8", "teacher82"}
    assert browser.get(ROOM).status_code == (200 if login in reads else 403)
    assert report(campus, login).status_code == (303 if login in writes else 403)


def test_a_past_day_shows_what_was_and_a_day_off_asks_nothing(campus: Campus) -> None:
    report(campus)
    campus.now = TODAY + dt.timedelta(days=1)
    office = campus.browser("office")
    assert "这一天不上课" in office.text("/attendance")
    assert "李秋芳" in office.text(f"/attendance?day={DAY}")
    assert "萧洁荷，08:10" in office.text(f"/attendance?day={DAY}")
    assert "11月20日" in office.text("/attendance?day=2025-11-20")


def test_the_headcount_is_sealed_and_its_bytes_say_what_the_page_says(campus: Campus) -> None:
    report(campus, absent={WANG: "unexcused"})
    with campus.wiring.store.read() as conn:
        entry = typed.of_type(conn, SCHOOL, "headcount")[0]
    ((payload,),) = campus.sql("SELECT payload FROM record WHERE rid = :rid", rid=entry.rid)
    body = decode(payload).body  # type: ignore[arg-type]
    assert (body["expected"], body["present"]) == (1, 0)
    assert body["absent"] == [{"student": WANG, "kind": "unexcused"}]


def test_a_survey_that_nobody_did_stays_overdue_until_it_is_noted(campus: Campus) -> None:
    """R43: the class was counted in the first week of the term, so its survey is owed."""
    report(campus, at=TODAY.replace(month=9, day=2), day="2025-09-02")
    teacher, start = campus.browser("teacher82"), f"{ROOM}/start"
    assert f'href="{start}"' in teacher.get("/duties").text
    assert "已过期" in teacher.text(start)
    assert campus.browser("teacher71").get(start).status_code == 403
    told = {"day": DAY, "how": "cadres", "found": "两人数学吃力"}
    for change, fault in (({"how": ""}, "至少选一种"), ({"day": "2025-08-20"}, "本学期里"), ({"day": "2025-11-22"}, "本学期里")):
        answer = teacher.send_form(start, **{**told, **change})
        assert (answer.status_code, fault in answer.text) == (422, True)
    assert teacher.send_form(start, **told).status_code == 303
    assert "补上了" in teacher.text(start)
    assert start not in teacher.get("/duties").text
    assert "已经登记过了" in teacher.send_form(start, **told).text
