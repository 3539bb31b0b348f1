"""Accepting and returning: once, complete, never one's own, with a remark; the decision is a sealed record itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from casebook.casefile import Visit
from tests.sync_server.console.campus import LIHUA, PEOPLE, REMARK, WANG, Browser, Campus
from tests.sync_server.schoolhouse import served


def decide(browser: Browser, campus: Campus, visit: str, decision: str, remark: str = "", version: str = ""):  # type: ignore[no-untyped-def]
    head = version or campus.sql("SELECT head FROM visit WHERE visit = :visit", visit=visit)[0][0]
    return browser.send_form(f"/visits/{visit}/review", version=str(head), decision=decision, remark=remark)


def folded(campus: Campus, visit: str, child: str = WANG) -> Visit:
    found = campus.case_file(child).visit(visit)
    assert found is not None
    return found


def test_accepting_writes_a_review_record_of_the_office_in_the_principals_name(campus: Campus) -> None:
    visit, browser = campus.receive(campus.visit()), campus.browser("principal")
    answer = decide(browser, campus, visit, "accepted", "看过了。")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/visits/{visit}?done=accepted")
    found = folded(campus, visit)
    assert found.status == "accepted"
    assert found.review is not None
    record = found.review.record
    assert (record.type, record.author, record.body["version"]) == ("review", PEOPLE["principal"][0], found.head.rid)
    assert campus.sql("SELECT status FROM visit")[0][0] == "accepted"
    page = browser.text(f"/visits/{visit}?done=accepted")
    assert "已通过。老师下次同步会看到。" in page
    assert "徐校长" in page
    assert "看过了。" in page
    assert "这一版已经审核过了。" in page
    assert ("review", f"visit:{visit}") in campus.audit()


def test_returning_needs_a_remark_and_keeps_what_was_typed(campus: Campus) -> None:
    visit, browser = campus.receive(campus.visit()), campus.browser("principal")
    answer = decide(browser, campus, visit, "returned", " 补照 ")
    assert answer.status_code == 400
    assert "退回时要写明原因" in answer.text
    assert "补照" in answer.text
    assert folded(campus, visit).status == "submitted"
    assert decide(browser, campus, visit, "returned", REMARK).status_code == 303
    assert folded(campus, visit).status == "returned"
    assert REMARK in browser.text(f"/visits/{visit}")


def test_a_remark_that_is_too_long_is_refused(campus: Campus) -> None:
    visit = campus.receive(campus.visit())
    assert decide(campus.browser("principal"), campus, visit, "returned", "长" * 501).status_code == 413
    assert folded(campus, visit).status == "submitted"


def test_a_decided_version_is_not_decided_again(campus: Campus) -> None:
    visit = campus.receive(campus.visit())
    decide(campus.browser("principal"), campus, visit, "accepted")
    answer = decide(campus.browser("deputy"), campus, visit, "returned", REMARK)
    assert answer.status_code == 409
    assert "已经有人定过了。" in answer.text
    assert REMARK in answer.text
    assert folded(campus, visit).status == "accepted"
    assert len(campus.case_file(WANG).of_type("review")) == 1


def test_an_incomplete_visit_waits(campus: Campus) -> None:
    visit = campus.receive(campus.visit(), files=2)
    answer = decide(campus.browser("principal"), campus, visit, "accepted")
    assert answer.status_code == 409
    assert "照片和签名还没到齐，到了 2/3。" in answer.text
    assert folded(campus, visit).status == "submitted"


def test_a_newer_version_that_arrived_meanwhile_must_be_read_first(campus: Campus) -> None:
    made = campus.visit()
    visit, browser = campus.receive(made), campus.browser("principal")
    decide(browser, campus, visit, "returned", REMARK)
    campus.receive(campus.supplement(made))
    answer = decide(browser, campus, visit, "accepted", version=made.sealed.rid)
    assert answer.status_code == 409
    assert "您看的时候，老师又送来了新的一版。" in answer.text
    assert folded(campus, visit).status == "submitted"


def test_a_visit_with_a_broken_seal_cannot_be_accepted(campus: Campus) -> None:
    visit = campus.receive(campus.visit())
    campus.sql("UPDATE record SET signature = :zeros WHERE visit = :visit", zeros=b"\0" * 64, visit=visit)
    answer = decide(campus.browser("principal"), campus, visit, "accepted")
    assert answer.status_code == 422
    assert "封存已破损，不能审核" in answer.text


@pytest.mark.parametrize("login", ["office", "registrar", "moral", "director8", "teacher82", "fellow", "duty"])
def test_only_the_principal_and_the_deputy_decide(campus: Campus, login: str) -> None:
    visit = campus.receive(campus.visit())
    assert decide(campus.browser(login), campus, visit, "accepted").status_code == 403
    assert folded(campus, visit).status == "submitted"


def test_nobody_decides_about_a_visit_they_made_themselves(campus: Campus) -> None:
    visit = campus.receive(campus.visit(login="principal"))
    browser = campus.browser("principal")
    assert "这次家访您参加了，要由别人审核。" in browser.text(f"/visits/{visit}")
    assert decide(browser, campus, visit, "accepted").status_code == 403
    assert decide(campus.browser("deputy"), campus, visit, "accepted").status_code == 303


def test_nobody_decides_about_a_visit_they_went_along_on(campus: Campus) -> None:
    visit = campus.receive(campus.visit(covisitors="郭谷、徐校长"))
    assert decide(campus.browser("principal"), campus, visit, "accepted").status_code == 403
    assert folded(campus, visit).status == "submitted"


def test_a_colleague_of_an_earlier_version_does_not_decide_about_the_supplement(campus: Campus) -> None:
    made = campus.visit(covisitors="孙副校长")
    visit = campus.receive(made)
    decide(campus.browser("principal"), campus, visit, "returned", REMARK)
    campus.receive(campus.supplement(made, covisitors="郭谷"))
    assert decide(campus.browser("deputy"), campus, visit, "accepted").status_code == 403


def test_nonsense_changes_nothing(campus: Campus) -> None:
    visit, browser = campus.receive(campus.visit()), campus.browser("principal")
    assert decide(browser, campus, visit, "deleted").status_code == 400
    assert decide(browser, campus, visit, "").status_code == 400
    assert decide(browser, campus, visit, "accepted", version="0" * 64).status_code == 409
    assert browser.send_form("/visits/unknown/review", version="x", decision="accepted").status_code == 404
    assert folded(campus, visit).status == "submitted"


def test_decisions_about_two_children_do_not_touch_each_other(campus: Campus) -> None:
    mine, other = campus.receive(campus.visit()), campus.receive(campus.visit(LIHUA, "teacher71"))
    decide(campus.browser("principal"), campus, mine, "accepted")
    assert folded(campus, other, LIHUA).status == "submitted"


def test_two_decisions_at_the_same_moment_leave_one_record(campus: Campus) -> None:
    made = campus.visit()
    visit = campus.receive(made)
    fields = {"version": made.sealed.rid, "decision": "accepted", "remark": ""}
    cookies = [dict(campus.browser(login).cookies) for login in ("principal", "deputy") for _ in range(2)]
    with served(campus.wiring) as url, ThreadPoolExecutor(len(cookies)) as pool:

        def send(held: dict[str, str]) -> int:
            with httpx.Client(base_url=url, cookies=held, trust_env=False, timeout=60) as browser:
                return browser.post(f"/visits/{visit}/review", data=fields, headers={"Origin": url}).status_code

        assert sorted(pool.map(send, cookies)) == [303, 409, 409, 409]
    assert len(campus.case_file(WANG).of_type("review")) == 1
