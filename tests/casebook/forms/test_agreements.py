"""What comparing with other form engines found: each was once wrong here, and both of them agreed on the right answer."""

from __future__ import annotations

import pytest

from casebook.forms import Session
from tests.casebook.forms.authoring import LETTERS, YES_NO, begin, fill, form, value_of

INNER = """
| type         | name | repeat_count | default | calculation |
| begin repeat | a    |              |         |             |
| begin repeat | b    | 1 + 1        |         |             |
| text         | t    |              | abc     |             |
| end repeat   |      |              |         |             |
| end repeat   |      |              |         |             |
| integer      | n    |              | count(${t}) + 0 |     |
"""


def test_an_inner_repeat_has_its_template_from_that_of_the_outer_one() -> None:
    session = fill(INNER)
    assert [session.value(f"/data/a[1]/b[{place}]/t") for place in (1, 2)] == ["abc", "abc"]


def test_defaults_count_the_instances_that_counts_ask_for() -> None:
    assert fill(INNER).value("/data/n") == "2"


FILTERED = """
| type                | name | choice_filter               | default | relevant   |
| text                | t    |                             |         |            |
| select_multiple abc | m    | ${t} = 'x' or name = 'b'    | a b     |            |
| select_one abc      | s    | name = 'b'                  | a       | ${t} = 'y' |
| begin repeat        | r    |                             |         |            |
| select_multiple abc | n    | name = 'b'                  | a b     |            |
| end repeat          |      |                             |         |            |
"""


def filtered() -> Session:
    return fill(FILTERED, LETTERS)


def test_defaults_that_are_not_offered_go_at_the_start() -> None:
    session = filtered()
    assert session.value("/data/m") == "b"
    session.add_repeat("/data/r")
    assert [session.value(f"/data/r[{place}]/n") for place in (1, 2)] == ["b", "b"]


def test_a_default_that_is_not_offered_goes_when_its_question_becomes_relevant() -> None:
    session = filtered()
    session.set("/data/t", "y")
    assert session.value("/data/s") == ""


def test_an_answer_given_beforehand_stays_until_its_list_moves() -> None:
    session = begin(form(FILTERED, LETTERS), prefill={"m": "a"})
    assert (session.value("/data/m"), session.question("/data/m").problem.kind) == ("a", "type")  # type: ignore[union-attr]


def test_the_name_of_a_choice_is_found_from_inside_a_repeat() -> None:
    survey = "| type | name | calculation |\n| begin repeat | r | |\n| select_one yn | a | |\n| calculate | c | jr:choice-name(${a}, '${a}') |\n| end repeat | | |"
    session = fill(survey, YES_NO)
    session.add_repeat("/data/r")
    session.set("/data/r[2]/a", "no")
    assert [session.value(f"/data/r[{place}]/c") for place in (1, 2)] == ["", "否"]


def test_the_places_of_what_is_joined_stay() -> None:
    survey = "| type | name | calculation | relevant |\n| text | a | | 1 > 2 |\n| text | b | | |\n| calculate | j | join('/', ${a}, ${b}, 'x') | |"
    assert fill(survey).value("/data/j") == "//x"


BLANK = "| type | name | calculation |\n| text | a | |\n| calculate | b | if({0}, 'y', 'n') |"


@pytest.mark.parametrize("condition", ["boolean(${a})", "${a}", "boolean(once(${a}))", "not(not(${a}))"])
def test_a_blank_answer_is_no_condition(condition: str) -> None:
    session = fill(BLANK.format(condition))
    assert session.value("/data/b") == "n"
    session.set("/data/a", "x")
    assert session.value("/data/b") == "y"


def test_a_stored_infinity_is_one() -> None:
    session = fill("| type | name | calculation |\n| calculate | a | 1 div 0 |\n| calculate | b | if(${a} > 5, 'y', 'n') |")
    assert (session.value("/data/a"), session.value("/data/b")) == ("Infinity", "y")


@pytest.mark.parametrize(("formula", "value"), [
    ("date(decimal-date-time('2026-11-20') + 3)", "2026-11-23"), ("date('2026-11-20T00:00:00.000+08:00')", "2026-11-20"),
    ("date('2026-11-20T08:30:00.000+08:00')", "2026-11-20T08:30:00.000+08:00"),
])  # fmt: skip
def test_the_midnight_of_a_day_is_the_day(formula: str, value: str) -> None:
    assert value_of(formula) == value


OVERRIDDEN = """
| type          | name | calculation                  | label::中文 (zh) | label::English (en) |
| text          | a    |                              | 甲               | A                   |
| select_one yn | s    |                              | 乙               | B                   |
| text          | b    | substr(${a}, 0, 1)           | 丙               | C                   |
| text          | c    | jr:choice-name(${s}, '${s}') | 丁               | D                   |
"""


def test_a_persons_entry_stays_until_the_computed_value_moves() -> None:
    choices = "| list_name | name | label::中文 (zh) | label::English (en) |\n| yn | yes | 是 | Yes |"
    session = begin(form(OVERRIDDEN, choices, default_language="中文 (zh)"))
    session.set("/data/a", "xy")
    session.set("/data/b", "mine")
    session.set("/data/c", "own")
    session.set("/data/a", "xz")
    session.set_language("en")
    assert (session.value("/data/b"), session.value("/data/c")) == ("mine", "own")
    again = begin(session.form, draft=session.draft())
    again.set("/data/a", "xw")
    assert again.value("/data/b") == "mine"
    again.set("/data/a", "yz")
    assert again.value("/data/b") == "y"
