"""Wide signs are repaired where a form means code, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.authoring.punctuation import repaired_expression, repaired_name, repaired_text
from tests.sync_server.authoring.books import asked, passed, places, refused, workbook

EXPRESSIONS = {
    "selected（${who}，‘a’）": "selected(${who},'a')",
    "${b}＝“是（的），好！”": '${b}="是（的），好！"',
    "not（${x}） and ${Ｙ} ≥ ３": "not(${x}) and ${Y} >= 3",
    "'a，b' = “c'd”": "'a，b' = \"c'd\"",
    "${a} ！＝ 'x’": "${a} != 'x'",
    "concat('“x”', \"’\")": "concat('“x”', \"’\")",
    "＄｛who｝ ＞ １ ＋ ２；": "${who} > 1 + 2;",
    "（${a}　＜　2）": "(${a} < 2)",
    "${a} × 2 ÷ 3": "${a} * 2  div  3",
    "\u200b${a}\xa0= 1": "${a} = 1",
    "${a} = 'never closed，": "${a} = 'never closed,",
}


@pytest.mark.parametrize("written", EXPRESSIONS)
def test_an_expression_gets_plain_signs_outside_its_quotes(written: str) -> None:
    assert repaired_expression(written) == EXPRESSIONS[written]


@given(st.text(alphabet="ab$ {}()'\",.=<>+-1 and", max_size=60))
def test_what_is_plain_already_stays_as_it_is(text: str) -> None:
    assert repaired_expression(text) == text.strip()


@given(st.text(alphabet="（），“”‘’'\"＝a１${}", max_size=40))
def test_repairing_twice_changes_nothing_more(text: str) -> None:
    once = repaired_expression(text)
    assert repaired_expression(once) == once


def test_a_text_for_people_keeps_its_punctuation_but_not_in_references() -> None:
    assert repaired_text("您好，＄｛who｝（家长）！") == "您好，${who}（家长）！"


def test_names_lose_wide_letters_and_blanks() -> None:
    assert repaired_name("　ｂｕｓ＿fare ") == "bus_fare"


def test_repairs_are_told_with_their_place() -> None:
    survey = [["隐藏", "", "case"], asked(), asked("ｔｅｘｔ", "b", "乙", 显示条件="${who}＝‘a’", 计算="")]
    examined = passed(workbook(survey))
    assert [(one.sheet, one.row, one.column, one.after) for one in examined.repairs] == [
        ("题目", 4, "题型", "text"), ("题目", 4, "显示条件", "${who}='a'"),
    ]  # fmt: skip


def test_what_cannot_be_repaired_is_named() -> None:
    complaints = refused(workbook([asked(), asked(name="b", 显示条件="${who} 〇 'a'"), asked(name="c", 校验=". ＝ 。")]))
    assert places(complaints) == [("cell.wide_sign", "题目", 3, "显示条件"), ("cell.wide_sign", "题目", 4, "校验")]
    assert [one.facts["sign"] for one in complaints] == ["〇", "。"]
