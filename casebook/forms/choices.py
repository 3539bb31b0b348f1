"""The choices of select questions: what is offered now, and answers that are no longer offered."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from casebook.forms.cells import Cell
from casebook.forms.expressions import Context
from casebook.forms.nodes import Node
from casebook.forms.texts import rendered
from casebook.forms.treenode import TreeNode
from casebook.forms.values import to_text


class Choice(NamedTuple):
    """One possible answer and what is read on it."""

    value: str
    label: str


def choices_of(node: Node) -> tuple[Choice, ...]:
    """The choices offered now, with labels in the language of the session."""
    found: tuple[Choice, ...] = node.cell("choices", lambda: tuple(_read_choices(node))).get()
    return found


def offered(node: Node) -> frozenset[str]:
    """The values offered now, without the cost of labels."""
    return offered_cell(node).get()


def offered_cell(node: Node) -> Cell[frozenset[str]]:
    """The cell that follows what is offered; when it moves, `prune` is due."""
    found = node.cells.get("offered")
    if found is None:
        cell = Cell(node.instance.graph, "offered", node, _NOTHING, lambda: _offered(node), eager=True)
        found = node.cells["offered"] = cell.behind(node.relevance, _NOTHING)
    return found


_NOTHING: frozenset[str] = frozenset()


def _offered(node: Node) -> frozenset[str]:
    return _listed(node) if node.is_relevant() else _NOTHING


def followed(node: Node) -> frozenset[str]:
    """The values that are offered whenever the question is relevant; from now on the answer is pruned by them."""
    offered_cell(node)
    return _listed(node)


def _listed(node: Node) -> frozenset[str]:
    """The values that would be offered; kept while the question comes and goes."""
    found: frozenset[str] = node.cell("listed", lambda: frozenset(_read_values(node))).get()
    return found


def follow_choices(top: Node, kept: Collection[Node] | None = None) -> None:
    """From now on chosen answers are pruned when their list moves, and at once but for those in `kept` (None: all)."""
    for node in top.everything():
        control = node.control
        if control is not None and control.itemset is not None and control.is_choice and node.raw():
            cell = offered_cell(node)
            if kept is None or node in kept:
                cell.get()
                node.instance.graph.pending.pop(cell, None)


def follow(node: Node) -> None:
    """From now on the answer of this node, if it has one chosen from a list, is pruned when the list moves."""
    control = node.control
    if control is not None and control.itemset is not None and control.is_choice and node.raw():
        offered_cell(node)


def _read_values(node: Node) -> Iterator[str]:
    control = node.control
    if control is None:
        return
    if control.itemset is not None:
        column = control.itemset.column
        for item in _items(node) if column else ():
            yield item.text_of(column)
        for here in _item_nodes(node) if not column else ():
            yield to_text(control.itemset.value(here))
    for fixed in control.items:
        yield fixed.value


def _read_choices(node: Node, wanted: str | None = None) -> Iterator[Choice]:
    """The choices offered now, or those of one value."""
    control = node.control
    if control is None:
        return
    itemset = control.itemset
    if itemset is not None:
        for item in _item_nodes(node):
            value = to_text(itemset.value(item))
            if wanted is None or value == wanted:
                yield Choice(value, to_text(itemset.label(item)).strip() if itemset.label is not None else "")
    for fixed in control.items:
        if wanted is None or fixed.value == wanted:
            yield Choice(fixed.value, rendered(fixed.label, node))


def _item_nodes(node: Node) -> Iterator[Context]:
    """A context at each item of the question's list, with the question as current()."""
    for item in _items(node):
        yield Context(node.instance, item, current=node)


def _items(node: Node) -> list[TreeNode]:
    """The items of the question's list that are offered, whether it is asked now or not."""
    found: list[TreeNode] = node.cell("items", lambda: _filtered(node)).get()
    return found


def _filtered(node: Node) -> list[TreeNode]:
    """The items that the question's filter lets through; found once for values and labels."""
    control = node.control
    if control is None or control.itemset is None:
        return []
    found = control.itemset.nodes(Context(node.instance, node))
    return found if isinstance(found, list) else []


def label_of_choice(node: Node, value: str) -> str:
    """The label of an offered value; blank if it is not offered. The labels of the others are not read."""
    return next((choice.label for choice in _read_choices(node, value)), "") if value else ""


def chosen(node: Node, text: str) -> list[str]:
    """The single values of an answer: a select_one answer is one value even if it holds blanks."""
    control = node.control
    if control is not None and control.kind == "select1":
        return [text] if text else []
    return text.split()


def prune(node: Node) -> None:
    """Takes out of the answer what the list no longer offers."""
    text = node.raw()
    kept = offered_of(node, text)
    if kept != text and node.value is not None:
        node.value.put(kept)


def offered_of(node: Node, text: str) -> str:
    """What the list offers now of an answer; all of it where there is no list, or the question is irrelevant."""
    control = node.control
    if not text or control is None or control.itemset is None or not control.is_choice or not node.is_relevant():
        return text
    possible = offered(node)
    parts = chosen(node, text)
    kept = [value for value in parts if value in possible]
    return text if len(kept) == len(parts) else " ".join(kept)
