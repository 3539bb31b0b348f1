"""Turns the syntax tree of an expression into closures over a context."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from casebook.errors import FormBroken
from casebook.forms.expressions.comparison import COMPARISONS, compare
from casebook.forms.expressions.conditions import answer_path, as_truth, compared_with, plain_path, with_choice
from casebook.forms.expressions.context import Context, Evaluate
from casebook.forms.expressions.parser import parse
from casebook.forms.expressions.registry import FUNCTIONS
from casebook.forms.expressions.repeats import compile_indexed_repeat
from casebook.forms.expressions.steps import compile_predicate, compile_steps
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
)
from casebook.forms.expressions.tokens import tokenize
from casebook.forms.values import NAN, Value, to_number, to_numbers, to_text, to_truth

_UP = Step("parent", "node()")


class Expression:
    """An expression of a form, read and compiled at its first use."""

    __slots__ = ("_evaluate", "_prefixes", "source")

    def __init__(self, source: str, prefixes: frozenset[tuple[str, str]]) -> None:
        self.source = source
        self._prefixes = prefixes
        self._evaluate: Evaluate | None = None

    def __call__(self, context: Context) -> Value:
        """The value at `context`. Raises FormBroken if the text cannot be read."""
        if self._evaluate is None:
            self._evaluate = _compiled(self.source, self._prefixes)
        return self._evaluate(context)

    def is_same_anywhere(self) -> bool:
        """Whether it plainly cannot depend on the node that it is about, which stands outside of repeats."""
        return _is_same_anywhere(self.source)

    def syntax(self) -> Expr:
        """The syntax tree, read afresh. Raises FormBroken."""
        return parse(self.source)


def compile_expression(source: str, prefixes: Mapping[str, str] | None = None) -> Evaluate:
    """Reads and compiles `source`. Raises FormBroken for bad syntax, unknown functions, wrong counts."""
    return _compiled(source, frozenset((prefixes or {}).items()))


#: of what an expression may consist that reads the same from every node
_SAME_KINDS = frozenset({"path", "number", "text", "word", "end"})
_SAME_TEXTS = frozenset({"(", ")", ",", "=", "!=", "<", ">", "<=", ">=", "+", "-", "not", "selected", "count-selected"})


@lru_cache(maxsize=4_096)
def _is_same_anywhere(source: str) -> bool:
    try:
        return all(kind in _SAME_KINDS or text in _SAME_TEXTS for kind, text in tokenize(source))
    except FormBroken:
        return False


#: the text of a label or hint, which is what half of all expressions are
_LABEL = re.compile(r"jr:itext\('([^']*)'\)\Z")


@lru_cache(maxsize=4_096)
def _compiled(source: str, prefixes: frozenset[tuple[str, str]]) -> Evaluate:
    """What the forms of a school have in common, and a form that is opened again, is compiled once."""
    label = _LABEL.match(source)
    if label is not None:
        text_id = label[1]
        return lambda context: context.host.itext(text_id, context.current)
    try:
        return _Compiler(dict(prefixes)).compile(parse(source))
    except FormBroken as broken:
        raise FormBroken(**{**broken.facts, "source": source}) from None


def _divide(left: float, right: float) -> float:
    if right != 0:
        return left / right
    if left == 0 or math.isnan(left):
        return NAN
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _remainder(left: float, right: float) -> float:
    if right == 0 or math.isnan(left) or math.isnan(right) or math.isinf(left):
        return NAN
    return math.fmod(left, right)


_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "div": _divide,
    "mod": _remainder,
}


def _beside(name: str) -> Evaluate:
    """`../name`, as answers in repeats call each other."""

    def run(context: Context) -> Value:
        above = context.node.parent
        return above.children_named(name) if above is not None else []

    return run


class _Compiler:
    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = prefixes

    def compile(self, expr: Expr) -> Evaluate:
        match expr:
            case Number(value) | Literal(value):
                return lambda context: value
            case Negation(operand):
                inner = self.compile(operand)
                return lambda context: -to_number(inner(context), context.host.zone)
            case Binary():
                return self._binary(expr)
            case Call():
                return self._call(expr)
            case Path():
                return self._path(expr)
            case Filter():
                return self._filter(expr)

    def _binary(self, expr: Binary) -> Evaluate:
        operator, left = expr.operator, self.compile(expr.left)
        if operator in ("=", "!=") and isinstance(expr.right, Literal):
            return compared_with(operator, left, expr.right.value, answer_path(expr.left))
        right = self.compile(expr.right)
        if operator in ("and", "or"):
            one, other = as_truth(expr.left, left), as_truth(expr.right, right)
            if operator == "and":
                return lambda context: one(context) and other(context)
            return lambda context: one(context) or other(context)
        if operator in COMPARISONS:
            return lambda context: compare(operator, left(context), right(context), context.host.zone)
        if operator == "|":
            return lambda context: _union(left(context), right(context))
        combine = _ARITHMETIC[operator]

        def calculate(context: Context) -> Value:
            return combine(*to_numbers(left(context), right(context), context.host.zone))

        return calculate

    def _call(self, call: Call) -> Evaluate:
        function = FUNCTIONS.get(call.name)
        count = len(call.arguments)
        if function is None:
            raise FormBroken(reason="function", name=call.name)
        if not function.least <= count <= function.most:
            raise FormBroken(reason="arguments", name=call.name, count=count, least=function.least)
        arguments = [self.compile(argument) for argument in call.arguments]
        if call.name == "selected" and isinstance(call.arguments[1], Literal):
            return with_choice(arguments[0], call.arguments[1].value.strip(), answer_path(call.arguments[0]))
        if call.name == "indexed-repeat":
            return compile_indexed_repeat(call, arguments)
        special = _SPECIAL.get(call.name)
        if special is not None:
            return special(arguments)
        return _plain_call(function.call, arguments)

    def _path(self, path: Path) -> Evaluate:
        steps = path.steps
        if not path.absolute and len(steps) == 2 and steps[0] == _UP and steps[1].plain:
            return _beside(steps[1].test)
        if not path.absolute:
            select = compile_steps(steps, self.compile, self._prefixes)
            return lambda context: select(context, [context.node])
        if not steps:
            return lambda context: [context.host.document]
        lead = next((at for at, step in enumerate(steps) if not step.plain), len(steps))
        names = [step.test for step in steps[:lead]]
        start = plain_path(names)
        if lead == len(steps):
            return start
        rest = compile_steps(steps[lead:], self.compile, self._prefixes)
        if lead == 0:
            return lambda context: rest(context, [context.host.document])
        return lambda context: rest(context, start(context))

    def _filter(self, expr: Filter) -> Evaluate:
        base = self.compile(expr.base)
        predicates = [compile_predicate(predicate, self.compile) for predicate in expr.predicates]
        steps = compile_steps(expr.steps, self.compile, self._prefixes) if expr.steps else None

        def run(context: Context) -> Value:
            value = base(context)
            if not isinstance(value, list):
                return value
            for keep in predicates:
                value = keep(context, value)
            return steps(context, value) if steps is not None else value

        return run


def _union(left: Value, right: Value) -> Value:
    if not isinstance(left, list) or not isinstance(right, list):
        return left
    return list({id(node): node for node in (*left, *right)}.values())


def _plain_call(call: Callable[..., Value], arguments: list[Evaluate]) -> Evaluate:
    if len(arguments) == 1:
        only = arguments[0]
        return lambda context: call(context, only(context))
    if len(arguments) == 2:
        first, second = arguments
        return lambda context: call(context, first(context), second(context))
    return lambda context: call(context, *[argument(context) for argument in arguments])


def _if(arguments: list[Evaluate]) -> Evaluate:
    test, yes, no = arguments
    return lambda context: yes(context) if to_truth(test(context)) else no(context)


def _coalesce(arguments: list[Evaluate]) -> Evaluate:
    def run(context: Context) -> Value:
        for argument in arguments:
            value = argument(context)
            if to_text(value) != "" and value == value:
                return value
        return ""

    return run


def _once(arguments: list[Evaluate]) -> Evaluate:
    fresh = arguments[0]

    def run(context: Context) -> Value:
        before: Value = context.host.last_value(context.current)
        if before != "":
            return before
        value = fresh(context)
        return to_text(value) if isinstance(value, list) else value

    return run


#: functions that must not evaluate all their arguments
_SPECIAL: Mapping[str, Callable[[list[Evaluate]], Evaluate]] = {"if": _if, "coalesce": _coalesce, "once": _once}


