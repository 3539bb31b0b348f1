"""How the tree of answers comes to be and grows: nodes from their definition, repeat instances, computed counts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from casebook.forms.casting import computed_text
from casebook.forms.cells import Cell
from casebook.forms.definition import Control, NodeDef
from casebook.forms.expressions import Context, Expression
from casebook.forms.instance import Instance
from casebook.forms.nodes import Node
from casebook.forms.treenode import TreeNode
from casebook.forms.values import to_number, to_truth

#: a wrong count expression must not fill the phone
MOST_INSTANCES = 500
#: so many instances a person may make of one repeat
MOST_BY_HAND = 200


def grow(instance: Instance) -> None:
    """Makes the whole tree below the root, with the defaults written in the form."""
    _fill(instance.root)
    instance.fixed = {}
    _index_fixed(instance.root, instance.fixed)


def _index_fixed(node: Node, fixed: dict[str, TreeNode]) -> None:
    fixed[node.definition.path] = node
    for name, family in node.families.items():
        if name not in node.ranges:
            _index_fixed(family[0], fixed)


def make(definition: NodeDef, parent: Node) -> Node:
    """A node with everything below it, not yet among its parent's children."""
    node = Node(parent.instance, definition, parent)
    _fill(node)
    return node


def _fill(node: Node) -> None:
    definition = node.definition
    _add_relevance(node)
    for attribute in definition.attributes:
        child = Node(node.instance, attribute, node)
        child.value = _value_cell(child)
        node.attribute_nodes[attribute.name] = child
    if not definition.children:
        node.value = _value_cell(node)
    for part in definition.children:
        if part.is_repeat:
            _add_repeat(node, part)
        else:
            node.families[part.name] = [make(part, node)]


def _add_relevance(node: Node) -> None:
    bind, above = node.bind, node.relevance
    if bind is None or bind.relevant is None or node.instance.sealed:
        return
    instance, rule, here = node.instance, bind.relevant, Context(node.instance, node)

    def compute() -> bool:
        return (above is None or above.get()) and to_truth(rule(here))

    known = instance.rules.get((above, rule)) if node.alone else None
    if known is not None:
        node.relevance = known
        instance.owners.setdefault(known, [known.owner]).append(node)
        return
    node.relevance = Cell(instance.graph, "relevance", node, False, compute).behind(above, False)
    if node.alone and rule.is_same_anywhere():
        instance.rules[above, rule] = node.relevance


def _value_cell(node: Node) -> Cell[str]:
    graph, bind = node.instance.graph, node.bind
    if bind is None or bind.calculate is None or node.instance.sealed:
        return Cell(graph, "value", node, node.definition.text)
    formula, kind, here = bind.calculate, bind.type, Context(node.instance, node)

    def compute() -> str:
        if not node.is_relevant():
            return node.raw()
        return computed_text(formula(here), kind, node.instance.zone)

    return Cell(graph, "value", node, node.definition.text, compute, eager=True).behind(node.relevance)


def _add_repeat(node: Node, definition: NodeDef) -> None:
    instance = node.instance
    node.ranges[definition.name] = Cell(instance.graph, "range", node, 0)
    family = node.families[definition.name] = []
    family.extend(make(start, node) for start in definition.instances)
    count = instance.form.repeats[definition.path].count
    if count is None or instance.sealed:
        return
    inside = TreeNode(definition.name, node, path=definition.path)

    def compute() -> float:
        return to_number(count(Context(instance, inside)), instance.zone)

    cell = Cell(instance.graph, "count", node, math.nan, compute, eager=True)
    node.cells[f"count {definition.name}"] = cell
    instance.counts.append((cell, node, definition))


def add_instance(above: Node, definition: NodeDef, place: int, like: NodeDef | None = None) -> Node:
    """A further repeat instance, at a 0-based place; made from the template or `like` another definition."""
    node = make(like or definition.template or definition, above)
    above.families[definition.name].insert(place, node)
    above.instance.sharers.clear()
    range_cell = above.ranges[definition.name]
    range_cell.put(range_cell.value + 1)
    return node


def remove_instance(above: Node, name: str, place: int) -> None:
    """Takes a repeat instance out; what depended on it is computed anew."""
    gone = above.families[name].pop(place)
    instance = above.instance
    instance.sharers.clear()
    nodes = set(map(id, gone.everything()))
    instance.counts = [entry for entry in instance.counts if id(entry[1]) not in nodes]
    range_cell = above.ranges[name]
    range_cell.put(range_cell.value + 1)
    for node in gone.everything():
        for cell in node.own_cells():
            cell.retire()


def may_grow(above: Node, control: Control) -> bool:
    """Whether a person may add an instance of the repeat below `above` now; the limit is told when it is reached."""
    instance, name = above.instance, (control.path or "").rpartition("/")[2]
    if control.count is not None or control.fixed_count or instance.sealed or name not in above.ranges:
        return False
    if not above.is_relevant() or above.is_readonly():
        return False
    definition = next(part for part in above.definition.children if part.name == name)
    if definition.bind is None or definition.bind.relevant is None:
        return True
    cell = above.cells.get(f"grows {name}") or _asked_for(above, definition, definition.bind.relevant)
    return bool(cell.get())


def _asked_for(above: Node, definition: NodeDef, rule: Expression) -> Cell[bool]:
    """Whether the rule of a repeat holds for an instance that is not there yet."""
    instance, inside = above.instance, TreeNode(definition.name, above, path=definition.path)
    cell = Cell(instance.graph, "grows", above, False, lambda: to_truth(rule(Context(instance, inside))))
    above.cells[f"grows {definition.name}"] = cell
    return cell


def holds_answers(node: Node) -> bool:
    """Whether a person has answered anything in and below a node, relevant or not."""
    return any(
        one.control is not None
        and one.value is not None
        and one.value.value not in ("", one.definition.text)
        and (one.value.compute is None or one.value.held)
        for one in node.everything()
    )


def count_first(instance: Instance) -> None:
    """Makes the instances that counts ask for before any default is computed: defaults may sum them up."""
    seen: set[Cell[Any]] = set()
    while fresh := [cell for cell, _, _ in instance.counts if cell not in seen]:
        for cell in fresh:
            cell.get()
        seen.update(fresh)
        follow_counts(instance, fresh)


def follow_counts(instance: Instance, moved: Iterable[Cell[Any]]) -> None:
    """Adds or removes instances of the repeats whose computed count is among `moved`."""
    from casebook.forms.events import new_repeat

    if not instance.counts:
        return
    moved = set(moved)
    for cell, above, definition in list(instance.counts):
        if cell not in moved or not math.isfinite(cell.value):
            continue
        wanted = max(0, min(MOST_INSTANCES, int(cell.value)))
        family = above.families[definition.name]
        while len(family) < wanted:
            # the first one that comes back after a count of 0 is what it was at the start, with its inner repeats
            first = definition.instances[0] if definition.instances and not family else None
            new_repeat(instance, add_instance(above, definition, len(family), first))
        while len(family) > wanted:
            remove_instance(above, definition.name, len(family) - 1)
