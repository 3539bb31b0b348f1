"""Trying a form out: skip logic and constraints work as on a phone, nothing becomes a record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from assets import load_wording
from casebook.forms import FormDef
from sync_server.authoring.rehearsal import CHILD, sample_child
from sync_server.authoring.trial import BACK, CHECK, END, FIELD, NEXT, STAY, Shown, Trials
from sync_server.store.accounts import Account
from sync_server.wiring import Wiring
from tests.sync_server.authoring.books import YES_NO, asked, passed, workbook
from tests.sync_server.form_walk import FRIDAY, definition
from tests.sync_server.schoolhouse import PRINCIPAL, SCHOOL, make_school

WHO = Account(PRINCIPAL, SCHOOL, "principal", "徐校长", ("principal",))
SURVEY = [
    ["隐藏", "", "case"],
    ["外部名单", "", "cases"],
    ["分组开始", "", "first", "第一页", "First"],
    asked("单选", "here", "在家吗？", 选项组="yn", 必填="是"),
    asked("文本", "why", "为什么？", 显示条件="${here} = 'n'", 写入属性="situation"),
    asked("整数", "age", "几岁？", 校验=". >= 6 and . <= 18", **{"校验提示（中文）": "6到18岁。"}),
    ["分组结束"],
    ["分组开始", "", "second", "第二页", "Second", "${here} = 'y'"],
    asked("多选", "what", "做什么？", 选项组="yn"),
    asked("排序", "order", "先后？", 选项组="yn"),
    asked("日期时间", "when", "何时？"),
    asked("拍照", "photos_1", "照片"),
    asked("定位", "place", "位置"),
    ["分组结束"],
    ["重复开始", "", "member", "家人", "Member"],
    asked("文本", "called", "叫什么？"),
    ["重复结束"],
]
ENTITY = (("名单", "个案编号", "更新条件"), ("cases", "${case}", "${case} != ''"))


@pytest.fixture(scope="module")
def form() -> FormDef:
    return FormDef.from_xml(passed(workbook(SURVEY, YES_NO, 个案属性=ENTITY)).compiled.xml)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = make_school(tmp_path)
    yield wiring
    wiring.close()


class Browser:
    """One person trying a form."""

    def __init__(self, school: Wiring, form: FormDef, language: str = "zh_CN") -> None:
        self.trials = Trials(school.store, SCHOOL, lambda: FRIDAY)
        self.form, self.language = form, language

    def show(self) -> Shown:
        return self.trials.show(WHO, self.form, "f" * 64, self.language, load_wording(self.language))

    def send(self, step: str = STAY, **answers: str | list[str]) -> Shown:
        """Sends the page as a browser does: every question shown, with what it holds or what is given."""
        fields: list[tuple[str, str]] = []
        for question in self.show().questions:
            name = question.ref.rsplit("/", 1)[-1]
            if name in answers:
                given = answers[name]
                fields += [(f"{FIELD}{question.ref}", one) for one in ([given] if isinstance(given, str) else given)]
            elif question.kind in ("select_multiple", "rank"):
                fields += [(f"{FIELD}{question.ref}", one) for one in question.value.split()]
            elif question.value:
                fields.append((f"{FIELD}{question.ref}", question.value))
        return self.trials.answer(WHO, self.form, "f" * 64, fields, step, self.language, load_wording(self.language))


@pytest.fixture
def browser(school: Wiring, form: FormDef) -> Browser:
    return Browser(school, form)


def names(shown: Shown) -> list[str]:
    return [question.ref.rsplit("/", 1)[-1] for question in shown.questions]


def test_questions_follow_the_answers_of_the_same_page(browser: Browser) -> None:
    assert names(browser.show()) == ["here", "age"]
    assert names(browser.send(here="n")) == ["here", "why", "age"]
    assert names(browser.send(here="y")) == ["here", "age"]


def test_pages_follow_the_answers(browser: Browser) -> None:
    assert [page.title for page in browser.show().pages] == ["第一页", "家人"]
    assert [page.title for page in browser.send(here="y").pages] == ["第一页", "第二页", "家人"]


def test_a_page_with_problems_is_not_left_forwards(browser: Browser) -> None:
    shown = browser.send(NEXT, age="40")
    assert shown.page and shown.page.title == "第一页" and shown.told
    told = {question.ref.rsplit("/", 1)[-1]: question.problem.message for question in shown.questions if question.problem}
    assert set(told) == {"here", "age"} and told["age"] == "6到18岁。"
    shown = browser.send(NEXT, here="n", age="12")
    assert shown.page and shown.page.title == "家人"
    assert browser.send(BACK).place == 1


def test_answers_are_there_again_with_the_next_request(browser: Browser) -> None:
    browser.send(here="n", age="9")
    browser.send(why="生病")
    assert [question.value for question in browser.show().questions] == ["n", "生病", "9"]


def test_several_choices_ranks_times_and_stand_ins_are_taken(browser: Browser) -> None:
    browser.send(NEXT, here="y")
    shown = browser.send(what=["n", "y"], order=["n", "", "y"], when="2026-11-22T16:20", photos_1="yes", place="yes")
    values = {question.ref.rsplit("/", 1)[-1]: question.value for question in shown.questions}
    assert values["what"].split() == ["n", "y"] and values["order"] == "n y"
    assert values["when"].startswith("2026-11-22T16:20:00.000+08:00")
    assert values["photos_1"] == "example.jpg" and values["place"].startswith("20.0")
    assert browser.send(photos_1="", what=[]).questions[0].value == ""
    assert not [problem for problem in shown.problems if problem.kind == "type"]


def test_the_end_tells_what_is_open_and_what_would_be_saved(browser: Browser) -> None:
    browser.send(here="n")
    browser.send(why="家里没人带路")
    shown = browser.send(f"page:{END}")
    assert shown.is_end and shown.problems == []
    assert shown.saved == [("situation", "家里没人带路")]
    browser.send("page:/data/first")
    browser.send(here="")
    assert [problem.label for problem in browser.send(f"page:{END}").problems] == ["在家吗？"]


def test_repeats_grow_and_shrink(browser: Browser) -> None:
    shown = browser.send("page:/data/member")
    assert shown.growing == ("/data/member",)
    assert shown.repeat_title("/data/member").startswith("家人")
    assert len([q for q in browser.send("add:/data/member").questions if q.kind == "heading"]) == 2
    assert all(browser.show().is_removable(q) for q in browser.show().questions if q.kind == "heading")
    shown = browser.send("remove:/data/member[1]")
    assert len([q for q in shown.questions if q.kind == "heading"]) == 1


@pytest.mark.parametrize("step", ["page:/data/nowhere", "add:/data/first", "remove:/data/member[9]", "remove:x", "", "page:"])
def test_a_step_that_leads_nowhere_stays_in_the_form(browser: Browser, step: str) -> None:
    assert browser.send(step).page


def test_a_trial_can_begin_again_and_is_one_for_each_account(browser: Browser, school: Wiring) -> None:
    browser.send(here="n")
    browser.trials.restart(WHO)
    assert browser.show().questions[0].value == ""
    other = Browser(school, definition("call_log"))
    other.trials.answer(WHO, other.form, "e" * 64, [], CHECK, "zh_CN", load_wording())
    assert browser.show().questions[0].value == ""


def test_nothing_of_a_trial_becomes_a_record(browser: Browser, school: Wiring) -> None:
    browser.send(NEXT, here="n", why="x")
    with school.store.read() as conn:
        counts = [conn.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in ("record", "visit", "case_value")]
    assert counts == [0, 0, 0]


def test_the_child_is_an_invented_one() -> None:
    child = sample_child(dt.date(2026, 11, 22), load_wording())
    assert child["name"] == CHILD and "示例" in child["label"]


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_every_form_of_the_program_can_be_tried_in_both_languages(school: Wiring, locale: str) -> None:
    for form_id in ("absence_visit", "census", "spot_check"):
        browser = Browser(school, definition(form_id), locale)
        shown = browser.show()
        assert shown.page and shown.questions
        assert shown.session.language == definition(form_id).language_like(locale)
        browser.trials.restart(WHO)

