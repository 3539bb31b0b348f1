"""What every answer of the console carries, and how errors read."""

from __future__ import annotations

import pytest

from sync_server.web.console.answering import MAX_FORM_BYTES
from tests.sync_server.console.campus import WANG, Campus


@pytest.mark.parametrize("path", ["/login", "/", "/visits", f"/cases/{WANG}", "/nowhere", "/cases/unknown", "/static/style.css"])
def test_every_answer_has_the_protective_headers(campus: Campus, path: str) -> None:
    headers = campus.browser("principal").get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_pages_are_never_kept_but_static_files_are(campus: Campus) -> None:
    browser = campus.browser("principal")
    assert browser.get("/").headers["cache-control"] == "no-store"
    style = browser.get("/static/style.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in style.headers["cache-control"]
    assert browser.get("/static/icon.svg").headers["content-type"] == "image/svg+xml"
    for name in ("../page.py", "page.py", "x.css"):
        assert browser.get(f"/static/{name}").status_code == 404


def test_browsers_find_an_icon_without_being_told_and_without_a_login(campus: Campus) -> None:
    answer = campus.browser().get("/favicon.ico")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")


def test_an_unknown_address_gets_a_page_in_plain_words(campus: Campus) -> None:
    answer = campus.browser("principal").get("/visit/typo")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "没有这个页面。" in answer.text
    assert "请检查网址，或从首页重新找。" in answer.text


def test_a_program_gets_problem_details_instead(campus: Campus) -> None:
    answer = campus.browser().get("/v1/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_nobody_foresaw_is_a_page_too_and_tells_nothing(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("王小明 12000001701")

    monkeypatch.setattr("sync_server.cases.Cases.find", fail)
    answer = campus.browser("principal").get("/students")
    assert answer.status_code == 500
    assert "服务器出了点问题。" in answer.text
    assert "12000001701" not in answer.text
    assert "Traceback" not in answer.text


def test_forms_that_are_too_long_or_broken_are_refused(campus: Campus) -> None:
    browser = campus.browser("principal")
    for size in (MAX_FORM_BYTES, 1024 * 1024):
        answer = browser.send_form("/account/codes", account="x" * size)
        assert answer.status_code == 413
        assert "填的内容太长，没有收下。" in answer.text
    headers = {"Origin": "http://sync.local", "Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"\xff\xfe=1", "&".join(f"a{n}=1" for n in range(50)).encode()):
        answer = browser.post("/account/codes", content=body, headers=headers)
        assert answer.status_code == 400
        assert "网页送来的内容不完整" in answer.text


def test_a_page_asked_with_the_wrong_method_is_no_crash(campus: Campus) -> None:
    browser = campus.browser("principal")
    for answer in (browser.get("/visits/x/review"), browser.send_form("/visits"), browser.delete("/visits")):
        assert answer.status_code == 404
        assert "没有这个页面。" in answer.text


def test_the_language_is_chosen_by_a_link_and_remembered(campus: Campus) -> None:
    browser = campus.browser("principal")
    assert "Visits to review" in browser.get("/?lang=en").text
    assert 'href="/visits?status=accepted&amp;lang=zh"' in browser.get("/visits?status=accepted").text
    assert "Visits" in browser.text("/visits")
    assert "全部家访" in browser.text("/visits?lang=zh")
    assert "全部家访" in browser.text("/visits?lang=xx")


def test_what_people_typed_is_escaped(campus: Campus) -> None:
    nasty = "<script>alert(1)</script>&<b>"
    visit = campus.receive(campus.visit(summary=f"{nasty} 孩子在家，明天回校上课。"))
    browser = campus.browser("principal")
    for path in (f"/visits/{visit}", f"/cases/{WANG}", f"/students?q={nasty}", f"/login?next={nasty}", f"/?lang={nasty}"):
        assert "<script>alert" not in browser.get(path).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in browser.get(f"/visits/{visit}").text
