"""A draft opens exactly as it was left, whatever was answered, and only with the form that asked."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.errors import FormBroken, FormUnknown
from casebook.forms import Session, TableSource
from tests.casebook.forms.authoring import LETTERS, begin, fill, form

EVERYTHING = form(
    """
    | type                | name   | relevant            | required     | constraint | calculation                        | choice_filter          | trigger | default |
    | csv-external        | cases  |                     |              |            |                                    |                        |         |         |
    | hidden              | case   |                     |              |            |                                    |                        |         |         |
    | calculate           | phone  |                     |              |            | instance('cases')/root/item[name=${case}]/phone |           |         |         |
    | calculate           | stamp  |                     |              |            | once(now())                        |                        |         |         |
    | calculate           | lot    |                     |              |            | once(random())                     |                        |         |         |
    | calculate           | fresh  |                     |              |            | concat(uuid(), ${text})            |                        |         |         |
    | date                | day    |                     |              |            |                                    |                        |         | today() |
    | text                | text   |                     |              |            |                                    |                        |         |         |
    | text                | copied |                     |              |            | concat(${text}, '!')               |                        | ${text} |         |
    | integer             | n      |                     |              | . < 50     |                                    |                        |         |         |
    | integer             | more   |                     |              |            | ${n} + 1                           |                        |         |         |
    | select_multiple abc | many   | ${n} > 3            |              |            |                                    |                        |         |         |
    | select_one abc      | one    |                     | ${n} > 5     |            |                                    | selected(${many}, name) |        |         |
    | begin group         | group  | ${text} != 'x'      |              |            |                                    |                        |         |         |
    | text                | inside |                     |              |            |                                    |                        |         |         |
    | begin repeat        | child  |                     |              |            |                                    |                        |         |         |
    | integer             | age    |                     |              |            |                                    |                        |         |         |
    | text                | id     | ${age} > 2          |              |            |                                    |                        |         | uuid()  |
    | calculate           | twice  |                     |              |            | ${age} * 2                         |                        |         |         |
    | end repeat          |        |                     |              |            |                                    |                        |         |         |
    | end group           |        |                     |              |            |                                    |                        |         |         |
    | calculate           | sum    |                     |              |            | sum(${twice})                      |                        |         |         |
    """,
    LETTERS,
)
LISTS = {"cases": TableSource([{"name": "c1", "phone": "12000000001"}, {"name": "c2", "phone": "12000000002"}])}
texts = st.text(st.characters(codec="utf-8"), max_size=12)
numbers = st.integers(-5, 60).map(str)
letters = st.lists(st.sampled_from("abc"), unique=True).map(" ".join)
answers = st.one_of(
    st.tuples(st.just("/data/case"), st.sampled_from(["", "c1", "c2", "c9"])), st.tuples(st.just("/data/text"), st.one_of(texts, st.just("x"))),
    st.tuples(st.sampled_from(["/data/n", "/data/more", "/data/group/child[1]/age", "/data/group/child[2]/age"]), numbers),
    st.tuples(st.just("/data/many"), letters), st.tuples(st.just("/data/one"), st.sampled_from(["", "a", "b"])),
    st.tuples(st.sampled_from(["/data/group/inside", "/data/copied", "/data/phone", "/data/group/child[1]/id"]), texts),
    st.tuples(st.just("add"), st.just("")), st.tuples(st.just("remove"), st.just("")),
)  # fmt: skip


def answer(session: Session, ref: str, value: str) -> None:
    if ref == "add":
        session.add_repeat("/data/group/child")
    elif ref == "remove" and "<child>" in session.to_xml(drop_irrelevant=False):
        session.remove_repeat("/data/group/child", 1)
    elif ref != "remove" and session.ref_of("child") is not None and ("[2]" not in ref or "</child><child>" in session.to_xml(False)):
        session.set(ref, value)


def looks(session: Session) -> object:
    pages = session.pages()
    return [pages, [session.questions(page.ref) for page in pages], session.problems(), session.answered, session.language]


@given(st.lists(answers, max_size=14))
def test_a_reopened_draft_is_what_was_left(given_answers: list[tuple[str, str]]) -> None:
    session = begin(EVERYTHING, LISTS, prefill={"case": "c1"})
    for ref, value in given_answers:
        answer(session, ref, value)
    draft = json.loads(json.dumps(session.draft()))
    again = begin(EVERYTHING, LISTS, draft=draft, now="2027-03-01T00:00:00+00:00")
    assert again.draft() == draft
    assert looks(again) == looks(session)
    assert again.to_xml() == session.to_xml()


@given(st.lists(answers, max_size=8), st.lists(answers, min_size=1, max_size=6))
def test_a_reopened_draft_goes_on_as_if_it_had_never_been_closed(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> None:
    session = begin(EVERYTHING, LISTS, prefill={"case": "c1"})
    for ref, value in before:
        answer(session, ref, value)
    again = begin(EVERYTHING, LISTS, draft=session.draft())
    for ref, value in after:
        answer(session, ref, value)
        answer(again, ref, value)
    for one in (session, again):
        one.set("/data/text", "end")  # fresh identifiers are counted by each session
        one.set("/data/fresh", "same")
    strip = lambda one: [q for page in one.pages() for q in one.questions(page.ref) if not q.ref.endswith("/id")]  # noqa: E731
    assert strip(again) == strip(session)


def test_what_came_from_the_clock_or_chance_is_not_drawn_again() -> None:
    session = begin(EVERYTHING, LISTS)
    before = [session.value(f"/data/{name}") for name in ("stamp", "lot", "fresh", "day")]
    again = begin(EVERYTHING, LISTS, draft=session.draft(), now="2027-01-01T00:00:00+08:00")
    assert [again.value(f"/data/{name}") for name in ("stamp", "lot", "fresh", "day")] == before
    again.set("/data/text", "moved")
    assert again.value("/data/fresh") != before[2]
    assert again.value("/data/stamp") == before[0]


def test_what_the_store_knows_better_by_now_is_looked_up_again() -> None:
    session = begin(EVERYTHING, LISTS, prefill={"case": "c1"})
    newer = {"cases": TableSource([{"name": "c1", "phone": "12000000099"}])}
    assert begin(EVERYTHING, newer, draft=session.draft()).value("/data/phone") == "12000000099"


def test_an_own_entry_over_a_calculation_survives_reopening() -> None:
    session = begin(EVERYTHING, LISTS)
    session.set("/data/n", "1")
    session.set("/data/more", "40")
    again = begin(EVERYTHING, LISTS, draft=session.draft())
    assert again.value("/data/more") == "40"
    again.set("/data/n", "2")
    assert again.value("/data/more") == "3"


def test_opening_takes_no_answer_away_even_if_it_is_offered_no_more() -> None:
    definition = form("| type | name |\n| select_one_from_file cases.csv | case |")
    session = begin(definition, {"cases": TableSource([{"name": "c1", "label": "甲"}])})
    session.set("/data/case", "c1")
    again = begin(definition, {"cases": TableSource([{"name": "c2", "label": "乙"}])}, draft=session.draft())
    assert again.value("/data/case") == "c1"
    assert again.problems()[0].message == "选过的选项现在不在可选范围里，请重新选择。"


def test_a_reopened_choice_still_follows_its_filter() -> None:
    session = begin(EVERYTHING, LISTS)
    for ref, value in (("/data/n", "9"), ("/data/many", "a b"), ("/data/one", "b")):
        session.set(ref, value)
    again = begin(EVERYTHING, LISTS, draft=session.draft())
    assert again.set("/data/many", "a").values == {"/data/many", "/data/one"}


def test_times_and_language_come_back() -> None:
    definition = form("| type | name | label::中文 (zh) | label::English (en) |\n| text | a | 甲 | A |", default_language="中文 (zh)")
    session = begin(definition)
    session.set("/data/a", "x")
    session.set_language("en")
    again = begin(definition, draft=session.draft(), language="zh")
    assert again.answered == {"/data/a": "2026-11-21T09:02:03+08:00"}
    assert again.question("/data/a").label == "A"


@pytest.mark.parametrize("other", [{"form_id": "other"}, {"version": "2"}])
def test_a_draft_opens_only_with_the_form_that_asked(other: dict[str, str]) -> None:
    survey = "| type | name |\n| text | a |"
    draft = fill(survey).draft()
    with pytest.raises(FormUnknown):
        begin(form(survey, **other), draft=draft)


#: as the first version of the app kept it: the whole instance as XML
FIRST_DRAFT = """{"form_id": "test", "version": "1", "language": null, "kept": ["/data/more", "/data/stamp"],
 "answered": {"/data/n": "2026-11-21T09:02:03+08:00", "/data/many": "2026-11-21T09:02:03+08:00"}, "xml":
 "<data id=\\"test\\" version=\\"1\\"><case>c1</case><phone>12000000001</phone><stamp>2026-11-20T07:00:00.000+08:00</stamp><lot>0.1</lot><fresh>u2x</fresh><day>2026-11-20</day><text>x</text><copied/><n>2</n><more>40</more><many>a b</many><one>b</one><group><inside>hidden</inside><child><age>3</age><id>u3</id><twice>6</twice></child><child><age>9</age><id/><twice/></child></group><sum>0</sum><meta><instanceID>uuid:u1</instanceID></meta></data>"}"""


def test_a_draft_of_the_first_app_opens_with_everything_that_was_hidden_and_goes_on() -> None:
    session = begin(EVERYTHING, LISTS, draft=json.loads(FIRST_DRAFT), now="2027-03-01T00:00:00+00:00")
    assert [session.value(f"/data/{name}") for name in ("stamp", "day", "more")] == ["2026-11-20T07:00:00.000+08:00", "2026-11-20", "40"]
    assert not session.question("/data/many").relevant and "hidden" not in session.to_xml()
    session.set("/data/text", "y")
    session.set("/data/n", "9")
    assert [session.value(f"/data/{name}") for name in ("many", "one", "group/inside", "group/child[2]/age", "sum")] == ["a b", "b", "hidden", "9", "24"]
    again = begin(EVERYTHING, LISTS, draft=json.loads(json.dumps(session.draft())))
    assert again.to_xml() == session.to_xml() and looks(again) == looks(session)


def test_a_draft_holds_what_is_answered_and_what_was_wiped() -> None:
    session = fill("| type | name | default |\n| text | a | x |\n| text | b | y |\n| begin group | g | |\n| text | c | |\n| end group | | |")
    assert set(session.draft()["answers"]) == {"@id", "@version", "a", "b", "meta"}
    session.set("/data/b", "")
    session.set("/data/g/c", "<&\ud800>")
    draft = session.draft()
    assert {name: draft["answers"][name] for name in ("b", "g")} == {"b": "", "g": {"c": "<&>"}}
    again = begin(session.form, draft=draft)
    assert [again.value(f"/data/{name}") for name in ("a", "b", "g/c")] == ["x", "", "<&>"]


def test_a_repeat_whose_first_instance_had_defaults_and_is_gone_comes_back_as_it_was() -> None:
    session = fill("| type | name | default |\n| begin repeat | r | |\n| text | a | x |\n| begin repeat | s | |\n| text | b | y |\n| end repeat | | |\n| end repeat | | |")
    session.add_repeat("/data/r")
    session.remove_repeat("/data/r", 1)
    session.set("/data/r[1]/a", "")
    session.add_repeat("/data/r[1]/s")
    again = begin(session.form, draft=json.loads(json.dumps(session.draft())))
    assert again.to_xml(False) == session.to_xml(False)
    session.remove_repeat("/data/r", 1)
    assert begin(session.form, draft=session.draft()).to_xml(False) == session.to_xml(False)


@pytest.mark.parametrize("answers", [None, 5, [], {"a": 5}, {"a": [None]}])
def test_a_draft_that_holds_something_else_is_a_broken_form(answers: object) -> None:
    session = fill("| type | name |\n| text | a |")
    with pytest.raises(FormBroken):
        begin(session.form, draft={**session.draft(), "answers": answers})


@pytest.mark.parametrize("xml", ["", "<data", "<!DOCTYPE x><data/>", "<data>" + "x" * 2_000_000 + "</data>"])
def test_a_damaged_draft_is_a_broken_form_not_a_crash(xml: str) -> None:
    session = fill("| type | name |\n| text | a |")
    with pytest.raises(FormBroken):
        begin(session.form, draft={**session.draft(), "xml": xml})
