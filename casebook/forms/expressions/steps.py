"""Compiles the steps of a path: axes, name tests, predicates, and look-ups through an index."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from casebook.errors import FormBroken
from casebook.forms.expressions.comparison import compare
from casebook.forms.expressions.context import Context, Evaluate, Select
from casebook.forms.expressions.syntax import (
    Binary,
    Call,
    Expr,
    Filter,
    Literal,
    Number,
    Path,
    Step,
)
from casebook.forms.treenode import TreeNode
from casebook.forms.values import Value, to_text, to_truth, tokens

_Compile = Callable[[Expr], Evaluate]
#: the rows of a list, or None where it can only be walked
_Search = Callable[[Context, TreeNode], list[TreeNode] | None]


def _siblings(node: TreeNode, after: bool) -> list[TreeNode]:
    if node.parent is None:
        return []
    family = node.parent.children()
    place = next((at for at, child in enumerate(family) if child is node), 0)
    return family[place + 1 :] if after else family[:place][::-1]


def _around(node: TreeNode, after: bool) -> list[TreeNode]:
    found: list[TreeNode] = []
    for start in (node, *node.ancestors()):
        for sibling in _siblings(start, after):
            below = list(sibling.subtree())
            found += below if after else below[::-1]
    return found


AXES: Mapping[str, Callable[[TreeNode], list[TreeNode]]] = {
    "child": lambda node: node.children(),
    "self": lambda node: [node],
    "parent": lambda node: [node.parent] if node.parent is not None else [],
    "attribute": lambda node: node.attributes(),
    "descendant": lambda node: list(node.subtree())[1:],
    "descendant-or-self": lambda node: list(node.subtree()),
    "ancestor": lambda node: list(node.ancestors()),
    "ancestor-or-self": lambda node: [node, *node.ancestors()],
    "following-sibling": lambda node: _siblings(node, True),
    "preceding-sibling": lambda node: _siblings(node, False),
    "following": lambda node: _around(node, True),
    "preceding": lambda node: _around(node, False),
}


def compile_steps(steps: tuple[Step, ...], compile_expr: _Compile, prefixes: Mapping[str, str]) -> Select:
    """One selection that takes all steps in turn."""
    selects = [_compile_step(step, compile_expr, prefixes) for step in steps]
    if len(selects) == 1:
        return selects[0]

    def run(context: Context, nodes: list[TreeNode]) -> list[TreeNode]:
        for select in selects:
            if not nodes:
                return nodes
            nodes = select(context, nodes)
        return nodes

    return run


def compile_predicate(expr: Expr, compile_expr: _Compile) -> Select:
    """Keeps the nodes for which `expr` holds, or the one whose place it names."""
    if isinstance(expr, Number):
        place = int(expr.value) - 1
        return lambda context, nodes: nodes[place : place + 1] if place >= 0 else []
    if isinstance(expr, Call) and expr.name == "selected" and _same_for_every_row(expr.arguments[0]):
        return _among_chosen(*map(compile_expr, expr.arguments))
    if isinstance(expr, Binary) and expr.operator in ("=", "!=") and isinstance(expr.right, Literal):
        column = _column(expr.left)
        if column:
            return _with_text(column, expr.right.value, expr.operator)
    holds = compile_expr(expr)

    def run(context: Context, nodes: list[TreeNode]) -> list[TreeNode]:
        size, kept = len(nodes), []
        for place, node in enumerate(nodes, 1):
            value = holds(Context(context.host, node, place, size, context.current))
            if value == place if isinstance(value, float) else to_truth(value):
                kept.append(node)
        return kept

    return run


def _with_text(column: str, text: str, operator: str) -> Select:
    """`[column = 'text']`, which is how most forms pick among instances or choices."""
    equal = operator == "="

    def holds(context: Context, node: TreeNode) -> bool:
        only = node.only_text(column)
        if only is not None:
            return (only == text) is equal
        return compare(operator, node.children_named(column), text, context.host.zone)

    return lambda context, nodes: [node for node in nodes if holds(context, node)]


def _among_chosen(answer: Evaluate, choice: Evaluate) -> Select:
    """`selected(answer, column)` where the answer is the same for every row: it is read once, not for each."""

    def run(context: Context, nodes: list[TreeNode]) -> list[TreeNode]:
        if not nodes:
            return nodes
        chosen, size, kept = tokens(answer(context)), len(nodes), []
        for place, node in enumerate(nodes, 1):
            wanted = to_text(choice(Context(context.host, node, place, size, context.current))).strip()
            if wanted in chosen if wanted else not chosen:
                kept.append(node)
        return kept

    return run


def _compile_step(step: Step, compile_expr: _Compile, prefixes: Mapping[str, str]) -> Select:
    predicates = [compile_predicate(inner, compile_expr) for inner in step.predicates]
    if step.axis == "child" and step.by_name:
        return _named_children(step, predicates, compile_expr)
    if step.test == "node()" and not predicates and step.axis in _NEAR:
        return _NEAR[step.axis]
    axis = AXES.get(step.axis)
    if axis is None:
        raise FormBroken(reason="axis", found=step.axis)
    matches = _compile_test(step.test, prefixes)

    def run(context: Context, nodes: list[TreeNode]) -> list[TreeNode]:
        found: dict[int, TreeNode] = {}
        for node in nodes:
            near = [other for other in axis(node) if matches(other)]
            for keep in predicates:
                near = keep(context, near)
            found.update((id(other), other) for other in near)
        return list(found.values())

    return run


def _parents(context: Context, nodes: list[TreeNode]) -> list[TreeNode]:
    found = {id(node.parent): node.parent for node in nodes if node.parent is not None}
    return list(found.values())


#: `.` and `..`, with which answers in repeats name each other
_NEAR: Mapping[str, Select] = {"self": lambda context, nodes: nodes, "parent": _parents}


def _named_children(step: Step, predicates: list[Select], compile_expr: _Compile) -> Select:
    name = step.test
    if not predicates:

        def children(context: Context, nodes: list[TreeNode]) -> list[TreeNode]:
            if len(nodes) == 1:
                return nodes[0].children_named(name)
            return [child for node in nodes for child in node.children_named(name)]

        return children

    search = _index_search(step.predicates[0], name, compile_expr)
    first, others = predicates[0], predicates[1:]

    def filtered(context: Context, nodes: list[TreeNode]) -> list[TreeNode]:
        found: list[TreeNode] = []
        for node in nodes:
            near = search(context, node) if search is not None else None
            if near is None:
                near = first(context, node.children_named(name))
            for keep in others:
                near = keep(context, near)
            found += near
        return found

    return filtered


def _index_search(predicate: Expr, name: str, compile_expr: _Compile) -> _Search | None:
    """For `name[column = value]` and `name[selected(value, column)]`, where the value is the same for every row: a
    look-up instead of a scan."""
    if isinstance(predicate, Call) and predicate.name == "selected":
        answer, choice = predicate.arguments
        column = _column(choice)
        return _chooser(name, column, compile_expr(answer)) if column and _same_for_every_row(answer) else None
    if not isinstance(predicate, Binary) or predicate.operator != "=":
        return None
    for side, wanted in ((predicate.left, predicate.right), (predicate.right, predicate.left)):
        column = _column(side)
        if column and _same_for_every_row(wanted):
            return _searcher(name, column, compile_expr(wanted))
    return None


def _column(expr: Expr) -> str:
    """The name, if the expression is just that of a child; else blank."""
    if isinstance(expr, Path) and not expr.absolute and len(expr.steps) == 1 and expr.steps[0].plain:
        return expr.steps[0].test
    return ""


def _chooser(name: str, column: str, answer: Evaluate) -> _Search:
    def search(context: Context, node: TreeNode) -> list[TreeNode] | None:
        rows = node.table(name, column)
        if rows is None:
            return None
        chosen = tokens(answer(context))
        return [row for row, text in rows if (text in chosen if text else not chosen)]

    return search


def _searcher(name: str, column: str, wanted: Evaluate) -> _Search:
    def search(context: Context, node: TreeNode) -> list[TreeNode] | None:
        keys = _keys(wanted(context))
        if keys is None:
            return None
        found: dict[int, TreeNode] = {}
        for key in keys:
            rows = node.lookup(name, column, key)
            if rows is None:
                return None
            found.update((id(row), row) for row in rows)
        return list(found.values())

    return search


def _keys(value: Value) -> list[str] | None:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [node.string() for node in value] or [""]
    return None


def _same_for_every_row(expr: Expr) -> bool:
    """True if the expression cannot depend on the row: absolute paths, current()/…, literals, simple calls."""
    match expr:
        case Literal():
            return True
        case Path(absolute, steps):
            return absolute and not any(step.predicates for step in steps)
        case Filter(base, predicates, steps):
            at_current = base == Call("current", ()) and not predicates
            return at_current and not any(step.predicates for step in steps)
        case Call(name, arguments):
            known = name in ("concat", "string", "selected-at")
            return known and all(isinstance(one, Number) or _same_for_every_row(one) for one in arguments)
    return False


def _compile_test(test: str, prefixes: Mapping[str, str]) -> Callable[[TreeNode], bool]:
    if test in ("node()", "*"):
        return lambda node: True
    if "(" in test:
        return lambda node: False
    prefix, _, local = test.rpartition(":")
    if not prefix:
        return lambda node: node.name == test
    space = prefixes.get(prefix)
    if local == "*":
        return lambda node: node.namespace == space
    return lambda node: node.name == local and node.namespace in (space, None)
