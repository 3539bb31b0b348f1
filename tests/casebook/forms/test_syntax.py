"""Reading expressions: what is written comes back, and what cannot be read says why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.errors import FormBroken
from casebook.forms.expressions import compile_expression, parse
from casebook.forms.expressions.syntax import (
    Binary,
    Call,
    Expr,
    Filter,
    Literal,
    Negation,
    Number,
    Path,
    Step,
    write,
)

names = st.sampled_from(["data", "a", "b-1", "div", "and", "text", "学生", "jr:itext", "x.y"])
OPERATORS = ("or", "and", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "div", "mod", "|")
leaves: st.SearchStrategy[Expr] = st.one_of(
    st.floats(0, 1e18, allow_nan=False).map(Number),
    st.text(st.characters(exclude_characters="'\"", exclude_categories=("Cs",))).map(Literal),
    st.builds(Path, st.booleans(), st.lists(st.builds(Step, st.just("child"), names, st.just(())), min_size=1, max_size=3).map(tuple)),
)


def wider(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    few = st.lists(inner, max_size=2).map(tuple)
    step = st.builds(Step, st.sampled_from(["child", "parent", "attribute", "descendant-or-self"]),
                     st.one_of(names, st.just("*"), st.just("node()")), few)  # fmt: skip
    steps = st.lists(step, min_size=1, max_size=3).map(tuple)
    called = names.filter(lambda name: name != "text")
    filtered = st.builds(Filter, inner, few, steps)
    return st.one_of(
        st.builds(Negation, inner), st.builds(Binary, st.sampled_from(OPERATORS), inner, inner),
        st.builds(Call, called, few), st.builds(Path, st.booleans(), steps), filtered,
    )  # fmt: skip


@given(st.recursive(leaves, wider, max_leaves=12))
def test_an_expression_survives_being_written(expr: Expr) -> None:
    assert parse(write(expr)) == expr


@pytest.mark.parametrize(("source", "same"), [
    ("1+2*3", "1 + (2 * 3)"), ("a - b", "(a) - (b)"), ("a-b", "child::a-b"), ("1and1", "1 and 1"), ("-2 + 3", "(-2) + 3"),
    ("a or b and c = d", "a or (b and (c = d))"), ("..", "parent::node()"), (".", "self::node()"), ("@id", "attribute::id"),
    ("//a", "/descendant-or-self::node()/a"), (" /data/a ", "/data/a"), ("div div mod", "(div) div (mod)"),
    ("a[1][2]/b", "child::a[1][2]/child::b"), ("1 - 2 - 3", "(1 - 2) - 3"), ("* * *", "(child::*) * (child::*)"), ("-a|b", "-(a|b)"),
])  # fmt: skip
def test_the_same_meaning_in_other_words(source: str, same: str) -> None:
    assert parse(source) == parse(same)


def test_doubled_signs_still_make_a_number() -> None:
    assert parse("--1") == Negation(Negation(Number(1.0)))


@pytest.mark.parametrize(("source", "reason"), [
    ("", "unexpected"), ("1 +", "unexpected"), ("(1", "expected"), ("f(1", "expected"), ("a[1", "expected"), ("1 2", "unexpected"),
    ("a/", "step"), ("'open", "sign"), ("a ＝ 1", "sign"), ("if（a，b，c）", "sign"), ("“x”", "sign"), ("$var", "sign"), ("a &amp; b", "sign"),
    ("(" * 200 + "1" + ")" * 200, "nested"),
])  # fmt: skip
def test_what_cannot_be_read_says_why(source: str, reason: str) -> None:
    with pytest.raises(FormBroken) as caught:
        parse(source)
    assert caught.value.facts["reason"] == reason


@pytest.mark.parametrize(("source", "reason"), [
    ("frobnicate(1)", "function"), ("if(1, 2)", "arguments"), ("today(1)", "arguments"), ("sideways::a", "axis"),
    ("indexed-repeat(/a/b, /a)", "arguments"), ("indexed-repeat('x', /a, 1)", "arguments"),
])  # fmt: skip
def test_what_cannot_be_compiled_says_why(source: str, reason: str) -> None:
    with pytest.raises(FormBroken) as caught:
        compile_expression(source)
    assert caught.value.facts["reason"] == reason


def test_a_broken_expression_is_a_broken_form() -> None:
    with pytest.raises(FormBroken) as caught:
        compile_expression("1 +")
    assert caught.value.facts["source"] == "1 +"


@given(st.text(max_size=40))
def test_no_text_does_worse_than_being_broken(source: str) -> None:
    try:
        parse(source)
    except FormBroken:
        return
