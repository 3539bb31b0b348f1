"""Every fault of a form is named, and a sound form has none."""

from __future__ import annotations

import pytest

from assets import load_wording
from casebook.forms import FormDef
from casebook.forms.linting import lint
from tests.casebook.forms.authoring import LETTERS, YES_NO, compiled, form

SOUND = """
| type          | name | relevant       | required | constraint                | calculation                     | choice_filter |
| date          | day  |                | yes      | . >= date('2026-01-01')   |                                 |               |
| select_one yn | met  |                |          |                           |                                 | name != ''    |
| text          | tel  | ${met} = 'yes' |          | regex(., '^[0-9]{11}$')   |                                 |               |
| calculate     | due  |                |          |                           | date(${day} + 3)                |               |
| calculate     | kept |                |          |                           | coalesce(., 'x')                |               |
"""


def question(column: str, formula: str, kind: str = "text") -> str:
    """A form with a date, a text and a truth to refer to, and one rule to examine."""
    return f"""
    | type      | name  | calculation       | {column if column != "calculation" else "x"} |
    | date      | day   |                   |           |
    | text      | a     |                   |           |
    | calculate | since | '2026-11-01'      |           |
    | calculate | truth | ${{a}} = 'x'      |           |
    | {kind} | b | {formula if column == "calculation" else ""} | {formula if column != "calculation" else ""} |
    """


def kinds(definition: FormDef, portable: bool = True) -> set[str]:
    return {issue.kind for issue in lint(definition, portable)}


def test_a_sound_form_has_no_issue() -> None:
    assert lint(form(SOUND, YES_NO)) == []


@pytest.mark.parametrize(("column", "formula", "kind"), [
    ("relevant", "${a} = ", "syntax"), ("relevant", "(${a} = 'x'", "syntax"), ("constraint", "frob(.)", "function"), ("constraint", "if(., 1)", "arguments"),
    ("relevant", "${a} ＝ 'x'", "full_width"), ("relevant", "selected（${a}，'x'）", "full_width"),
    ("relevant", "/data/zzz = 1", "unknown_question"), ("relevant", "instance('none')/root/item[1]/x = 1", "unknown_list"),
    ("constraint", "regex(., '^[0-9$')", "pattern"), ("relevant", "${b} = 'x'", "circle"),
])  # fmt: skip
def test_what_would_break_is_found_without_caring_for_other_clients(column: str, formula: str, kind: str) -> None:
    assert kinds(form(question(column, formula)), portable=False) == {kind}


def test_curly_quotes_are_named_as_what_they_are() -> None:
    xml = compiled(question("relevant", "${a} = 'x'"))
    curly = xml.replace(b"relevant=\" /data/a  = 'x'\"", "relevant=\" /data/a  = ‘x’\"".encode())
    assert curly != xml
    assert [issue.facts["sign"] for issue in lint(FormDef.from_xml(curly), portable=False)] == ["‘"]


@pytest.mark.parametrize(("column", "formula", "kind"), [
    ("constraint", "regex(., '[0-9]+')", "pattern_not_tied"), ("relevant", "${truth}", "stored_truth"), ("relevant", "not(${truth})", "stored_truth"),
    ("required", "${a} = 'x' and ${truth}", "stored_truth"), ("constraint", "floor(1.5) = 1", "function_only_here"),
    ("relevant", "area('0 0;0 1;1 1') > 1", "function_only_here"), ("relevant", "${day} >= ${since}", "date_against_text"),
    ("constraint", "if(${truth}, 1, 0) = 1", "stored_truth"),
])  # fmt: skip
def test_traps_are_found_only_when_asked_for(column: str, formula: str, kind: str) -> None:
    definition = form(question(column, formula))
    assert kinds(definition) == {kind}
    assert kinds(definition, portable=False) == set()


@pytest.mark.parametrize(("formula", "kind"), [
    ("date(decimal-date-time(${day}) + 3)", "date_through_number"), ("format-date(date(decimal-date-time(now())), '%Y')", "date_through_number"),
    ("once(if(${a} = '', 'none', ${a}))", "once_before_answer"),
])  # fmt: skip
def test_traps_of_calculations(formula: str, kind: str) -> None:
    assert kinds(form(question("calculation", formula, "calculate"))) == {kind}


