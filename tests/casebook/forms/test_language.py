"""Two languages: switching, missing translations, guidance."""

from __future__ import annotations

from tests.casebook.forms.authoring import begin, form

FORM = form(
    """
    | type           | name | label::中文 (zh) | label::English (en) | hint::中文 (zh) | guidance_hint::中文 (zh) | guidance_hint::English (en) | required | required_message::中文 (zh) | required_message::English (en) |
    | select_one yn  | a    | 见到 ${b} 了吗   | Met ${b}?           | 提示            | 细说                     | In detail                   | yes      | 请选                        | Please choose                  |
    | text           | b    | 名字             |                     |                 |                          |                             |          |                             |                                |
    """,
    """
    | list_name | name | label::中文 (zh) | label::English (en) |
    | yn        | yes  | 是               | Yes                 |
    | yn        | no   | 否               | No                  |
    """,
    default_language="中文 (zh)",
)


def test_everything_that_is_read_changes_language() -> None:
    session = begin(FORM)
    session.set("/data/b", "王")
    before = session.question("/data/a")
    assert (before.label, before.hint, before.guidance, before.choices[0].label) == ("见到 王 了吗", "提示", "细说", "是")
    assert before.problem is not None and before.problem.message == "请选"
    session.set("/data/a", "yes")
    assert session.words("/data/a") == "是"
    changes = session.set_language("en")
    assert session.language == "English (en)"
    assert changes.labels >= {"/data/a"} and changes.choices == {"/data/a"} and not changes.values
    after = session.question("/data/a")
    assert (after.label, after.guidance, session.words("/data/a")) == ("Met 王?", "In detail", "Yes")
    session.set("/data/a", "")
    assert session.problems()[0].message == "Please choose"


def test_a_missing_translation_is_shown_in_the_language_of_the_form() -> None:
    session = begin(FORM, language="en")
    question = session.question("/data/b")
    assert question.label == "名字"
    assert session.question("/data/a").hint == "提示"


def test_an_unknown_language_is_that_of_the_form() -> None:
    session = begin(FORM, language="fr")
    assert session.language == "中文 (zh)"


def test_the_names_of_choices_in_calculations_follow_the_language() -> None:
    definition = form(
        "| type | name | label::中文 (zh) | label::English (en) | calculation |\n| select_one yn | a | 甲 | A | |\n"
        "| calculate | said | | | jr:choice-name(${a}, '${a}') |",
        "| list_name | name | label::中文 (zh) | label::English (en) |\n| yn | yes | 是 | Yes |",
        default_language="中文 (zh)",
    )
    session = begin(definition)
    session.set("/data/a", "yes")
    assert session.value("/data/said") == "是"
    session.set_language("en")
    assert session.value("/data/said") == "Yes"
