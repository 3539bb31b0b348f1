"""What one answer changed, so that a screen redraws only that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from casebook.forms.cells import Cell
from casebook.forms.instance import Instance
from casebook.forms.nodes import Node


class Changes(NamedTuple):
    """References of the questions whose value, relevance, choices, texts or correctness is not what it was.

    Only what somebody has looked at before can have changed: choices, labels and correctness of questions that were
    never asked for are not computed. `repeats` names the repeats that have other instances now, or may get some.
    """

    values: frozenset[str] = frozenset()
    relevance: frozenset[str] = frozenset()
    choices: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    validity: frozenset[str] = frozenset()
    repeats: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(
            self.values or self.relevance or self.choices or self.labels or self.validity or self.repeats
        )

    @property
    def all(self) -> frozenset[str]:
        """Everything that changed in any way."""
        return self.values | self.relevance | self.choices | self.labels | self.validity | self.repeats


_PARTS = {
    "value": "values",
    "relevance": "relevance",
    "choices": "choices",
    "label": "labels",
    "hint": "labels",
    "guidance": "labels",
    "finding": "validity",
    "required": "validity",
    "readonly": "validity",
    "range": "repeats",
    "grows": "repeats",
}


def changes_of(instance: Instance) -> Changes:
    """What changed since the graph began to note."""
    found: dict[str, set[str]] = {part: set() for part in set(_PARTS.values())}
    for cell in instance.graph.changed():
        part = _PARTS.get(cell.role)
        if part is None:
            continue
        if cell.role in _SHARED:
            found[part].update(_refs(cell))
        else:
            found[part].add(cell.owner.ref)
    return Changes(**{part: frozenset(refs) for part, refs in found.items()})


#: what one cell says of several questions, or of a repeat
_SHARED = frozenset({"relevance", "range", "grows"})


def _refs(cell: Cell[Any]) -> Iterator[str]:
    node: Node = cell.owner
    if cell.role == "relevance":
        yield from _sharing(node, cell)
    elif cell.role == "range":
        for name, range_cell in node.ranges.items():
            if range_cell is cell:
                yield f"{node.ref}/{name}"
    else:
        yield from (f"{node.ref}/{key.removeprefix('grows ')}" for key, one in node.cells.items() if one is cell)


def _sharing(node: Node, cell: Cell[Any]) -> Iterator[str]:
    """The node and everything below that is relevant exactly when it is."""
    if node.relevance is cell:
        yield node.ref
        for child in node.all_children():
            yield from _sharing(child, cell)
