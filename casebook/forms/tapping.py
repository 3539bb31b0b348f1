"""What a tap on one of several choices makes of the answer: choices that exclude each other are never both chosen."""

from __future__ import annotations

from collections.abc import Sequence

from casebook.forms.choices import choices_of
from casebook.forms.expressions import Context
from casebook.forms.lists import CellNode
from casebook.forms.nodes import Node
from casebook.forms.values import to_truth


def tapped(node: Node, value: str) -> str:
    """The answer with `value` chosen, or no longer, in the order of the list.

    What the form's own constraint does not allow beside the newly chosen one gives way to it: "nobody else" takes
    back who was named before, and the other way round. An answer that is wrong in another way stays complained of.
    """
    taken = node.raw().split()
    if value in taken:
        return _in_order(node, [one for one in taken if one != value])
    if not _allows(node, [*taken, value]) and _allows(node, [value]):
        taken = [one for one in taken if _allows(node, [one, value])]
    return _in_order(node, [*taken, value])


def _allows(node: Node, values: Sequence[str]) -> bool:
    """Whether the constraint would hold for this answer, which nobody has given yet."""
    rule = node.bind.constraint if node.bind is not None else None
    imagined = CellNode(node.name, node.parent, _in_order(node, values)) if node.parent is not None else node
    return rule is None or to_truth(rule(Context(node.instance, imagined)))


def _in_order(node: Node, values: Sequence[str]) -> str:
    return " ".join(choice.value for choice in choices_of(node) if choice.value in values)
