"""The register's pages: the roster is imported, found, read and saved by those who may, and by nobody else."""

from __future__ import annotations

import re

import pytest

from assets import load_wording
from sync_server.roster import register
from sync_server.roster.spreadsheets import read_tables
from tests.sync_server.console.campus import PEOPLE, SCHOOL, Browser, Campus
from tests.sync_server.roster.sheets import BOY, GIRL, HEADER, LI, WANG, planned, xlsx

OFFICE = {"principal", "office", "registrar"}
READERS = OFFICE | {"deputy", "director8", "teacher82", "teacher71"}
BOTH = [[*HEADER, "班主任"], [*WANG, "萧洁荷"], [*LI, "李秋芳"]]
ORIGIN = {"Origin": "http://sync.local", "Sec-Fetch-Site": "same-origin"}


def upload(browser: Browser, content: bytes):  # type: ignore[no-untyped-def]
    return browser.post("/roster/import", files={"file": ("r.xlsx", content)}, headers=ORIGIN)


def confirm(browser: Browser, address: str):  # type: ignore[no-untyped-def]
    page = browser.get(address).text
    found = re.search(r'name="plan" value="(\w{64})"', page)
    assert found is not None, page
    return browser.send_form(f"{address}/confirm", plan=found[1])


def bring(campus: Campus, rows: list[list[object]]) -> str:
    """Imports by the registrar's hand; the address of the import."""
    browser = campus.browser("registrar")
    address = upload(browser, xlsx(rows)).headers["location"]
    assert confirm(browser, address).headers["location"] == address
    return address


def children(campus: Campus) -> dict[str, str]:
    with campus.wiring.store.read() as conn:
        return {one.name: one.id for one in register.load(conn, SCHOOL).students.values()}


def test_the_registrar_uploads_looks_and_confirms(campus: Campus) -> None:
    browser = campus.browser("registrar")
    address = upload(browser, xlsx(BOTH)).headers["location"]
    page = browser.text(address)
    for part in ("还没有写入", "2 新增学生", "王小明", "八年级(2)班", "…0179", "王大 父亲", "班主任：萧洁荷", "确认导入：新增 2 人"):
        assert part in page, part
    assert BOY not in browser.get(address).text
    assert children(campus) == {}
    confirm(browser, address)
    assert "花名册已导入" in browser.text(address)
    assert "发登记码" not in browser.text(address)  # a code is the office's to make
    assert "发登记码" in campus.browser("office").text(address)
    assert children(campus).keys() == {"王小明", "李花"}
    assert address in browser.get("/roster/import").text


def test_a_changed_register_refuses_the_confirmation_and_shows_the_new_preview(campus: Campus) -> None:
    browser = campus.browser("registrar")
    address = upload(browser, xlsx(BOTH)).headers["location"]
    seen = re.search(r'name="plan" value="(\w{64})"', browser.get(address).text)
    assert seen is not None
    bring(campus, [HEADER, ["周强", "男", "2012-01-01", "", "", "八2班"]])
    answer = browser.send_form(f"{address}/confirm", plan=seen[1])
    assert (answer.status_code, "什么都没有变" in answer.text) == (409, True)
    assert children(campus).keys() == {"周强"}
    assert "周强" in browser.text(address)


