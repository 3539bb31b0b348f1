"""The pages about forms: who may open them, uploading, preview, trying out, publishing, and what the audit keeps."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest

from sync_server.store import form_desk
from sync_server.web.console.forms_upload import MOST_BYTES
from tests.sync_server.authoring.books import asked, column, download, opened, put, row_of, saved, workbook
from tests.sync_server.console.campus import PEOPLE, SCHOOL, Browser, Campus, words
from tests.sync_server.schoolhouse import version_of

ABSENCE = "/forms/absence_visit"
VERSION = version_of("absence_visit")
AUTHORS = {"principal", "office", "registrar"}
PAGES = ("/forms", ABSENCE, f"{ABSENCE}/versions/{VERSION}", f"{ABSENCE}/versions/{VERSION}/sheets", f"{ABSENCE}/versions/{VERSION}/try")
ACTS = (
    "/forms", f"{ABSENCE}/draft/publish", f"{ABSENCE}/draft/discard", f"{ABSENCE}/withdraw", f"{ABSENCE}/offer",
    f"{ABSENCE}/versions/{VERSION}/try", "/forms/call_log/adopt",
)  # fmt: skip
ORIGIN = {"Origin": "http://sync.local", "Sec-Fetch-Site": "same-origin"}


def upload(browser: Browser, content: bytes, renumber: bool = True, **headers: str):  # type: ignore[no-untyped-def]
    """Sends a file as a browser does."""
    fields = {"renumber": "yes"} if renumber else {}
    files = {"file": ("表.xlsx", content, "application/octet-stream")}
    return browser.post("/forms", data=fields, files=files, headers=headers or ORIGIN)


def changed(label: str = "和您同去的老师") -> bytes:
    book = opened(download("absence_visit"))
    put(book["题目"], row_of(book["题目"], "covisitors"), **{"题干(中文)": label})
    return saved(book)


def draft_hash(campus: Campus) -> str:
    with campus.wiring.store.read() as conn:
        draft = form_desk.draft_of(conn, SCHOOL, "absence_visit")
    return draft.sha256 if draft else ""


def test_each_role_opens_its_pages_and_no_others(campus: Campus) -> None:
    for login in PEOPLE:
        browser = campus.browser(login)
        for page in PAGES:
            assert browser.get(page).status_code == (200 if login in AUTHORS else 403), (login, page)
        assert ('href="/forms"' in browser.get("/").text) == (login in AUTHORS)


def test_nobody_else_may_change_anything(campus: Campus) -> None:
    before = campus.sql("SELECT form_id, version FROM form"), campus.sql("SELECT count(*) FROM feed_row")
    for login in set(PEOPLE) - AUTHORS:
        browser = campus.browser(login)
        for act in ACTS:
            assert browser.send_form(act).status_code == 403, (login, act)
        assert upload(browser, changed()).status_code == 403
    assert before == (campus.sql("SELECT form_id, version FROM form"), campus.sql("SELECT count(*) FROM feed_row"))
    assert campus.sql("SELECT * FROM form_draft") == []


def test_a_form_sent_by_another_site_is_refused(campus: Campus) -> None:
    answer = upload(campus.browser("office"), changed(), Origin="http://evil.example")
    assert answer.status_code == 403
    assert campus.sql("SELECT * FROM form_draft") == []


def test_without_a_login_nothing_is_taken(campus: Campus) -> None:
    assert upload(campus.browser(), changed()).status_code == 401
    assert campus.browser().get("/forms").headers["location"].startswith("/login")


def test_the_whole_way_from_download_to_published(campus: Campus) -> None:
    browser = campus.browser("office")
    sheets = browser.get(f"{ABSENCE}/versions/{VERSION}/sheets")
    assert sheets.headers["content-type"].startswith("application/vnd.openxmlformats")
    assert f'filename="absence_visit-{VERSION}.xlsx"' in sheets.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(sheets.content))
    put(book["题目"], row_of(book["题目"], "covisitors"), **{"题干(中文)": "和您同去的老师"})
    answer = upload(browser, saved(book))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ABSENCE}/draft")
    page = browser.text(f"{ABSENCE}/draft")
    assert "同行老师的姓名" in page and "和您同去的老师" in page and "2025112101" in page and "系统编号" in page
    assert "和您同去的老师" in browser.text(f"{ABSENCE}/versions/2025112101")
    answer = browser.send_form(f"{ABSENCE}/draft/publish", sha256=draft_hash(campus))
    assert answer.headers["location"] == f"{ABSENCE}?done=published"
    page = browser.text(f"{ABSENCE}?done=published")
    assert "已发布" in page and "贾主任" in page and "手机现在用这一版" in page
    assert set(campus.sql("SELECT version FROM form WHERE form_id = 'absence_visit'")) == {(VERSION,), ("2025112101",)}
    assert campus.audit() == [("upload_form", "form:absence_visit"), ("publish_form", "form:absence_visit")]
    facts = str(campus.sql("SELECT facts FROM audit ORDER BY n DESC LIMIT 1")[0][0])
    assert "2025112101" in facts and "老师" not in facts


def test_a_faulty_file_is_told_with_every_place_and_changes_nothing(campus: Campus) -> None:
    book = opened(download("absence_visit"))
    page = book["题目"]
    row = row_of(page, "covisitors")
    put(page, row, 变量名="同行", 校验="(. > 1")
    answer = upload(campus.browser("office"), saved(book))
    assert answer.status_code == 422
    told = words(answer.text)
    assert f"“题目”第 {row} 行 变量名" in told and "同行" in told and "变量名不能用中文" in told
    assert f"“题目”第 {row} 行 校验" in told and "括号或引号没有成对" in told
    assert "手机上的表单没有变" in told
    assert campus.sql("SELECT * FROM form_draft") == [] and campus.audit() == []


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "没有收到文件"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧格式"), ("题型,变量名".encode("gb18030"), ".csv"), (b"\x89PNG\r\n\x1a\n", "不是 Excel")],
)
def test_a_file_of_another_kind_is_told_so(campus: Campus, content: bytes, said: str) -> None:
    answer = upload(campus.browser("office"), content)
    assert answer.status_code == 422 and said in words(answer.text)


def test_a_page_without_a_chosen_file_is_told_so(campus: Campus) -> None:
    answer = campus.browser("office").send_form("/forms")
    assert answer.status_code == 422 and "没有收到文件" in words(answer.text)


def test_a_file_that_is_far_too_large_is_cut_off(campus: Campus) -> None:
    assert upload(campus.browser("office"), bytes(MOST_BYTES + 1)).status_code == 413


@pytest.mark.parametrize("body", [b"", b"--x\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n--x--", b"\xff" * 200])
def test_a_broken_form_is_refused_calmly(campus: Campus, body: bytes) -> None:
    headers = ORIGIN | {"Content-Type": "multipart/form-data; boundary=x"}
    assert campus.browser("office").post("/forms", content=body, headers=headers).status_code in (400, 422)


def test_what_an_author_writes_is_shown_and_never_run(campus: Campus) -> None:
    survey = [["隐藏", "", "case"], asked(label="<script>alert(1)</script>${case}{{ 7 * 7 }}")]
    browser = campus.browser("office")
    assert upload(browser, workbook(survey)).status_code == 303
    for page in ("/forms/sample/draft", "/forms/sample/versions/1", "/forms/sample/versions/1/try"):
        html = browser.get(page).text
        assert "<script>" not in html
    assert "&lt;script&gt;" in browser.get("/forms/sample/versions/1").text


def test_a_preview_speaks_both_languages(campus: Campus) -> None:
    browser = campus.browser("office")
    page = browser.text(f"{ABSENCE}/versions/{VERSION}")
    assert "怎么联系的？ 必填" in page and "上门" in page
    assert "当“和谁一起去的？”选了“同事老师”或“学校领导”时显示" in page
    assert "How did you make contact?" in browser.text(f"{ABSENCE}/versions/{VERSION}?language=English%20(en)")
    english = campus.browser("office", "en").text(f"{ABSENCE}/versions/{VERSION}")
    assert "Shown when “Who went with you?” includes “Fellow teacher” or “School leader”" in english


def test_a_form_is_tried_page_by_page(campus: Campus) -> None:
    browser = campus.browser("principal")
    path = f"{ABSENCE}/versions/{VERSION}/try"
    assert "示例学生" in browser.text(path)
    answer = browser.send_form(path, **{"step": "next", "q:/data/visit/mode": "door"})
    assert answer.status_code == 200 and "请选和谁一起去的" in answer.text
    answer = browser.send_form(path, **{"step": "next", "q:/data/visit/mode": "phone"})
    assert "见到（联系上）了谁？" in words(answer.text)
    answer = browser.send_form(path, step="page:end")
    assert "还有 1 处要填" in words(answer.text)
    assert browser.send_form(path, step="restart").status_code == 303
    assert 'value="phone" checked' not in browser.get(path).text
    assert campus.sql("SELECT count(*) FROM record") == [(0,)]
    assert campus.audit() == []


def test_a_draft_that_was_replaced_meanwhile_is_not_published(campus: Campus) -> None:
    office, principal = campus.browser("office"), campus.browser("principal")
    upload(office, changed("一"))
    seen = draft_hash(campus)
    upload(principal, changed("二"))
    answer = office.send_form(f"{ABSENCE}/draft/publish", sha256=seen)
    assert answer.headers["location"] == f"{ABSENCE}?done=stale"
    assert "没有发布" in office.text(f"{ABSENCE}?done=stale")
    assert campus.sql("SELECT count(*) FROM form WHERE form_id = 'absence_visit'") == [(1,)]


def test_a_form_is_withdrawn_and_taken_back(campus: Campus) -> None:
    browser = campus.browser("registrar")
    assert browser.send_form(f"{ABSENCE}/withdraw").headers["location"] == f"{ABSENCE}?done=withdrawn"
    assert "已停用" in browser.text("/forms")
    assert browser.send_form(f"{ABSENCE}/offer").headers["location"] == f"{ABSENCE}?done=offered"
    assert "在用" in browser.text("/forms")
    assert [act for act, _ in campus.audit()] == ["withdraw_form", "offer_form"]


def test_a_form_of_the_program_is_taken_over_and_thrown_away(campus: Campus) -> None:
    browser = campus.browser("principal")
    assert "电话和消息" in browser.text("/forms")
    assert browser.send_form("/forms/call_log/adopt").headers["location"] == "/forms/call_log/draft"
    assert "新表单" in browser.text("/forms/call_log/draft")
    assert browser.send_form("/forms/call_log/draft/discard").headers["location"] == "/forms?done=discarded"
    assert browser.get("/forms/call_log/draft").status_code == 404


def test_addresses_that_lead_nowhere_say_so(campus: Campus) -> None:
    browser = campus.browser("principal")
    for page in ("/forms/x", "/forms/x/draft", f"{ABSENCE}/draft", f"{ABSENCE}/versions/9", f"{ABSENCE}/versions/9/try"):
        assert browser.get(page).status_code == 404, page
    assert browser.send_form("/forms/x/adopt").status_code == 404
    assert browser.send_form("/forms/x/draft/publish", sha256="").headers["location"] == "/forms"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_has_one_heading_a_language_and_labels_for_its_fields(campus: Campus, language: str) -> None:
    browser = campus.browser("principal", language)
    upload(browser, changed())
    version = str(campus.sql("SELECT version FROM form_draft")[0][0])
    pages = ["/forms", ABSENCE, f"{ABSENCE}/draft", f"{ABSENCE}/versions/{VERSION}", f"{ABSENCE}/versions/{version}/try"]
    for path in pages:
        page = browser.get(path).text
        assert len(re.findall(r"<h1\b", page)) == 1
        assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in page
        fields = re.findall(r'<(?:input|select|textarea)\b(?![^>]*type="hidden")[^>]*\bid="([^"]+)"', page)
        assert fields == [name for name in fields if f'<label for="{name}">' in page], path
        text = re.sub(r"<[^>]*>", " ", page)
        assert "authoring." not in text and "console." not in text
        assert 'style="' not in page and "<script" not in page


def test_the_english_download_is_a_plain_xlsform(campus: Campus) -> None:
    content = campus.browser("office").get(f"{ABSENCE}/versions/{VERSION}/sheets?headers=en").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["guide", "survey", "choices", "settings", "entities"]
    assert column(book["survey"], "relevant") > 1
