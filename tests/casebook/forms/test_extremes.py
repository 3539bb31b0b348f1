"""Forms that are too long, too many, in circles or plainly wrong: the engine stays quick or refuses with a reason."""

from __future__ import annotations

import pytest

from casebook.errors import FormBroken
from casebook.forms import FormDef, Session
from casebook.forms.linting import lint
from tests.casebook.forms.authoring import begin, compiled, form

MANY = 5_000
INSTANCES = 200
LONG_LIST = "| list_name | name | label | group |\n" + "".join(f"| big | v{n} | 选项{n} | g{n % 50} |\n" for n in range(MANY))
CHOOSING = """
| type           | name | choice_filter    | calculation                 |
| text           | g    |                  |                             |
| select_one big | all  |                  |                             |
| select_one big | few  | group = ${g}     |                             |
| calculate      | name |                  | jr:choice-name(${all}, '${all}') |
"""
CHILDREN = f"""
| type         | name  | repeat_count | calculation | relevant     |
| begin repeat | child | {INSTANCES}  |             |              |
| integer      | age   |              |             |              |
| text         | grade |              |             | ${{age}} > 5 |
| end repeat   |       |              |             |              |
| calculate    | sum   |              | sum(${{age}}) |            |
"""


@pytest.fixture(scope="module")
def choosing() -> Session:
    return begin(form(CHOOSING, LONG_LIST))


def test_five_thousand_choices_are_offered_found_and_filtered(choosing: Session) -> None:
    assert len(choosing.question("/data/all").choices) == MANY
    choosing.set("/data/all", f"v{MANY - 1}")
    assert choosing.value("/data/name") == f"选项{MANY - 1}"
    choosing.set("/data/g", "g7")
    few = choosing.question("/data/few")
    assert [choice.value for choice in few.choices[:2]] == ["v7", "v57"] and len(few.choices) == MANY // 50


def test_an_answer_elsewhere_does_not_read_five_thousand_choices_again(choosing: Session) -> None:
    choosing.question("/data/all")
    before = choosing._instance.graph.evaluations
    changes = choosing.set("/data/g", "g8")
    assert choosing._instance.graph.evaluations - before < 10
    assert "/data/all" not in changes.choices


def evaluations(session: Session, ref: str, value: str) -> int:
    before = session._instance.graph.evaluations
    session.set(ref, value)
    return session._instance.graph.evaluations - before


def test_two_hundred_instances_are_filled_in_summed_up_and_kept() -> None:
    session = begin(form(CHILDREN))
    for place in range(1, INSTANCES + 1):
        session.set(f"/data/child[{place}]/age", str(place % 10))
    assert session.value("/data/sum") == str(sum(place % 10 for place in range(1, INSTANCES + 1)))
    assert session.question(f"/data/child[{INSTANCES}]/grade").relevant is False
    again = begin(session.form, draft=session.draft())
    assert again.to_xml() == session.to_xml() and again.to_xml().count("<child>") == INSTANCES


def test_an_answer_in_one_of_two_hundred_instances_does_not_touch_the_others() -> None:
    session = begin(form(CHILDREN))
    for page in session.pages():
        session.questions(page.ref)
    session.set("/data/child[7]/age", "3")
    assert evaluations(session, "/data/child[7]/age", "9") < 10


CIRCLE = "| type | name | calculation |\n| calculate | a | ${b} + 1 |\n| calculate | b | ${a} + 1 |"
RELEVANCE = "| type | name | relevant |\n| text | a | ${b} = 'x' |\n| text | b | ${a} = 'x' |"


@pytest.mark.parametrize("survey", [CIRCLE, RELEVANCE])
def test_a_circle_is_named_before_publishing_and_never_hangs(survey: str) -> None:
    definition = FormDef.from_xml(compiled(survey))
    issues = [issue for issue in lint(definition, portable=False) if issue.kind == "circle"]
    assert issues and "→" in issues[0].facts["names"]
    try:
        session = begin(definition)
        [session.questions(page.ref) for page in session.pages()]
    except FormBroken as broken:
        assert broken.facts["reason"] == "circle"


def test_an_unknown_function_is_named_with_its_question() -> None:
    definition = FormDef.from_xml(compiled("| type | name | relevant |\n| text | a | |\n| text | b | frobnicate(${a}) |"))
    (issue,) = lint(definition, portable=False)
    assert (issue.ref, issue.kind, issue.facts["name"]) == ("/data/b", "function", "frobnicate")
    with pytest.raises(FormBroken):
        begin(definition).question("/data/b")


def test_a_chinese_name_is_refused_with_the_name() -> None:
    definition = FormDef.from_xml(compiled("| type | name |\n| text | 姓名 |"))
    (issue,) = [issue for issue in lint(definition) if issue.kind == "name_not_ascii"]
    assert (issue.ref, issue.facts["name"]) == ("/data/姓名", "姓名")