def test_faults_are_told_with_row_and_column_and_nothing_can_be_confirmed(campus: Campus) -> None:
    browser = campus.browser("office")
    address = upload(browser, xlsx([*BOTH, ["吴用", "男", "昨天", "99", "", "八2班"]])).headers["location"]
    page = browser.text(address)
    assert "花名册，第 4 行 C 出生日期 列 昨天 看不懂这个出生日期。" in page
    assert "花名册，第 4 行 D 身份证件号 列 …99 身份证件号应为 18 位，这里是 2 位。" in page
    assert "/confirm" not in browser.get(address).text
    refused = upload(browser, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert (refused.status_code, "这是旧格式" in refused.text) == (422, True)


def test_a_discarded_file_is_gone(campus: Campus) -> None:
    browser = campus.browser("registrar")
    address = upload(browser, xlsx(BOTH)).headers["location"]
    browser.send_form(f"{address}/discard")
    assert browser.get(address).status_code == 404


def test_each_role_opens_its_pages_and_no_others(campus: Campus) -> None:
    address = bring(campus, BOTH)
    boy = children(campus)["王小明"]
    pages = {
        "/roster": READERS, "/roster/download": READERS, "/roster/import": OFFICE, "/roster/template": OFFICE, address: OFFICE,
        f"/roster/children/{boy}": OFFICE | {"deputy", "teacher82"},
    }  # fmt: skip
    for login in PEOPLE:
        browser = campus.browser(login)
        for page, allowed in pages.items():
            assert browser.get(page).status_code == (200 if login in allowed else 403), (login, page)
        assert ("href=\"/roster\"" in browser.get("/").text) is (login in READERS)
        if login not in OFFICE:
            assert upload(browser, xlsx(BOTH)).status_code == 403


@pytest.mark.parametrize(("query", "found"), [("王小", {"王小明"}), ("WXM", {"王小明"}), ("lihua", {"李花"}), ("新寨", {"王小明"}), ("李妈", {"李花"}), ("x" * 99, set())])
def test_children_are_found_by_name_pinyin_initials_village_and_guardian(campus: Campus, query: str, found: set[str]) -> None:
    bring(campus, BOTH)
    page = campus.browser("registrar").get("/roster", params={"q": query}).text
    assert {name for name in ("王小明", "李花") if f"<strong>{name}</strong>" in page} == found


def test_a_class_teacher_sees_and_saves_the_own_class_only(campus: Campus) -> None:
    bring(campus, BOTH)
    browser = campus.browser("teacher82")
    assert "王小明" in browser.text("/roster")
    assert "李花" not in browser.text("/roster")
    assert "李花" not in str(read_tables(browser.get("/roster/download").content))


def test_full_numbers_leave_for_a_purpose_only_and_leave_a_line(campus: Campus) -> None:
    bring(campus, BOTH)
    masked = str(read_tables(campus.browser("office").get("/roster/download").content))
    assert "…0179" in masked
    assert BOY not in masked
    answer = campus.browser("registrar").send_form("/roster/download", purpose="毕业证")
    assert {BOY, GIRL} <= {cell for row in read_tables(answer.content)[0].rows.values() for cell in row}
    assert campus.browser("office").send_form("/roster/download", purpose="x").status_code == 403
    assert ("export_roster", "roster") in campus.audit()
    assert planned(answer.content).complaints == ()


def test_no_identity_number_stands_on_any_page_or_in_any_address(campus: Campus) -> None:
    address = bring(campus, BOTH)
    browser = campus.browser("principal")
    for path in ("/roster", "/roster/import", address, *(f"/roster/children/{id}" for id in children(campus).values())):
        page = browser.get(path).text
        assert BOY not in page
        assert all(link.isascii() for link in re.findall(r'(?:href|src|action)="([^"]+)"', page)), path
        assert not re.search(r"registry\.\w", re.sub(r"<[^>]*>", " ", page)), path


def test_the_card_shows_who_changed_what(campus: Campus) -> None:
    bring(campus, BOTH)
    bring(campus, [HEADER, [*WANG[:8], "13900000009", ""]])
    page = campus.browser("registrar").text(f"/roster/children/{children(campus)['王小明']}")
    assert "监护人王大：电话： 13800000001 13900000009" in page
    assert "陈学籍 · 导入" in page
    assert ("read_register", f"student:{children(campus)['王小明']}") in campus.audit()


def test_restricted_flags_stand_on_no_list_and_no_list_takes_them_away(campus: Campus) -> None:
    header = [*HEADER, "重点类别", "班主任"]
    bring(campus, [header, [*WANG, "KS06 KS11", "萧洁荷"], [*LI, "", ""]])
    boy = children(campus)["王小明"]
    words = load_wording()
    secret, plain = words("console.flag.KS11"), words("console.flag.KS06")
    for login in ("registrar", "office", "deputy", "teacher82"):
        browser = campus.browser(login)
        page = browser.text(f"/roster/children/{boy}")
        assert plain in page
        assert secret not in page, login
        assert "KS11" not in str(read_tables(browser.get("/roster/download").content))
    assert secret in campus.browser("principal").text(f"/roster/children/{boy}")
    full = campus.browser("registrar").send_form("/roster/download", purpose="核对").content
    assert "KS11" not in str(read_tables(full))
    browser = campus.browser("registrar")
    address = upload(browser, full).headers["location"]
    assert "表里的内容和花名册完全一样" in browser.text(address)
    bring(campus, [header, [*WANG, "KS01", ""]])
    with campus.wiring.store.read() as conn:
        assert register.load(conn, SCHOOL).students[boy].key_flags == ("KS01", "KS11")
