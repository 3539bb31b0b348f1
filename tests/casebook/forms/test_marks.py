"""Marks of ours in `appearance`: facts that may be the same as last time, answers for few; and answers of last time."""

from __future__ import annotations

import pytest

from assets import load_wording
from casebook.forms import Session
from casebook.forms.linting import lint
from casebook.forms.marks import restricted_pages, restricted_paths
from tests.casebook.forms.authoring import WORDING, YES_NO, env, fill, form

EVIDENCE = ("image", "audio", "file", "geopoint", "acknowledge", "time", "dateTime", "note", "start", "rank yn")


def kinds(survey: str, choices: str = YES_NO) -> set[str]:
    return {issue.kind for issue in lint(form(survey, choices))}


@pytest.mark.parametrize("kind", ["text", "integer", "decimal", "date", "select_one yn", "select_multiple yn", "barcode"])
def test_a_fact_may_be_the_same_as_last_time(kind: str) -> None:
    assert kinds(f"| type | name | appearance |\n| {kind} | a | minimal same-as-last |\n| select_one yn | b | |") == set()


@pytest.mark.parametrize("kind", [kind for kind in EVIDENCE if kind != "start"])
def test_evidence_may_not(kind: str) -> None:
    found = lint(form(f"| type | name | appearance |\n| {kind} | a | same-as-last |\n| select_one yn | b | |", YES_NO))
    assert [issue.kind for issue in found] == ["last_of_evidence"]
    said = load_wording("zh_CN")(found[0].message_key, **found[0].facts)
    assert "“同上次”不能用于证据" in said


def test_a_signature_may_not() -> None:
    assert kinds("| type | name | appearance |\n| image | a | signature same-as-last |\n| select_one yn | b | |") == {"last_of_evidence"}


@pytest.mark.parametrize("prop", ["outcome", "attitude", "will", "promise_date", "whereabouts", "needs"])
def test_what_a_visit_finds_out_anew_may_not(prop: str) -> None:
    entities = "| list_name | entity_id |\n| cases | ${case} |"
    survey = f"""
    | type   | name | appearance   | save_to |
    | csv-external | cases |              |         |
    | hidden | case |              |         |
    | text   | a    | same-as-last | {prop}  |
    """
    assert {issue.kind for issue in lint(form(survey, entities=entities))} == {"last_of_finding"}


def test_neither_in_a_repeat_nor_where_few_may_read() -> None:
    survey = """
    | type         | name | appearance              |
    | begin_repeat | r    |                         |
    | text         | a    | same-as-last            |
    | end_repeat   |      |                         |
    | text         | b    | same-as-last restricted |
    """
    assert sorted(issue.kind for issue in lint(form(survey))) == ["last_in_repeat", "last_of_restricted"]


def test_restricted_is_the_question_or_all_of_its_group() -> None:
    survey = """
    | type         | name | appearance           |
    | begin_group  | g    |                      |
    | image        | a    | restricted           |
    | text         | b    |                      |
    | end_group    |      |                      |
    | begin_group  | h    | field-list restricted |
    | begin_repeat | r    |                      |
    | file         | c    |                      |
    | end_repeat   |      |                      |
    | end_group    |      |                      |
    """
    made = form(survey)
    root = made.root.path
    assert restricted_paths(made) == {f"{root}/g/a", f"{root}/h/r/c"}
    assert restricted_pages(made) == {"h"}


LAST = """
| type  | name | default             |
| begin_group | g |                  |
| text  | way  | ${last-saved#way}   |
| end_group |  |                     |
"""


def test_a_default_takes_the_answer_that_was_saved_last() -> None:

    made = form(LAST)
    name = made.root.name
    for saved, expected in ((f"<{name}><g><way>步行</way></g></{name}>", "步行"), ("<other><g><way>骑车</way></g></other>", "骑车"),
                            ("", ""), ("<broken", ""), (f"<{name}/>", "")):  # fmt: skip
        opened = Session(made, {}, env(), wording=WORDING, last_saved=saved)
        assert opened.value(f"/{name}/g/way") == expected, saved


def test_without_a_last_one_the_default_is_blank() -> None:
    opened = fill(LAST)
    assert opened.value(opened.ref_of("way") or "") == ""
