"""Who is named to one child — counsellor or helper — reads that child alone, and of what is confidential what is theirs."""

from __future__ import annotations

import pytest

from sync_server.store import accounts, reach
from sync_server.store import register as kept
from sync_server.store.register import Authorship, Entry
from tests.sync_server.console.campus import LIHUA, PEOPLE, SCHOOL, WANG, Campus

NAMED = "duty"  # the person of the campus who is named to the first child
NOTE, COMPLAINT, CARE = "手臂上有一道旧伤", "老师当众罚站", "心理要关注"
SAFETY = {"worry": "child teacher", "alert_kinds": "abuse", "alert_urgency": "watch", "alert_told": "nobody",
          "alert_facts": NOTE, "teacher_reasons": "TE1", "teacher_about": "unsaid", "teacher_facts": COMPLAINT}  # fmt: skip


@pytest.fixture
def visit(campus: Campus) -> str:
    made = campus.visit(WANG, "teacher82", **SAFETY)
    return campus.receive(campus.rewritten(made, set={"key_flags_private": "KS11"}, base={}))


def named(campus: Campus, role: str) -> None:
    """The person gets the role and the child."""
    who, now = PEOPLE[NAMED][0], campus.wiring.now()

    def write(conn) -> None:  # type: ignore[no-untyped-def]
        accounts.set_roles(conn, SCHOOL, who, [role])
        reach.grant(conn, SCHOOL, who, f"case:{WANG}", now)
        for child in (WANG, LIHUA):
            kept.put(conn, SCHOOL, [Entry("student", child, {"key_flags": ["KS11"]})], Authorship(who, now, "test"))

    campus.wiring.store.run_tx(write)


@pytest.mark.parametrize(("role", "reads_care"), [
    ("counsellor", True), ("subject_teacher", False), ("class_teacher", False), ("general_affairs", False),
])  # fmt: skip
def test_a_helper_reads_the_named_child_and_only_the_counsellor_the_state_of_mind(
    campus: Campus, visit: str, role: str, reads_care: bool
) -> None:
    named(campus, role)
    browser = campus.browser(NAMED)
    page = browser.text(f"/cases/{WANG}")
    assert (CARE in page) is reads_care
    assert ("心理关注" in page) is reads_care
    assert browser.get(f"/cases/{LIHUA}").status_code == 403
    opened = browser.text(f"/visits/{visit}")
    assert "奶奶说孩子夜里发烧" in opened
    assert NOTE not in opened
    assert COMPLAINT not in opened


def test_protection_notes_and_complaints_stay_with_principal_moral_education_and_their_author(
    campus: Campus, visit: str
) -> None:
    named(campus, "counsellor")
    for login, reads in (("principal", True), ("moral", True), ("teacher82", True), (NAMED, False), ("office", False)):
        page = campus.browser(login).text(f"/visits/{visit}")
        assert (NOTE in page) is reads, login
        assert (COMPLAINT in page) is reads, login


def test_a_counsellor_reads_what_a_counsellor_wrote_in_confidence(campus: Campus) -> None:
    named(campus, "counsellor")
    own = campus.receive(campus.visit(WANG, NAMED, **SAFETY))
    assert NOTE in campus.browser(NAMED).text(f"/visits/{own}")
    assert NOTE not in campus.browser("teacher82").text(f"/visits/{own}")


def test_the_state_of_mind_of_other_children_is_closed_to_the_counsellor(campus: Campus, visit: str) -> None:
    campus.wiring.store.run_tx(lambda conn: accounts.set_roles(conn, SCHOOL, PEOPLE[NAMED][0], ["counsellor"]))
    assert campus.browser(NAMED).get(f"/cases/{WANG}").status_code == 403
    assert campus.browser(NAMED).get(f"/visits/{visit}").status_code == 403


def test_a_name_typed_into_a_visit_opens_it_to_a_colleague_of_that_name_and_is_no_account(campus: Campus) -> None:
    stranger = campus.receive(campus.visit(WANG, "teacher82", covisitors="赵村主任"))
    assert campus.browser("fellow").get(f"/visits/{stranger}").status_code == 403
    assert campus.browser("fellow").get(f"/cases/{WANG}").status_code == 403
    assert not campus.sql("SELECT account FROM account WHERE name = '赵村主任'")
    joined = campus.receive(campus.visit(WANG, "teacher82", covisitors="郭谷"))
    assert campus.browser("fellow").get(f"/visits/{joined}").status_code == 200


def test_a_colleague_named_by_account_has_the_duty_and_one_named_in_a_visit_has_none(campus: Campus) -> None:
    campus.absence(WANG, "2025-11-21")
    campus.receive(campus.visit(WANG, "teacher82", covisitors="郭谷"))
    assert "没有符合的事" in campus.browser("fellow").text("/duties?whose=mine")
    campus.wiring.store.run_tx(lambda conn: reach.grant(conn, SCHOOL, PEOPLE["fellow"][0], f"case:{WANG}", campus.wiring.now()))
    assert "王小明" in campus.browser("fellow").text("/duties?whose=mine")
