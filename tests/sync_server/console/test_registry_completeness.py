"""What is missing on the cards, on its page and on the card itself, within each role's reach."""

from __future__ import annotations

import re

import pytest

from tests.sync_server.console.campus import PEOPLE, Campus
from tests.sync_server.console.test_registry_pages import BOTH, READERS, bring, children
from tests.sync_server.roster.sheets import HEADER, LI

PAGE = "/roster/completeness"


@pytest.fixture
def enrolled(campus: Campus) -> Campus:
    bring(campus, [*BOTH, [*["周强", "男", "2012-01-01", "", "", "八年级(2)班"]]])
    return campus


def test_the_worst_card_is_first_with_what_it_lacks(enrolled: Campus) -> None:
    page = enrolled.browser("registrar").text(PAGE)
    assert page.index("周强") < page.index("王小明")
    assert "周强 八年级(2)班 20% 民族、身份证件号、学籍号、" in page
    assert "监护人：电话" in page.split("周强")[1].split("更正学籍卡")[0]
    assert "监护人：电话" not in page.split("王小明")[1].split("更正学籍卡")[0]
    assert not re.search(r"completeness\.\w", page)


def test_a_class_is_chosen_and_a_teacher_sees_the_own_class_only(enrolled: Campus) -> None:
    room = re.search(rf"{PAGE}\?class=\w+(?=\"><strong>七年级)", enrolled.browser("registrar").get(PAGE).text)
    assert room is not None
    page = enrolled.browser("registrar").text(room[0]).split("看看每个学生缺什么")[-1]
    assert ("李花" in page, "王小明" in page) == (True, False)
    own = enrolled.browser("teacher82").text(PAGE)
    assert ("王小明" in own, "李花" in own, "七年级" in own, "更正学籍卡" in own) == (True, False, False, False)


def test_the_card_says_how_complete_it_is(enrolled: Campus) -> None:
    page = enrolled.browser("teacher82").text(f"/roster/children/{children(enrolled)['周强']}")
    assert "资料完整度 20%" in page
    bring(enrolled, [[*HEADER, "民族", "入学年月", "户籍村", "户籍地址", "现住址"], [*LI, "汉族", "2025-09", "坝上村", "三组1号", "三组1号"]])
    page = enrolled.browser("registrar").text(f"/roster/children/{children(enrolled)['李花']}")
    assert "资料完整度 100% 必填内容都有了。" in page


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_who_reads_the_register_reads_what_it_lacks(enrolled: Campus, login: str) -> None:
    assert enrolled.browser(login).get(PAGE).status_code == (200 if login in READERS else 403)
