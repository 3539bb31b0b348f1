"""Correcting a card by hand: looked at first, kept exactly as shown, by those who may, and known to the phones."""

from __future__ import annotations

import html
import re

import pytest

from casebook import feeds
from sync_server.roster import register
from sync_server.store import rows
from tests.sync_server.console.campus import PEOPLE, SCHOOL, Browser, Campus
from tests.sync_server.console.test_registry_pages import OFFICE, bring, children
from tests.sync_server.roster.sheets import BOY, GIRL, HEADER, LI, WANG

HOME = "三组18号"


@pytest.fixture
def address(campus: Campus) -> str:
    bring(campus, [[*HEADER, "重点类别", "班主任"], [*WANG, "KS06 KS11", "萧洁荷"], [*LI, "", "李秋芳"]])
    return f"/roster/children/{children(campus)['王小明']}/correct"


def card(browser: Browser, address: str) -> dict[str, str | list[str]]:
    """The form as the browser would send it without a change."""
    page = browser.get(address).text
    said: dict[str, str | list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", page):
        told = {name: html.unescape(value) for name, value in re.findall(r'(\w+)="([^"]*)"', tag)}
        if told.get("type") == "checkbox" and not tag.endswith(" checked>"):
            continue
        if told.get("type") == "checkbox" and told["name"] in ("key_flags", "family_flags"):
            said.setdefault(told["name"], []).append(told["value"])  # type: ignore[union-attr]
        elif "name" in told:
            said[told["name"]] = told.get("value", "")
    for name, options in re.findall(r'<select id="[\w.]+" name="([\w.]+)">(.*?)</select>', page):
        chosen = re.search(r'value="(\w*)" selected', options)
        said[name] = chosen[1] if chosen else "no" if name == "boarder" else ""
    return said


def look(browser: Browser, address: str, **typed: object):  # type: ignore[no-untyped-def]
    return browser.send_form(address, **{**card(browser, address), **{name.replace("__", "."): text for name, text in typed.items()}})


def keep(browser: Browser, address: str, **typed: object):  # type: ignore[no-untyped-def]
    seen = re.search(r'name="seen" value="(\w{64})"', look(browser, address, **typed).text)
    assert seen is not None
    return look(browser, address, seen=seen[1], **typed)


def boy(campus: Campus):  # type: ignore[no-untyped-def]
    with campus.wiring.store.read() as conn:
        return register.load(conn, SCHOOL).students[children(campus).get("王小明") or children(campus)["王晓明"]]


def test_an_untouched_form_changes_nothing(campus: Campus, address: str) -> None:
    for login in OFFICE:
        assert "没有改动" in look(campus.browser(login), address).text


def test_a_correction_is_shown_then_kept_and_reaches_the_phones_and_the_history(campus: Campus, address: str) -> None:
    browser, before = campus.browser("registrar"), boy(campus)
    typed = {"name": "王晓明", "home_address": HOME, "g1__phone": "13800000077", "g2__name": "王妈", "g2__relation": "52"}
    page = look(browser, address, **typed)
    assert (page.status_code, HOME in page.text, boy(campus) == before) == (200, True, True)
    assert keep(browser, address, **typed).status_code == 303
    after = boy(campus)
    assert (after.name, after.home_address, after.id_no, after.class_id) == ("王晓明", HOME, BOY, before.class_id)
    assert [(one.name, one.relation, one.phone) for one in after.guardians] == [("王大", "51", "13800000077"), ("王妈", "52", "")]
    assert after.guardians[0].id == before.guardians[0].id
    with campus.wiring.store.read() as conn:
        row = rows.of_feed(conn, SCHOOL, feeds.STUDENTS)[after.id]
    assert (row["name"], row["home_address"], [one["name"] for one in row["guardians"]]) == ("王晓明", HOME, ["王大", "王妈"])
    shown = browser.text(address.removesuffix("/correct"))
    assert "陈学籍 · 手工" in shown
    assert "王小明 王晓明" in shown
    assert ("change_register", f"student:{after.id}") in campus.audit()


def test_what_was_not_shown_is_not_kept(campus: Campus, address: str) -> None:
    browser, before = campus.browser("registrar"), boy(campus)
    seen = re.search(r'name="seen" value="(\w{64})"', look(browser, address, home_address=HOME).text)
    assert seen is not None
    answer = look(browser, address, home_address="别处", seen=seen[1])
    assert (answer.status_code, "所以没有保存" in answer.text) == (409, True)
    assert boy(campus) == before


def test_the_import_s_checks_warn_or_refuse(campus: Campus, address: str) -> None:
    browser = campus.browser("registrar")
    warned = look(browser, address, id_no=BOY[:-1] + "8")
    assert (warned.status_code, "最后一位" in warned.text) == (200, True)
    assert "性别和身份证件号" in look(browser, address, gender="2").text
    for wrong in ({"id_no": "12"}, {"id_no": GIRL}, {"name": ""}, {"g1__name": ""}):
        answer = look(browser, address, **wrong)
        assert (answer.status_code, 'name="seen"' in answer.text) == (422, False), wrong


def test_blank_keeps_a_number_and_clears_the_rest(campus: Campus, address: str) -> None:
    browser = campus.browser("registrar")
    assert BOY not in browser.get(address).text
    keep(browser, address, village="", student_no="无")
    assert (boy(campus).village, boy(campus).student_no, boy(campus).id_no) == ("", "", BOY)
    keep(browser, address, village="新村", g1__remove="yes")
    with campus.wiring.store.read() as conn:
        assert register.load(conn, SCHOOL).village(boy(campus).village).name == "新村"
    assert boy(campus).guardians == ()


def test_restricted_flags_are_neither_seen_nor_lost_nor_set_by_others(campus: Campus, address: str) -> None:
    registrar = campus.browser("registrar")
    assert "KS11" not in registrar.get(address).text
    keep(registrar, address, key_flags=["KS01", "KS12"])
    assert boy(campus).key_flags == ("KS01", "KS11")
    keep(campus.browser("principal"), address, key_flags=["KS01"])
    assert boy(campus).key_flags == ("KS01",)
    card_page = address.removesuffix("/correct")
    assert "重点类别： " in campus.browser("principal").text(card_page)
    history = registrar.text(card_page).split("改动记录")[-1]
    assert "徐校长" in history
    assert history.count("重点类别") == 1


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_only_who_keeps_the_register_corrects_it(campus: Campus, address: str, login: str) -> None:
    browser = campus.browser(login)
    assert browser.get(address).status_code == (200 if login in OFFICE else 403)
    assert browser.send_form(address, name="x").status_code == (422 if login in OFFICE else 403)
    answer = browser.get(address.removesuffix("/correct"))
    assert (address in answer.text) is (login in OFFICE)
