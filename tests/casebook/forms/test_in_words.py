"""A sealed visit in words: as it stood, never computed again."""

from __future__ import annotations

import pytest

from casebook.errors import FormBroken
from casebook.forms import TableSource, answers_in_words
from tests.casebook.forms.authoring import ENGLISH, WORDING, YES_NO, begin, env, form

SURVEY = """
| type          | name  | label::中文 (zh)      | label::English (en) | calculation                                     | relevant       |
| csv-external  | cases |                       |                     |                                                 |                |
| hidden        | case  |                       |                     |                                                 |                |
| calculate     | phone |                       |                     | instance('cases')/root/item[name=${case}]/phone |                |
| begin group   | g     | 见面                  | Meeting             |                                                 |                |
| note          | said  | 电话 ${phone}         | Phone ${phone}      |                                                 |                |
| select_one yn | met   | 见到了吗              | Met?                |                                                 |                |
| text          | who   | 谁                    | Who                 |                                                 | ${met} = 'yes' |
| text          | why   | 为什么                | Why                 |                                                 | ${met} = 'no'  |
| end group     |       |                       |                     |                                                 |                |
| begin group   | sign  | 签名                  | Signing             |                                                 | ${met} = 'yes' |
| image         | pic   | 签字                  | Signature           |                                                 |                |
| end group     |       |                       |                     |                                                 |                |
"""
CHOICES = "| list_name | name | label::中文 (zh) | label::English (en) |\n| yn | yes | 是 | Yes |\n| yn | no | 否 | No |"
FORM = form(SURVEY, CHOICES, default_language="中文 (zh)")
LISTS = {"cases": TableSource([{"name": "c1", "phone": "12000000001"}])}


def sealed(met: str = "yes") -> str:
    session = begin(FORM, LISTS, prefill={"case": "c1"})
    session.set("/data/g/met", met)
    session.set("/data/g/who" if met == "yes" else "/data/g/why", "奶奶")
    session.set("/data/sign/pic", "ab.jpg")
    session.finalize()
    return session.to_xml()


def read(xml: str, language: str = "zh", lists=LISTS, wording=WORDING):
    return answers_in_words(FORM, xml, lists, language, env(), wording=wording)


def test_sections_questions_and_answers_in_words() -> None:
    meeting, signing = read(sealed())
    assert (meeting.title, signing.title) == ("见面", "签名")
    assert [(row.kind, row.label, row.words) for row in meeting.rows] == [
        ("note", "电话 12000000001", ""), ("select_one", "见到了吗", "是"), ("text", "谁", "奶奶"),
    ]  # fmt: skip
    assert [(row.ref, row.value, row.words) for row in signing.rows] == [("/data/sign/pic", "ab.jpg", "已拍照")]


def test_the_same_answers_in_the_other_language() -> None:
    meeting, signing = read(sealed(), "en", wording=ENGLISH)
    assert (meeting.title, meeting.rows[1].label, meeting.rows[1].words) == ("Meeting", "Met?", "Yes")
    assert signing.rows[0].words == "Photo taken"


def test_what_was_not_asked_is_not_shown() -> None:
    (meeting,) = read(sealed("no"))
    assert [row.ref for row in meeting.rows] == ["/data/g/said", "/data/g/met", "/data/g/why"]


def test_a_question_left_blank_is_shown_as_blank() -> None:
    session = begin(FORM, LISTS)
    (meeting,) = read(session.to_xml())
    assert [(row.ref, row.words) for row in meeting.rows][1] == ("/data/g/met", "")


def test_computed_values_stay_as_written_whatever_the_lists_say_now() -> None:
    xml = sealed()
    newer = {"cases": TableSource([{"name": "c1", "phone": "changed"}])}
    assert read(xml, lists=newer) == read(xml) == read(xml, lists={})


def test_repeats_are_shown_one_after_the_other() -> None:
    definition = form("| type | name | label |\n| begin repeat | child | 孩子 |\n| text | name | 姓名 |\n| end repeat | | |", YES_NO)
    session = begin(definition)
    session.add_repeat("/data/child")
    session.set("/data/child[1]/name", "甲")
    session.set("/data/child[2]/name", "乙")
    (section,) = answers_in_words(definition, session.to_xml(), {}, None, env(), wording=WORDING)
    assert [(row.kind, row.label, row.words) for row in section.rows] == [
        ("heading", "孩子（1）", ""), ("text", "姓名", "甲"), ("heading", "孩子（2）", ""), ("text", "姓名", "乙"),
    ]  # fmt: skip


def test_repeats_inside_repeats_are_numbered_each_and_empty_ones_say_nothing() -> None:
    definition = form("| type | name | label |\n| begin repeat | house | 房子 |\n| begin repeat | child | 孩子 |\n| text | name | 姓名 |\n"
                      "| end repeat | | |\n| end repeat | | |", YES_NO)  # fmt: skip
    session = begin(definition)
    session.add_repeat("/data/house")
    for name in ("甲", "乙"):
        session.add_repeat("/data/house[2]/child")
        session.set(f"/data/house[2]/child[{'甲乙'.index(name) + 1}]/name", name)
    session.remove_repeat("/data/house[1]/child", 1)
    (section,) = answers_in_words(definition, session.to_xml(), {}, None, env(), wording=WORDING)
    assert [row.words or row.label for row in section.rows] == ["房子（1）", "房子（2）", "孩子（1）", "甲", "孩子（2）", "乙"]


@pytest.mark.parametrize("xml", ["", "<data", "<!DOCTYPE d [<!ENTITY e 'x'>]><data>&e;</data>"])
def test_what_cannot_be_read_is_refused(xml: str) -> None:
    with pytest.raises(FormBroken):
        read(xml)
