"""Filling in a form: relevance, rules, choices, and what each answer is said to change."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest

from casebook.errors import AnswerInvalid, FormBroken, TextTooLong
from casebook.forms import Changes, Session, TableSource
from casebook.forms.checks import MOST_CHARACTERS
from casebook.forms.session import MOST_KEPT_CHARACTERS
from tests.casebook.forms.authoring import LETTERS, YES_NO, begin, fill, form

MEETING = """
| type          | name   | relevant       | required       | required_message | constraint          | constraint_message |
| select_one yn | met    |                | yes            | 请选择           |                     |                    |
| begin group   | inside | ${met} = 'yes' |                |                  |                     |                    |
| text          | who    |                | ${met} = 'yes' |                  |                     |                    |
| integer       | age    |                |                |                  | . >= 6 and . <= 18  | 6 到 18 岁         |
| integer       | year   |                |                |                  | . > 2000            |                    |
| end group     |        |                |                |                  |                     |                    |
| text          | note   | ${age} > 10    |                |                  |                     |                    |
"""


def problems(session: Session) -> list[tuple[str, str, str]]:
    return [(p.ref, p.kind, p.message) for p in session.problems()]


def test_a_group_and_all_inside_become_relevant_together() -> None:
    session = fill(MEETING, YES_NO)
    assert not session.question("/data/inside/who").relevant
    changes = session.set("/data/met", "yes")
    assert changes.relevance == {"/data/inside", "/data/inside/who", "/data/inside/age", "/data/inside/year"}
    assert session.question("/data/inside/who").relevant
    assert session.set("/data/met", "no").relevance == changes.relevance


def test_what_is_irrelevant_is_blank_for_others_kept_in_the_draft_and_not_sent() -> None:
    session = fill(MEETING, YES_NO)
    session.set("/data/met", "yes")
    session.set("/data/inside/age", "12")
    assert session.question("/data/note").relevant
    changes = session.set("/data/met", "no")
    assert "/data/note" in changes.relevance
    assert session.value("/data/inside/age") == ""
    assert "<age>" not in session.to_xml()
    assert session.draft()["answers"]["inside"]["age"] == "12"
    session.set("/data/met", "yes")
    assert session.value("/data/inside/age") == "12"


def test_problems_come_in_order_with_the_words_of_the_form_or_our_own() -> None:
    session = fill(MEETING, YES_NO)
    assert problems(session) == [("/data/met", "required", "请选择")]
    session.set("/data/met", "yes")
    session.set("/data/inside/age", "40")
    session.set("/data/inside/year", "1999")
    assert problems(session) == [
        ("/data/inside/who", "required", "这一题还没有填。"),
        ("/data/inside/age", "constraint", "6 到 18 岁"),
        ("/data/inside/year", "constraint", "这个答案和题目的要求不符，请再看一看。"),
    ]
    first = session.problems()[0]
    assert (first.page_ref, first.label) == ("/data/inside", "who")
    assert [p.ref for p in session.problems("/data/met")] == []


def test_a_question_is_required_only_while_its_rule_says_so() -> None:
    session = fill("| type | name | required |\n| text | a | |\n| text | b | ${a} = 'x' |")
    assert not session.question("/data/b").required
    changes = session.set("/data/a", "x")
    assert session.question("/data/b").required
    assert "/data/b" in changes.validity
    assert "/data/b" in session.set("/data/a", "").validity


@pytest.mark.parametrize(("kind", "typed", "kept", "problem"), [
    ("integer", "12", "12", None), ("integer", "１２", "12", None), ("integer", " 007 ", "7", None), ("integer", "3.0", "3", None),
    ("integer", "3.5", "3.5", "请填整数。"), ("integer", "十二", "十二", "请填整数。"), ("integer", "99999999999", "99999999999", "请填整数。"),
    ("decimal", "２．５", "2.5", None), ("decimal", "1,5", "1,5", "请填数字。"), ("date", "2026-11-21", "2026-11-21", None),
    ("date", "2026-02-30", "2026-02-30", "请填一个有效的日期，例如 2026-11-21。"), ("time", "16:20", "16:20", None), ("time", "24:01", "24:01", "请填一个有效的时间，例如 16:20。"),
    ("dateTime", "2026-11-21T10:00", "2026-11-21T10:00", None), ("dateTime", "2026-11-21", "2026-11-21", "请填有效的日期和时间。"),
    ("geopoint", "34.12 105.3 1200 8", "34.12 105.3 1200 8", None), ("geopoint", "91 0", "91 0", "这个位置读不出来，请重新定位。"),
    ("text", " 写字 \r\n第二行", " 写字 \n第二行", None), ("text", "a\x00b\ud800c\x1f", "abc", None), ("barcode", "GS000001", "GS000001", None),
])  # fmt: skip
def test_what_is_typed_is_kept_and_what_is_wrong_is_said(kind: str, typed: str, kept: str, problem: str | None) -> None:
    session = fill(f"| type | name |\n| {kind} | a |")
    session.set("/data/a", typed)
    question = session.question("/data/a")
    assert question.value == kept
    assert (question.problem.message if question.problem else None) == problem


def test_a_range_has_its_ends() -> None:
    session = fill("| type | name | parameters |\n| range | a | start=0 end=10 step=1 |")
    session.set("/data/a", "10")
    assert session.problems() == []
    session.set("/data/a", "11")
    assert session.problems()[0].message == "这个数超出了可选的范围。"


def test_too_long_a_text_is_kept_but_cannot_be_sealed() -> None:
    session = fill("| type | name |\n| text | a |")
    session.set("/data/a", "字" * 10_000)
    assert len(session.value("/data/a")) == 10_000
    assert session.problems()[0].kind == "constraint"
    assert f"最多 {MOST_CHARACTERS} 个字" in session.problems()[0].message
    with pytest.raises(TextTooLong):
        session.set("/data/a", "x" * (MOST_KEPT_CHARACTERS + 1))
    assert len(session.value("/data/a")) == 10_000


FILTERED = """
| type                | name | choice_filter        |
| select_multiple abc | all  |                      |
| select_one abc      | main | selected(${all}, name) |
"""


def test_choices_follow_their_filter_and_take_a_lost_answer_away() -> None:
    session = fill(FILTERED, LETTERS)
    session.set("/data/all", "b   c")
    assert session.value("/data/all") == "b c"
    assert [c.value for c in session.question("/data/main").choices] == ["b", "c"]
    session.set("/data/main", "c")
    changes = session.set("/data/all", "a b")
    assert [c.value for c in session.question("/data/main").choices] == ["a", "b"]
    assert session.value("/data/main") == ""
    assert (changes.values, changes.choices) == ({"/data/all", "/data/main"}, {"/data/main"})


def test_what_is_not_offered_cannot_be_chosen() -> None:
    session = fill(FILTERED, LETTERS)
    session.set("/data/all", "a z")
    assert session.value("/data/all") == "a"


def test_choices_can_come_from_the_store() -> None:
    survey = "| type | name | choice_filter |\n| select_one_from_file cases.csv | case | state != 'closed' |"
    table = TableSource([{"name": "c1", "label": "甲同学", "state": "open"}, {"name": "c2", "label": "乙同学", "state": "closed"}])
    session = fill(survey, lists={"cases": table})
    assert [(c.value, c.label) for c in session.question("/data/case").choices] == [("c1", "甲同学")]


@pytest.mark.parametrize("ref", ["/data/none", "/other/a", "/data/a/b", "/data/a[2]", "a", "", "/data"])
def test_an_answer_to_no_question_is_refused(ref: str) -> None:
    session = fill("| type | name |\n| text | a |")
    with pytest.raises(AnswerInvalid):
        session.set(ref, "x")


@pytest.mark.parametrize("ref", ["/data/n", "/data/ro"])
def test_what_is_read_only_stays(ref: str) -> None:
    session = fill("| type | name | read_only | default |\n| note | n | | |\n| text | ro | yes | x |")
    before = session.value(ref)
    with pytest.raises(AnswerInvalid):
        session.set(ref, "y")
    assert session.value(ref) == before


def test_the_same_answer_again_changes_nothing_not_even_the_time() -> None:
    session = fill("| type | name |\n| text | a |")
    session.set("/data/a", "x")
    times = dict(session.answered)
    assert session.set("/data/a", "x") == Changes()
    assert not session.set("/data/a", "x")
    assert session.answered == times == {"/data/a": "2026-11-21T09:02:03+08:00"}


def test_a_note_with_a_live_value_changes_its_label_only_when_it_was_looked_at() -> None:
    survey = "| type | name | label |\n| text | name | 名字 |\n| note | hello | 你好 **${name}** |"
    session = fill(survey)
    assert session.set("/data/name", "王").labels == set()
    assert session.question("/data/hello").label == "你好 **王**"
    assert session.set("/data/name", "李").labels == {"/data/hello"}
    assert session.question("/data/hello").label == "你好 **李**"


def test_prefilled_values_are_there_before_anything_is_computed() -> None:
    survey = """
    | type      | name    | calculation                                     | default     |
    | csv-external | cases |                                                |             |
    | hidden    | case    |                                                 |             |
    | calculate | frozen  | once(instance('cases')/root/item[name=${case}]/label) |       |
    | date      | day     |                                                 | today()     |
    | text      | visitor |                                                 | 默认        |
    """
    lists = {"cases": TableSource([{"name": "c1", "label": "甲"}])}
    session = fill(survey, lists=lists, prefill={"/data/case": "c1", "visitor": "王老师", "day": "2026-11-01"})
    values = [session.value(f"/data/{name}") for name in ("case", "frozen", "day", "visitor")]
    assert values == ["c1", "甲", "2026-11-01", "王老师"]
    with pytest.raises(AnswerInvalid):
        fill(survey, lists=lists, prefill={"nobody": "x"})


def test_defaults_metadata_and_names() -> None:
    survey = """
    | type     | name  | default  |
    | start    | start |          |
    | end      | end   |          |
    | today    | today |          |
    | username | user  |          |
    | deviceid | dev   |          |
    | date     | day   | today()  |
    | time     | at    | now()    |
    | integer  | n     | 3        |
    """
    session = begin(form(survey, instance_name="concat(${user}, '-', ${day})"))
    values = {name: session.value(f"/data/{name}") for name in ("start", "end", "today", "user", "dev", "day", "at", "n")}
    assert values == {
        "start": "2026-11-21T09:02:03.000+08:00", "end": "", "today": "2026-11-21", "user": "teacher", "dev": "d1",
        "day": "2026-11-21", "at": "09:02:03.000+08:00", "n": "3",
    }  # fmt: skip
    assert session.value("/data/meta/instanceID") == "uuid:u1"
    assert session.value("/data/meta/instanceName") == "teacher-2026-11-21"
    session.finalize()
    assert session.value("/data/end") == "2026-11-21T09:02:03.000+08:00"


def test_a_trigger_sets_and_a_later_entry_stands_until_the_next_trigger() -> None:
    survey = "| type | name | calculation | trigger |\n| text | a | | |\n| text | b | concat(${a}, '!') | ${a} |"
    session = fill(survey)
    assert session.set("/data/a", "x").values == {"/data/a", "/data/b"}
    session.set("/data/b", "own")
    assert session.value("/data/b") == "own"
    session.set("/data/a", "y")
    assert session.value("/data/b") == "y!"


def test_an_own_entry_over_a_calculation_stands_until_an_input_moves() -> None:
    session = fill("| type | name | calculation |\n| integer | a | |\n| integer | b | ${a} + 1 |")
    session.set("/data/a", "1")
    session.set("/data/b", "40")
    assert session.value("/data/b") == "40"
    session.set("/data/a", "2")
    assert session.value("/data/b") == "3"


def test_names_find_references_but_never_attributes() -> None:
    session = fill("| type | name |\n| begin group | g |\n| text | version |\n| end group | |")
    assert session.ref_of("version") == "/data/g/version"
    assert session.ref_of("nothing") is None


def test_the_sent_xml_reads_back_with_awkward_signs() -> None:
    session = fill("| type | name |\n| text | a |")
    text = "<a> & \"b\" 'c' ]]> 学\n𠮷\t"
    session.set("/data/a", text)
    root = fromstring(session.to_xml())
    assert root.findtext("a") == text
    assert (root.get("id"), root.get("version")) == ("test", "1")


def chain(length: int, backwards: bool) -> str:
    steps = [f"| calculate | c{n} | ${{c{n - 1}}} + 1 |" for n in range(1, length)]
    return "\n".join(["| type | name | calculation |", "| integer | c0 | |", *(steps[::-1] if backwards else steps)])


@pytest.mark.parametrize(("length", "backwards"), [(300, False), (80, True)])
def test_long_chains_of_calculations_settle(length: int, backwards: bool) -> None:
    session = fill(chain(length, backwards))
    session.set("/data/c0", "5")
    assert session.value(f"/data/c{length - 1}") == str(length + 4)


def test_a_form_that_goes_too_deep_is_broken_not_a_crash() -> None:
    with pytest.raises(FormBroken):
        fill(chain(600, True))


def test_a_form_that_never_settles_is_broken() -> None:
    survey = "| type | name | calculation | trigger |\n| integer | a | ${b} + 1 | ${b} |\n| integer | b | ${a} + 1 | ${a} |"
    session = fill(survey)
    with pytest.raises(FormBroken):
        session.set("/data/a", "1")


ONLY_C = "not(selected(., 'c') and count-selected(.) > 1)"


@pytest.mark.parametrize(("constraint", "taps", "answer"), [
    (ONLY_C, "a b c", "c"),  # "nobody else" takes back who was named
    (ONLY_C, "c a b", "a b"),  # and is taken back by whoever is named
    (ONLY_C, "b a b", "a"),
    (ONLY_C, "c c", ""),
    ("count-selected(.) <= 2", "a b c", "a b c"),  # one too many is complained of: nobody knows which
    ("not(selected(., 'a') and count-selected(.) = 1)", "a b", "a b"),  # wrong alone, right together
    ("${other} = 'a'", "b c", "b c"),  # wrong in another way
    ("true()", "c a", "a c"),
])  # fmt: skip
def test_a_tapped_choice_takes_out_those_that_cannot_stand_beside_it(constraint: str, taps: str, answer: str) -> None:
    session = fill(f"""
        | type                | name  | constraint   |
        | text                | other |              |
        | select_multiple abc | who   | {constraint} |
    """, LETTERS)  # fmt: skip
    for tap in taps.split():
        session.set("/data/who", session.tapped("/data/who", tap))
    assert session.value("/data/who") == answer
