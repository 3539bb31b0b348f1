"""Sections as screens: which pages there are, what stands on them, and how a page is read back."""

from __future__ import annotations

import pytest

from casebook.errors import AnswerInvalid
from casebook.forms import Session
from tests.casebook.forms.authoring import LETTERS, YES_NO, fill

FORM = """
| type                | name   | label    | relevant       | appearance |
| text                | first  | 第一题   |                |            |
| text                | second | 第二题   |                |            |
| begin group         | page   | 第一页   |                | field-list |
| select_one yn       | met    | 见到了吗 |                |            |
| begin group         | inner  | 小标题   | ${met} = 'yes' |            |
| text                | who    | 谁       |                |            |
| begin group         | deep   | 更小     |                |            |
| note                | said   | 请说     |                |            |
| end group           |        |          |                |            |
| end group           |        |          |                |            |
| end group           |        |          |                |            |
| begin group         | silent | 只有计算 |                |            |
| hidden              | sum    |          |                |            |
| end group           |        |          |                |            |
| begin group         | later  | 第二页   | ${met} = 'yes' |            |
| select_multiple abc | many   | 选几个   |                |            |
| acknowledge         | ok     | 属实     |                |            |
| image               | photo  | 照片     |                |            |
| end group           |        |          |                |            |
| text                | last   | 最后一题 |                |            |
"""


def session() -> Session:
    return fill(FORM, YES_NO + LETTERS.split("\n", 2)[2])


def test_groups_are_pages_and_loose_questions_in_a_row_share_one() -> None:
    pages = session().pages()
    assert [(p.ref, p.title, p.index) for p in pages] == [
        ("/data/first", "测试", 0), ("/data/page", "第一页", 1), ("/data/later", "第二页", 2), ("/data/last", "测试", 3),
    ]  # fmt: skip


def test_a_page_without_a_relevant_question_is_not_relevant() -> None:
    one = session()
    assert [p.relevant for p in one.pages()] == [True, True, False, True]
    one.set("/data/page/met", "yes")
    assert [p.relevant for p in one.pages()] == [True, True, True, True]


def test_inner_groups_leave_their_titles_between_the_questions() -> None:
    one = session()
    assert [(q.kind, q.label) for q in one.questions("/data/page")] == [("select_one", "见到了吗")]
    one.set("/data/page/met", "yes")
    assert [(q.kind, q.label) for q in one.questions("/data/page")] == [
        ("select_one", "见到了吗"), ("heading", "小标题"), ("text", "谁"), ("heading", "更小"), ("note", "请说"),
    ]  # fmt: skip


def test_a_page_that_does_not_exist_is_refused() -> None:
    with pytest.raises(AnswerInvalid):
        session().questions("/data/nowhere")


def test_a_page_reads_back_as_text_with_answers_in_words() -> None:
    one = session()
    one.set("/data/page/met", "yes")
    one.set("/data/page/inner/who", "奶奶")
    one.set("/data/later/many", "c a")
    one.set("/data/later/ok", "OK")
    one.set("/data/later/photo", "ab.jpg")
    assert one.text_of("/data/page") == "见到了吗：是\n小标题\n谁：奶奶\n更小\n请说"
    assert one.text_of("/data/later") == "选几个：丙、甲\n属实：已确认\n照片：已拍照"
    assert (one.words("/data/first"), one.words("/data/later/photo")) == ("", "已拍照")
