"""The case file: contact card, values with provenance, conflicts side by side, everything in order."""

from __future__ import annotations

import pytest

from tests.sync_server.console.campus import LIHUA, REMARK, WANG, Campus

NEW_PHONE, OTHER_PHONE = "12000001711", "12000001722"


def test_the_contact_card_masks_the_identity_number(campus: Campus) -> None:
    page = campus.browser("principal").text(f"/cases/{WANG}")
    for words in ("王小明 · 一生一案", "男 · 14 岁", "…0179", "石桥镇新寨村五组87号", "覃翊木", "12000001701", "厌学、父母外出"):
        assert words in page, words


def test_values_come_with_who_when_and_a_way_to_the_record(campus: Campus) -> None:
    visit = campus.receive(campus.visit())
    answer = campus.browser("principal").get(f"/cases/{WANG}")
    page = campus.browser("principal").text(f"/cases/{WANG}")
    assert "正当理由 生病 11月20日（周四） · 萧洁荷" in page
    assert "预计返校 11月24日（周一）" in page
    assert f'<a href="/visits/{visit}">11月20日（周四）</a>' in answer.text


def test_the_timeline_runs_from_the_oldest_to_the_newest(campus: Campus) -> None:
    campus.absence(WANG)
    made = campus.visit()
    visit = campus.receive(made)
    fields = {"version": made.sealed.rid, "decision": "returned", "remark": REMARK}
    campus.browser("principal").send_form(f"/visits/{visit}/review", **fields)
    campus.receive(campus.supplement(made))
    page = campus.browser("principal").text(f"/cases/{WANG}")
    page = page[page.index("经过") :]
    places = [page.index(words) for words in ("审核退回", "未到校家访 · 补充")]
    assert places == sorted(places)
    assert REMARK in page
    assert "未到校家访" in page[: places[0]]
    assert "缺勤，没有请假" in page


def test_what_is_to_be_done_stands_on_top_with_its_rule(campus: Campus) -> None:
    campus.absence(WANG)
    page = campus.browser("teacher82").text(f"/cases/{WANG}")
    assert " · 11月20日（周四） 已过期 班主任、家访教师 · R25" in page


def test_values_in_conflict_stand_side_by_side_and_the_old_one_is_used(campus: Campus) -> None:
    campus.disagree(NEW_PHONE, OTHER_PHONE)
    page = campus.browser("teacher82").text(f"/cases/{WANG}")
    assert "信息不一致" in page
    assert f"{NEW_PHONE} 萧洁荷 11月20日（周四） 16:20 未到校家访" in page
    assert f"{OTHER_PHONE} 郭谷 11月20日（周四） 16:20 未到校家访" in page
    assert "定下来以前，还用联系卡上的：12000001701" in page
    assert "用这个" not in page
    assert "用这个" in campus.browser("office").text(f"/cases/{WANG}")


def test_a_value_that_stood_before_the_conflict_is_used_until_somebody_decides(campus: Campus) -> None:
    campus.receive(campus.visit(contact_changed="phone", guardian_phone="12000001700"))
    campus.disagree(NEW_PHONE, OTHER_PHONE)
    assert "定下来以前，还用原来的：12000001700" in campus.browser("office").text(f"/cases/{WANG}")


@pytest.mark.parametrize("login", ["principal", "office"])
def test_the_office_decides_a_conflict_and_both_values_stay_in_the_records(campus: Campus, login: str) -> None:
    campus.disagree(NEW_PHONE, OTHER_PHONE)
    browser = campus.browser(login)
    assert campus.browser("office").text("/conflicts").count("监护人电话") == 1
    chosen = next(v for v in campus.case_file(WANG).conflicts()["guardian_phone"] if v.value == OTHER_PHONE)
    fields = {"prop": "guardian_phone", "rid": chosen.rid}
    answer = browser.send_form(f"/cases/{WANG}/resolve", **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{WANG}?done=resolved")
    file = campus.case_file(WANG)
    assert file.conflicts() == {}
    assert file.text("guardian_phone") == OTHER_PHONE
    assert len(file.visits) == 2
    assert "定下不一致的信息" in browser.text(f"/cases/{WANG}")
    assert ("resolve", f"case:{WANG}") in campus.audit()
    assert browser.send_form(f"/cases/{WANG}/resolve", **fields).status_code == 409


@pytest.mark.parametrize("login", ["teacher82", "registrar", "deputy", "fellow", "duty"])
def test_nobody_else_decides_a_conflict(campus: Campus, login: str) -> None:
    campus.disagree(NEW_PHONE, OTHER_PHONE)
    chosen = campus.case_file(WANG).conflicts()["guardian_phone"][0]
    fields = {"prop": "guardian_phone", "rid": chosen.rid}
    assert campus.browser(login).send_form(f"/cases/{WANG}/resolve", **fields).status_code == 403
    assert "guardian_phone" in campus.case_file(WANG).conflicts()


def test_a_value_that_does_not_stand_in_a_conflict_cannot_be_chosen(campus: Campus) -> None:
    campus.receive(campus.visit())
    browser = campus.browser("office")
    for child, prop in ((WANG, "guardian_phone"), (WANG, "state"), (WANG, ""), ("nobody", "guardian_phone")):
        status = browser.send_form(f"/cases/{child}/resolve", prop=prop, rid="0" * 64).status_code
        assert status == (404 if child == "nobody" else 409)


def test_restricted_values_are_for_few(campus: Campus) -> None:
    made = campus.visit(worry="teacher", teacher_reasons="TE1", teacher_about="unsaid", teacher_facts="说老师打了手心")
    campus.receive(made)
    for login, reads in (("principal", True), ("moral", True), ("teacher82", True), ("office", False), ("registrar", False)):
        assert ("说老师打了手心" in campus.browser(login).text(f"/cases/{WANG}")) == reads, login
        status = campus.browser(login).get(f"/records/{made.sealed.rid}").status_code
        assert status == (200 if reads else 403), login


def test_the_case_file_of_an_unknown_child_is_told_in_plain_words(campus: Campus) -> None:
    assert "没有这个学生。" in campus.browser("principal").text("/cases/unknown", 404)


def test_every_look_into_a_case_file_leaves_a_line(campus: Campus) -> None:
    campus.browser("principal").get(f"/cases/{LIHUA}")
    assert campus.audit()[-1] == ("read_case", f"case:{LIHUA}")
    campus.browser("teacher82").get(f"/cases/{LIHUA}")
    assert campus.audit()[-1] == ("read_case", f"case:{LIHUA}")
    assert len([line for line in campus.audit() if line[0] == "read_case"]) == 1
