"""What a finished form says about cases."""

from __future__ import annotations

from casebook.forms import EntityOp, Session, extract
from tests.casebook.forms.authoring import YES_NO, begin, form

SURVEY = """
| type          | name  | relevant      | save_to    | calculation |
| hidden        | case  |               |            |             |
| csv-external  | cases |               |            |             |
| select_one yn | met   |               | seen       |             |
| text          | phone | ${met} = 'yes' | guardian_phone |         |
| text          | other |               |            |             |
| begin group   | g     | ${met} = 'no' |            |             |
| date          | next  |               | next_date  |             |
| end group     |       |               |            |             |
"""
UPDATE = "| list_name | entity_id | label |\n| cases | ${case} | concat('个案 ', ${case}) |"


def visit() -> Session:
    return begin(form(SURVEY, YES_NO, UPDATE), prefill={"case": "c1"})


def test_answers_with_a_property_are_saved_to_the_case() -> None:
    session = visit()
    session.set("/data/met", "yes")
    session.set("/data/phone", "12000000001")
    session.set("/data/other", "x")
    assert extract(session) == [EntityOp("cases", "c1", "update", {"seen": "yes", "guardian_phone": "12000000001"}, "个案 c1")]


def test_what_is_irrelevant_or_blank_is_not_saved() -> None:
    session = visit()
    session.set("/data/met", "yes")
    session.set("/data/phone", "12000000001")
    session.set("/data/met", "no")
    assert extract(session)[0].properties == {"seen": "no"}
    session.set("/data/g/next", "2026-11-23")
    assert extract(session)[0].properties == {"seen": "no", "next_date": "2026-11-23"}


def test_a_form_without_entities_says_nothing() -> None:
    assert extract(begin(form("| type | name |\n| text | a |"))) == []


def test_an_entity_is_created_only_when_its_condition_holds() -> None:
    entities = "| list_name | create_if | label |\n| cases | ${met} = 'yes' | ${phone} |"
    session = begin(form(SURVEY, YES_NO, entities))
    session.set("/data/met", "no")
    assert extract(session) == []
    session.set("/data/met", "yes")
    session.set("/data/phone", "1")
    (operation,) = extract(session)
    assert (operation.action, operation.label) == ("create", "1")
    assert operation.id != ""


def test_each_repeat_instance_makes_its_own_entity() -> None:
    survey = """
    | type         | name | save_to       |
    | text         | town |               |
    | begin repeat | sib  |               |
    | text         | name | siblings#full |
    | end repeat   |      |               |
    """
    session = begin(form(survey, "", "| list_name | label |\n| siblings | ${name} |"))
    session.add_repeat("/data/sib")
    session.set("/data/sib[1]/name", "甲")
    session.set("/data/sib[2]/name", "乙")
    assert [(op.dataset, op.properties, op.label) for op in extract(session)] == [
        ("siblings", {"full": "甲"}, "甲"), ("siblings", {"full": "乙"}, "乙"),
    ]  # fmt: skip
    assert len({op.id for op in extract(session)}) == 2
