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
    never asked for are not computed. What comes or goes is named in `relevance`, whatever is wrong with it. `repeats`
    names the repeats that have other instances now, or may get some.
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
    found: dict[str, set[str]] = {part: set() for part in _ALL_PARTS}
    for cell in instance.graph.changed():
        part = _PARTS.get(cell.role)
        if part is None:
            continue
        if cell.role == "relevance":
            _add_sharing(cell.owner, cell, found[part])
        elif cell.role in _OF_REPEATS:
            found[part].update(_repeats(cell.owner, cell))
        elif part != "validity" or cell.owner.is_relevant():
            found[part].add(cell.owner.ref)
    return Changes(**{part: frozenset(refs) for part, refs in found.items()})


_ALL_PARTS = frozenset(_PARTS.values())
_OF_REPEATS = frozenset({"range", "grows"})


def _add_sharing(node: Node, cell: Cell[Any], refs: set[str]) -> None:
    """Adds the node and everything below that is relevant exactly when it is."""
    if node.relevance is cell:
        refs.add(node.ref)
        for family in node.families.values():
            for child in family:
                _add_sharing(child, cell, refs)


def _repeats(node: Node, cell: Cell[Any]) -> Iterator[str]:
    """The repeats below a node that a cell speaks of."""
    named = {**node.ranges, **{key.removeprefix("grows "): one for key, one in node.cells.items()}}
    return (f"{node.ref}/{name}" for name, one in named.items() if one is cell)
