"""Every page with every role, both ways: who may open it, and who is told politely that it is not theirs."""

from __future__ import annotations

import re

import pytest

from tests.sync_server.console.campus import LIHUA, PEOPLE, WANG, Campus

SCHOOLWIDE = {"principal", "deputy", "office", "moral"}
ALL = set(PEOPLE)
# page -> who may open it; the visit and the case are of class 8(2), made by teacher82 with `fellow`
PAGES = {
    "/": ALL,
    "/visits": ALL,
    "/students": ALL,
    "/incidents": ALL,
    "/conflicts": ALL,
    "/account": ALL,
    "/held": {"principal", "deputy", "office"},
    "/upkeep": {"principal", "deputy", "office"},
    "/visits/{visit}": SCHOOLWIDE | {"director8", "teacher82", "fellow"},
    "/visits/{visit}/files/{photo}": SCHOOLWIDE | {"director8", "teacher82", "fellow"},
    "/records/{rid}": SCHOOLWIDE | {"director8", "teacher82", "fellow"},
    "/cases/{child}": SCHOOLWIDE | {"registrar", "director8", "teacher82", "fellow"},
    "/cases/{other}": SCHOOLWIDE | {"registrar", "teacher71"},
}


def test_each_role_opens_its_pages_and_no_others(campus: Campus) -> None:
    made = campus.visit()
    photo = next(sha for sha, (kind, _) in made.files.items() if kind == "image/jpeg")
    names = {"visit": campus.receive(made), "photo": photo, "rid": made.sealed.rid, "child": WANG, "other": LIHUA}
    for login in PEOPLE:
        browser = campus.browser(login)
        for page, allowed in PAGES.items():
            answer = browser.get(page.format(**names))
            assert answer.status_code == (200 if login in allowed else 403), (login, page)
            if login not in allowed:
                assert "您的职责里没有这一项。" in answer.text
                assert "王小明" not in answer.text


def test_a_colleague_sees_a_child_assigned_to_them(campus: Campus) -> None:
    campus.sql("INSERT INTO reach SELECT school, :who, :scope, made_at FROM account WHERE login = 'duty'",
               who=PEOPLE["duty"][0], scope=f"case:{LIHUA}")  # fmt: skip
    browser = campus.browser("duty")
    assert browser.get(f"/cases/{LIHUA}").status_code == 200
    assert browser.get(f"/cases/{WANG}").status_code == 403
    assert "李花" in browser.text("/students")


def test_visits_and_children_stand_in_the_navigation_of_those_who_reach_any(campus: Campus) -> None:
    def shown(login: str) -> list[str]:
        bar = campus.browser(login).get("/account").text.partition("<nav")[2].partition("</nav>")[0]
        return [path for path in ("/visits", "/students") if f'href="{path}"' in bar]

    for login in PEOPLE:
        wanted = {"duty": [], "fellow": [], "registrar": ["/students"]}.get(login, ["/visits", "/students"])
        assert shown(login) == wanted, login
    campus.receive(campus.visit(WANG, "fellow", covisitors="萧洁荷"))
    assert shown("fellow") == ["/visits", "/students"]
    campus.sql("INSERT INTO reach SELECT school, :who, :scope, made_at FROM account WHERE login = 'duty'",
               who=PEOPLE["duty"][0], scope=f"case:{LIHUA}")  # fmt: skip
    assert shown("duty") == ["/visits", "/students"]


def test_on_a_telephone_the_pages_fold_into_a_menu_with_the_same_ways(campus: Campus) -> None:
    row, _, folded = campus.browser("principal").get("/account").text.partition('<details class="menu">')
    ways = [re.findall(r'href="(/[a-z]*)"', part.partition("<nav")[2].partition("</nav>")[0]) for part in (row, folded)]
    assert ways[0] == ways[1]
    assert {"/", "/papers", "/staff"} <= {*ways[1]}
    assert 'action="/logout"' in folded.partition("</details>")[0]
    assert campus.browser("principal").get("/attendance/class82/start").status_code == 200  # a page with names of its own
    wide, _, narrow = campus.browser("principal").get("/static/style.css").text.partition("@media (max-width: 700px)")
    assert ".bar .menu { display: none; }" in wide
    assert ".bar .in-a-row { display: none; }" in narrow


def test_before_the_login_every_page_leads_to_it(campus: Campus) -> None:
    browser = campus.browser()
    for page in ("/", "/visits", f"/cases/{WANG}", "/account", "/records/x"):
        answer = browser.get(page)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_has_one_heading_a_language_and_labels_for_its_fields(campus: Campus, language: str) -> None:
    campus.absence(WANG)
    made = campus.visit()
    visit, browser = campus.receive(made), campus.browser("principal", language)
    pages = ["/", "/visits", "/students", "/incidents", "/conflicts", "/account", f"/visits/{visit}",
             f"/cases/{WANG}", f"/records/{made.sealed.rid}", "/nowhere"]  # fmt: skip
    for page in [browser.get(path).text for path in pages] + [campus.browser("", language).get("/login").text]:
        assert len(re.findall(r"<h1\b", page)) == 1
        assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in page
        fields = re.findall(r'<(?:input|select|textarea)\b(?![^>]*type="hidden")[^>]*\bid="([^"]+)"', page)
        assert fields == [name for name in fields if f'<label for="{name}">' in page]
        assert "console." not in re.sub(r"<[^>]*>", " ", page)
        assert 'style="' not in page
        assert "<script" not in page


def test_no_name_stands_in_any_address(campus: Campus) -> None:
    visit = campus.receive(campus.visit())
    browser = campus.browser("principal")
    for path in ("/", "/visits", "/students", f"/visits/{visit}", f"/cases/{WANG}"):
        addresses = re.findall(r'(?:href|src|action)="([^"]+)"', browser.get(path).text)
        assert addresses
        assert all(address.isascii() for address in addresses), path
