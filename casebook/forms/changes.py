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
    found: dict[str, set[str]] = {}
    for cell in instance.graph.changed():
        part = _PARTS.get(cell.role)
        if part is None:
            continue
        refs = found.setdefault(part, set())
        if part == "relevance":
            refs.update(instance.sharers.get(cell) or _sharers(instance, cell))
        elif part == "repeats":
            refs.update(_repeats(cell.owner, cell))
        elif part != "validity" or cell.owner.is_relevant():
            refs.add(cell.owner.ref)
    return Changes(**{part: frozenset(refs) for part, refs in found.items()})


def _sharers(instance: Instance, cell: Cell[Any]) -> tuple[str, ...]:
    """What is relevant exactly when the owner of this cell is; known until instances of repeats come or go."""
    owners = instance.owners.get(cell, [cell.owner])
    refs = instance.sharers[cell] = tuple(node.ref for owner in owners for node in _sharing(owner, cell))
    return refs


def _sharing(node: Node, cell: Cell[Any]) -> Iterator[Node]:
    if node.relevance is cell:
        yield node
        for child in node.all_children():
            yield from _sharing(child, cell)


def _repeats(node: Node, cell: Cell[Any]) -> Iterator[str]:
    """The repeats below a node that a cell speaks of."""
    named = {**node.ranges, **{key.removeprefix("grows "): one for key, one in node.cells.items()}}
    return (f"{node.ref}/{name}" for name, one in named.items() if one is cell)
