"""The door of the console: who gets in, who does not, and what a stranger can learn from it."""

from __future__ import annotations

import datetime as dt

import pytest
from starlette.testclient import TestClient

from sync_server.web.session import TRIES_PER_ADDRESS, TRIES_PER_LOGIN
from tests.sync_server.console.campus import PASSWORD, TODAY, Campus, words


def test_the_right_password_opens_the_console_and_leaves_a_line_in_the_audit(campus: Campus) -> None:
    browser = campus.browser()
    answer = browser.log_in("  Principal ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert "徐校长" in browser.get("/").text
    assert ("login", "console") in campus.audit()


def test_over_https_the_cookie_is_secure(campus: Campus) -> None:
    browser = TestClient(campus.app, base_url="https://sync.local", follow_redirects=False)
    fields = {"login": "principal", "password": PASSWORD}
    answer = browser.post("/login", data=fields, headers={"Origin": "https://sync.local"})
    assert "Secure" in answer.headers["set-cookie"]


def test_only_the_hash_of_the_token_is_kept(campus: Campus) -> None:
    browser = campus.browser()
    browser.log_in("principal")
    token = browser.cookies["jiafang_session"]
    assert token not in str(campus.sql("SELECT * FROM session"))


def test_a_wrong_password_and_an_unknown_login_get_the_very_same_answer(campus: Campus) -> None:
    wrong = campus.browser().log_in("principal", "guess")
    unknown = campus.browser().log_in("nobody", "guess")
    assert wrong.status_code == unknown.status_code == 401
    assert words(wrong.text) == words(unknown.text)
    assert "账号或密码不对。" in wrong.text
    assert 'value="principal"' in wrong.text
    assert "guess" not in wrong.text


def test_an_account_without_a_password_or_closed_cannot_log_in(campus: Campus) -> None:
    campus.sql("UPDATE account SET password = '' WHERE login = 'duty'")
    campus.sql("UPDATE account SET active = 0 WHERE login = 'fellow'")
    assert campus.browser().log_in("duty", "").status_code == 401
    assert campus.browser().log_in("fellow").status_code == 401


def test_too_many_tries_for_one_login_are_told_to_wait(campus: Campus) -> None:
    browser = campus.browser()
    answers = [browser.log_in("principal", "guess") for _ in range(TRIES_PER_LOGIN + 1)]
    assert [answer.status_code for answer in answers[-2:]] == [401, 429]
    assert "请等 10 分钟再试" in answers[-1].text
    assert browser.log_in("principal").status_code == 429
    assert browser.log_in("office").status_code == 303


def test_too_many_tries_from_one_address_are_told_to_wait(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_server.passwords.matches", lambda password, kept: False)
    browser = campus.browser()
    statuses = [browser.log_in(f"login{n}", "guess").status_code for n in range(TRIES_PER_ADDRESS + 1)]
    assert statuses[-2:] == [401, 429]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://sync.local", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.example/http://sync.local/"},
        {"Origin": "http://sync.local:8080"},
    ],
)
def test_a_form_from_another_site_changes_nothing(campus: Campus, headers: dict[str, str]) -> None:
    browser = campus.browser("principal")
    fields = {"login": "principal", "password": PASSWORD}
    for path in ("/login", "/logout", "/account/codes", "/visits/x/review", "/cases/x/resolve"):
        answer = browser.post(path, data=fields, headers=headers)
        assert answer.status_code == 403, path
        assert "不是从本网站的页面发出的" in answer.text
    assert browser.get("/").status_code == 200


def test_an_old_browser_that_only_sends_a_referer_is_welcome(campus: Campus) -> None:
    browser = campus.browser()
    fields = {"login": "principal", "password": PASSWORD}
    answer = browser.post("/login", data=fields, headers={"Referer": "http://sync.local/login"})
    assert answer.status_code == 303


def test_logging_out_ends_the_session_on_the_server(campus: Campus) -> None:
    browser = campus.browser("principal")
    token = browser.cookies["jiafang_session"]
    assert browser.send_form("/logout").headers["location"] == "/login"
    browser.cookies.set("jiafang_session", token)
    assert browser.get("/").headers["location"] == "/login"


def test_a_session_ends_after_two_idle_hours_but_not_while_it_is_used(campus: Campus) -> None:
    browser = campus.browser("principal")
    for hours in (1, 2, 3):
        campus.now = TODAY + dt.timedelta(hours=hours)
        assert browser.get("/").status_code == 200
    campus.now = TODAY + dt.timedelta(hours=5, minutes=1)
    assert browser.get("/visits").headers["location"] == "/login?next=%2Fvisits"


def test_a_session_ends_after_twelve_hours_whatever_happens(campus: Campus) -> None:
    browser = campus.browser("principal")
    for hour in range(12):
        campus.now = TODAY + dt.timedelta(hours=hour)
        assert browser.get("/account").status_code == 200
    campus.now = TODAY + dt.timedelta(hours=12)
    assert browser.get("/account").status_code == 303


def test_a_form_sent_after_the_session_ended_says_so(campus: Campus) -> None:
    answer = campus.browser().send_form("/account/codes", account="x")
    assert answer.status_code == 401
    assert "登录已经过期。刚才填的没有保存。" in words(answer.text).replace(" ", "")


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/visits", "/visits"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil.example", "/"),
        ("visits", "/"), ("/visits\r\nSet-Cookie: a=b", "/"), ("", "/"),
    ],
)  # fmt: skip
def test_the_login_leads_back_to_our_own_pages_only(campus: Campus, wanted: str, reached: str) -> None:
    answer = campus.browser().send_form("/login", login="principal", password=PASSWORD, next=wanted)
    assert answer.headers["location"] == reached


def test_who_is_logged_in_does_not_see_the_login_page(campus: Campus) -> None:
    assert campus.browser("principal").get("/login?next=/students").headers["location"] == "/students"


def test_a_login_that_is_too_long_or_strange_is_just_wrong(campus: Campus) -> None:
    browser = campus.browser()
    for login in ("x" * 5000, "\u0000", "' OR 1=1 --", "校长"):
        assert browser.log_in(login, "p" * 5000).status_code == 401, login
