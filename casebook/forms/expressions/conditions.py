"""Short ways for what forms are full of: an answer, an answer beside a fixed text, a fixed choice among an answer's."""

from __future__ import annotations

from collections.abc import Callable

from casebook.forms.expressions.comparison import COMPARISONS, compare
from casebook.forms.expressions.context import Context, Evaluate
from casebook.forms.expressions.syntax import Binary, Call, Expr, Path
from casebook.forms.treenode import TreeNode
from casebook.forms.values import Value, to_truth, tokens

#: what gives a truth and nothing else
_TRUTHS = frozenset({*COMPARISONS, "and", "or", "not", "selected"})


def compared_with(operator: str, left: Evaluate, text: str, path: str) -> Evaluate:
    """An answer beside a fixed text, which is what nearly all conditions are."""
    equal = operator == "="

    def run(context: Context) -> Value:
        alone = context.host.fixed.get(path)
        if alone is not None:
            return (alone.string() == text) is equal  # irrelevant answers read blank
        value = left(context)
        if isinstance(value, list) and len(value) == 1:
            return (value[0].string() == text) is equal
        return compare(operator, value, text, context.host.zone)

    return run


def with_choice(answer: Evaluate, wanted: str, path: str) -> Evaluate:
    """Whether a fixed choice is among those of an answer, which is what most other conditions are."""

    def run(context: Context) -> Value:
        alone = context.host.fixed.get(path)
        chosen = tokens(answer(context)) if alone is None else alone.string().split()
        return wanted in chosen if wanted else not chosen

    return run


def as_truth(expr: Expr, evaluate: Evaluate) -> Evaluate:
    """The value of `expr` as a condition; what is a truth anyway is not turned into one again."""
    match expr:
        case Binary(name) | Call(name) if name in _TRUTHS:
            return evaluate
    return lambda context: to_truth(evaluate(context))


def answer_path(expr: Expr) -> str:
    """The path of an answer, if that is all an expression says; else blank."""
    if not isinstance(expr, Path) or not expr.absolute or not all(step.plain for step in expr.steps):
        return ""
    return _written([step.test for step in expr.steps])


def _written(names: list[str]) -> str:
    return "/" + "/".join(names)


def plain_path(names: list[str]) -> Callable[[Context], list[TreeNode]]:
    """An absolute path of names alone: outside repeats it is one node."""
    path = _written(names)

    def run(context: Context) -> list[TreeNode]:
        node = context.host.fixed.get(path)
        if node is not None:
            return [node] if node.is_relevant() else []
        return context.host.located(names, context.current)

    return run