@pytest.mark.parametrize("formula", ["date(${day} + 3)", "format-date(date(${day} + 3), '%Y')", "once(now())", "int(${day} - date(${since}))"])
def test_the_right_way_is_no_trap(formula: str) -> None:
    assert kinds(form(question("calculation", formula, "calculate"))) == set()


def test_a_date_in_its_own_constraint_against_a_text_is_a_trap() -> None:
    assert kinds(form(question("constraint", ". >= ${since}", "date"))) == {"date_against_text"}
    assert kinds(form(question("constraint", ". >= date(${since})", "date"))) == set()


def test_a_comparison_with_the_written_truth_is_right() -> None:
    assert kinds(form(question("relevant", "${truth} = 'true'"))) == set()


CIRCLES = [
    "| calculate | a | ${b} + 1 | |\n| calculate | b | ${c} + 1 | |\n| calculate | c | ${a} + 1 | |",
    "| calculate | a | ${b} + 1 | |\n| text | b | | ${a} = 1 |",
    "| begin group | g | | ${b} = 'x' |\n| text | b | | |\n| end group | | | |",
    "| text | a | ${b} | | ${b} |\n| text | b | ${a} | | ${a} |",
]


def circle(survey: str) -> FormDef:
    lines = [line if line.count("|") == 6 else f"{line} |" for line in survey.splitlines()]
    return form("| type | name | calculation | relevant | trigger |\n" + "\n".join(lines))


@pytest.mark.parametrize("survey", CIRCLES)
def test_circles_are_found_and_named(survey: str) -> None:
    issues = [issue for issue in lint(circle(survey)) if issue.kind == "circle"]
    assert len(issues) == 1
    assert set(issues[0].facts["names"].split(" → ")) <= {"a", "b", "c", "g"}


def test_reading_the_own_former_value_is_no_circle() -> None:
    assert kinds(form("| type | name | calculation | relevant |\n| text | x | | |\n| calculate | a | if(${a} = '', 1, ${a}) | ${x} = 1 |")) == set()


def test_running_totals_over_repeats_are_no_circle() -> None:
    survey = """
    | type         | name | calculation                                       |
    | begin repeat | r    |                                                   |
    | integer      | x    |                                                   |
    | calculate    | sum  | ${x} + coalesce(indexed-repeat(${sum}, ${r}, position(..) - 1), 0) |
    | end repeat   |      |                                                   |
    """
    assert kinds(form(survey)) == set()


def test_names_and_languages_for_other_clients() -> None:
    survey = "| type | name | label::中文 (zh) | label::English (en) |\n| text | 姓名 | 名 | Name |\n| text | b | 乙 | |"
    definition = form(survey, default_language="中文 (zh)")
    assert {(issue.kind, issue.ref) for issue in lint(definition)} == {("name_not_ascii", "/data/姓名"), ("translation", "/data/b:label")}
    assert lint(definition, portable=False) == []


@pytest.mark.parametrize("kind", ["geotrace", "geoshape", "video"])
def test_questions_that_we_cannot_ask_are_named(kind: str) -> None:
    assert kinds(form(f"| type | name |\n| {kind} | a |")) == {"unsupported"}


def test_a_question_about_nothing_and_a_choice_of_nothing_are_named() -> None:
    xml = compiled("| type | name |\n| select_one abc | a |", LETTERS)
    nowhere = FormDef.from_xml(xml.replace(b'<select1 ref="/data/a">', b'<select1 ref="/data/z">'))
    assert kinds(nowhere, portable=False) == {"unknown_question"}
    start, end = xml.index(b"<itemset"), xml.index(b"</itemset>") + len(b"</itemset>")
    assert kinds(FormDef.from_xml(xml[:start] + xml[end:]), portable=False) == {"no_choices"}


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_every_issue_can_be_said(locale: str) -> None:
    wording = load_wording(locale)
    broken = form(question("relevant", "${a} ＝ 'x'")), form(question("constraint", "regex(., 'x')")), circle(CIRCLES[0])
    for definition in broken:
        for issue in lint(definition):
            sentence = wording(issue.message_key, **issue.facts)
            assert sentence != issue.message_key and "—" not in sentence
