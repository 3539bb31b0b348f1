"""The account page: phones and enrolment codes."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from casebook.ed25519 import Ed25519Signer
from casebook.errors import CodeExpired
from casebook.protocol import EnrolRequest, b64
from tests.sync_server.console.campus import PEOPLE, Campus


def enrol(campus: Campus, code: str) -> str:
    """Enrols a phone with a code; the account it now belongs to."""
    key = b64(Ed25519Signer.generate().public_key)
    return campus.wiring.enrolment.enrol(EnrolRequest(code, key, "new phone", "android", "0.1")).account.id


def test_a_phone_is_listed_with_owner_last_record_and_state(campus: Campus) -> None:
    campus.receive(campus.visit())
    page = campus.browser("principal").text("/account")
    assert "萧洁荷的手机" in page
    assert re.search(r"萧洁荷 11月20日（周四） 11月20日（周四） 19:40 1 在用", page)


def test_an_address_that_only_this_computer_knows_is_given_to_no_phone(campus: Campus) -> None:
    browser = campus.browser("office")
    here = {"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
    answer = browser.post("/account/codes", data={"account": PEOPLE["teacher71"][0]}, headers=here)
    assert answer.status_code == 200 and "手机不能用" in answer.text and "127.0.0.1" not in answer.text


@pytest.mark.parametrize(("login", "sees"), [("office", True), ("deputy", True), ("teacher82", True), ("teacher71", False), ("registrar", False)])
def test_teachers_see_their_own_phones_only(campus: Campus, login: str, sees: bool) -> None:
    campus.phone("teacher82")
    assert ("萧洁荷的手机" in campus.browser(login).text("/account")) == sees


def test_a_code_is_shown_once_large_and_enrols_the_phone_of_its_owner(campus: Campus) -> None:
    browser = campus.browser("office")
    answer = browser.send_form("/account/codes", account=PEOPLE["teacher71"][0])
    assert answer.status_code == 200
    assert "李秋芳的登记码" in answer.text
    assert "09:10 前有效，只能用一次。" in answer.text
    assert "学校地址：http://sync.local</p>" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    found = re.search(r'class="code">([^<]+)<', answer.text)
    assert found is not None
    assert found[1] not in browser.get("/account").text
    assert found[1] not in str(campus.sql("SELECT * FROM enrol_code")) + str(campus.sql("SELECT * FROM audit"))
    assert enrol(campus, found[1]) == PEOPLE["teacher71"][0]
    assert ("make_enrol_code", f"account:{PEOPLE['teacher71'][0]}") in campus.audit()


def test_a_code_ends_after_ten_minutes(campus: Campus) -> None:
    answer = campus.browser("principal").send_form("/account/codes", account=PEOPLE["teacher71"][0])
    found = re.search(r'class="code">([^<]+)<', answer.text)
    assert found is not None
    campus.now += dt.timedelta(minutes=10, seconds=1)
    with pytest.raises(CodeExpired):
        enrol(campus, found[1])


@pytest.mark.parametrize("login", ["deputy", "registrar", "teacher82", "moral", "duty"])
def test_nobody_else_makes_codes(campus: Campus, login: str) -> None:
    browser = campus.browser(login)
    assert "生成登记码" not in browser.text("/account")
    assert browser.send_form("/account/codes", account=PEOPLE[login][0]).status_code == 403
    assert campus.sql("SELECT * FROM enrol_code") == []


def test_a_code_for_nobody_is_refused(campus: Campus) -> None:
    browser = campus.browser("office")
    campus.sql("UPDATE account SET active = 0 WHERE login = 'duty'")
    for account in ("", "unknown", PEOPLE["duty"][0]):
        assert browser.send_form("/account/codes", account=account).status_code == 404
