"""`indexed-repeat(path, repeat, place, …)`: an answer of one chosen repeat instance."""

from __future__ import annotations

import math

from casebook.errors import FormBroken
from casebook.forms.expressions.context import Context, Evaluate
from casebook.forms.expressions.syntax import Call, Path
from casebook.forms.treenode import TreeNode
from casebook.forms.values import Value, to_number


def compile_indexed_repeat(call: Call, arguments: list[Evaluate]) -> Evaluate:
    """Evaluates to the nodes of the first argument's path, within the named repeat instances."""
    if not isinstance(call.arguments[0], Path) or len(arguments) % 2 == 0:
        raise FormBroken(reason="arguments", name=call.name, count=len(arguments), least=3)
    target, *rest = arguments
    repeats = list(zip(rest[::2], rest[1::2], strict=True))

    def run(context: Context) -> Value:
        places: dict[str, int] = {}
        for repeat, place in repeats:
            path = _path_of(repeat(context))
            number = to_number(place(context), context.host.zone)
            if path is None or not math.isfinite(number):
                return []
            places[path] = int(number)
        path = _path_of(target(context))
        return [] if path is None else _descend(context, path, places)

    return run


def _path_of(value: Value) -> str | None:
    return value[0].path if isinstance(value, list) and value else None


def _descend(context: Context, path: str, places: dict[str, int]) -> list[TreeNode]:
    nodes, walked = [context.host.document], ""
    for name in path.strip("/").split("/"):
        walked += "/" + name
        place = places.get(walked)
        found: list[TreeNode] = []
        for node in nodes:
            children = node.children_named(name)
            if place is not None:
                children = children[place - 1 : place] if place >= 1 else []
            found += children
        nodes = found
    return nodes
