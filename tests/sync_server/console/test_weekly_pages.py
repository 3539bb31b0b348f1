"""The weekly report: computed from the days, sealed with the hash of its figures, and open to no silent change."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from casebook.errors import RecordMalformed
from casebook.kinds.weekly import KIND, sha256_of
from casebook.records import Record
from sync_server.store import rows, typed
from sync_server.store.rows import ScopedRow
from tests.sync_server.console.campus import PEOPLE, SCHOOL, TODAY, WANG, Campus

WEEK, ROOM, MONDAY = "/weekly", "/weekly/class82", "2025-11-17"
DAYS = [dt.date(2025, 11, 17) + dt.timedelta(days=n) for n in range(5)]


def call_the_roll(campus: Campus, absent_on: tuple[dt.date, ...] = ()) -> None:
    """The class teacher of 8(2) reports every day of the week."""
    for day in DAYS:
        campus.now = TODAY.replace(day=day.day, hour=8, minute=5)
        away = {f"kind-{WANG}": "unexcused"} if day in absent_on else {}
        told = {"day": day.isoformat(), "session": "am", **away}
        assert campus.browser("teacher82").send_form("/attendance/class82", **told).status_code == 303
    campus.now = TODAY.replace(hour=17)


def sign(campus: Campus, login: str = "director8"):  # type: ignore[no-untyped-def]
    browser = campus.browser(login)
    fields = dict(re.findall(r'name="(seen-\w+)" value="(\w{64})"', browser.get(f"{WEEK}?day={MONDAY}").text))
    return browser.send_form(WEEK, day=MONDAY, **fields)


def weeks(campus: Campus):  # type: ignore[no-untyped-def]
    with campus.wiring.store.read() as conn:
        return [entry.record for entry in typed.of_type(conn, SCHOOL, "weekly")]


def test_the_week_is_the_sum_of_its_days_and_no_change_is_written_out(campus: Campus) -> None:
    call_the_roll(campus, (DAYS[3],))
    page = campus.browser("director8").text(f"{ROOM}?day={MONDAY}")
    assert "11月20日（周四） 1 0 0 0 0 1 0 王小明 无变动" in page
    assert "11月21日（周五） 1 1 0 0 0 0 0 无变动" in page
    assert "11月20日（周四） 王小明：没有家访" in page
    listed = campus.browser("director8").text(f"{WEEK}?day={MONDAY}")
    assert "八年级(2)班 1 0 0 0 0 0 0 1 无变动 没有签 全年级 1 0 0 0 0 0 0 1" in listed


def test_late_children_are_not_counted_as_late_visits(campus: Campus) -> None:
    campus.now = TODAY.replace(hour=8, minute=5)
    campus.browser("teacher82").send_form("/attendance/class82", day="2025-11-21", session="am", **{f"kind-{WANG}": "late"})
    campus.now = TODAY.replace(hour=17)
    assert "全年级 0 0 0 0 0 0 0 0" in campus.browser("director8").text(f"{WEEK}?day={MONDAY}")


def test_the_director_signs_the_exact_figures_as_a_sealed_record(campus: Campus) -> None:
    call_the_roll(campus)
    waits = "有 1 个班的周报还没有签"
    assert waits in campus.browser("director8").text("/") and waits not in campus.browser("principal").text("/")
    assert sign(campus).headers["location"] == f"/weekly?day={MONDAY}&done=signed"
    assert waits not in campus.browser("director8").text("/")
    (record,) = weeks(campus)
    assert (record.author, record.body["role"], record.body["first"]) == (PEOPLE["director8"][0], "grade_director", MONDAY)
    assert record.body["sha256"] == sha256_of(record.body["figures"])
    page = campus.browser("office").text(f"{ROOM}?day={MONDAY}")
    assert "已签" in page
    assert f"校验码 {record.body['sha256']}" in page
    assert sign(campus).status_code == 303
    assert len(weeks(campus)) == 1


def test_a_correction_after_the_signature_shows_and_can_be_signed_again(campus: Campus) -> None:
    call_the_roll(campus)
    sign(campus)
    campus.now = TODAY + dt.timedelta(days=3)
    told = {"day": "2025-11-19", "session": "am", "reason": "当时看错了", f"kind-{WANG}": "unexcused"}
    campus.browser("office").send_form("/attendance/class82", **told)
    page = campus.browser("director8").text(f"{ROOM}?day={MONDAY}")
    assert "签后有改动" in page
    assert "签字以后改动的：11月19日（周三）、家访" in page
    assert "王小明：在校→未请假（贾主任，当时看错了）" in page
    sign(campus)
    first, second = weeks(campus)
    assert first.body["figures"] != second.body["figures"]
    assert len(second.amends) == 1
    assert "已签" in campus.browser("director8").text(f"{WEEK}?day={MONDAY}")


def test_what_changed_while_it_was_looked_at_is_not_signed(campus: Campus) -> None:
    call_the_roll(campus)
    answer = campus.browser("director8").send_form(WEEK, day=MONDAY, **{"seen-class82": "0" * 64})
    assert answer.status_code == 409
    assert "还没有签。请再看一遍" in answer.text
    assert weeks(campus) == []


def test_a_week_that_is_not_over_cannot_be_signed(campus: Campus) -> None:
    call_the_roll(campus)
    campus.now = TODAY - dt.timedelta(days=1)
    browser = campus.browser("director8")
    assert "还没过完" in browser.text(f"{ROOM}?day={MONDAY}")
    assert "seen-class82" not in browser.get(f"{WEEK}?day={MONDAY}").text


def test_a_child_that_has_moved_to_another_class_keeps_no_week_from_being_signed(campus: Campus) -> None:
    """What the director looked at among all classes is what is signed for the one."""
    call_the_roll(campus, (DAYS[3],))
    with campus.wiring.store.read() as conn:
        row = rows.one(conn, SCHOOL, "students", WANG)
    assert row is not None
    stays = [["class82", "2025-09-01", "2025-11-20"], ["class71", "2025-11-21", None]]
    moved = ScopedRow("students", WANG, "class:class71", {**row, "class_id": "class71", "stays": stays})
    campus.wiring.store.run_tx(lambda conn: rows.put(conn, SCHOOL, [moved], campus.wiring.now()))
    assert sign(campus, "principal").status_code == 303
    assert "11月20日（周四） 王小明：没有家访" in campus.browser("director8").text(f"{ROOM}?day={MONDAY}")


def test_a_leave_of_a_key_student_that_nobody_checked_excuses_no_day_of_the_week(campus: Campus) -> None:
    """R17: after a day it counts as unexcused, in the report as everywhere."""
    call_the_roll(campus, (DAYS[0],))
    asked = {"first": "2025-11-17", "last": "2025-11-17", "kind": "sick", "asked_by": "奶奶", "reason": "发烧", "proof": "message"}
    assert campus.browser("office").send_form(f"/cases/{WANG}/leaves", **asked).status_code == 303
    listed = campus.browser("director8").text(f"{ROOM}?day={MONDAY}")
    assert "11月17日（周一） 1 0 0 1 0 0 0" in listed
    campus.now += dt.timedelta(hours=25)
    assert "11月17日（周一） 1 0 0 0 0 1 0 王小明" in campus.browser("director8").text(f"{ROOM}?day={MONDAY}")


def test_days_without_a_report_are_named(campus: Campus) -> None:
    campus.now = TODAY.replace(hour=17)
    assert "缺报5天" in campus.browser("director8").text(f"{WEEK}?day={MONDAY}")
    campus.now -= dt.timedelta(days=3)  # days to come are no debt
    assert "缺报2天" in campus.browser("director8").text(f"{WEEK}?day={MONDAY}")


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_who_reads_and_who_signs(campus: Campus, login: str) -> None:
    campus.now = TODAY.replace(hour=17)
    browser = campus.browser(login)
    reads = {"principal", "deputy", "office", "registrar", "moral", "director8", "teacher82"}
    assert browser.get(ROOM).status_code == (200 if login in reads else 403)
    answer = browser.send_form(WEEK, day=MONDAY, **{"seen-class82": "0" * 64})
    assert answer.status_code == (409 if login in {"principal", "director8"} else 403)


def test_a_week_whose_hash_is_not_its_figures_is_no_record(campus: Campus) -> None:
    call_the_roll(campus)
    sign(campus)
    (record,) = weeks(campus)
    KIND.check(record)
    forged: Record = replace(record, body={**record.body, "figures": {**record.body["figures"], "totals": {"sick": 1}}})
    with pytest.raises(RecordMalformed):
        KIND.check(forged)


def test_the_weeks_report_takes_the_figures_that_were_signed(campus: Campus) -> None:
    call_the_roll(campus, (DAYS[3],))
    page = campus.browser("office").text("/papers/report?v=RF")
    assert "2025年11月17日至2025年11月23日考勤周报：" in page
    assert "八年级(2)班：本周周报还没有签字。" in page
    sign(campus)
    page = campus.browser("office").text("/papers/report?v=RF")
    assert "八年级(2)班：点名5天；未请假1人次；学籍变动0人次。 其中缺席当天没有按时家访的1次。" in page
    assert "七年级(1)班：本周周报还没有签字。" in page
    assert "更正" not in page
