"""What a finished form says about cases: the entities it creates or updates, as ODK declares them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from casebook.forms.instance import Instance
from casebook.forms.nodes import Node

_TRUE = ("1", "true", "true()")


class EntityOp(NamedTuple):
    """One entity written: `action` is create or update, `properties` the answers with a `save_to`."""

    dataset: str
    id: str
    action: str
    properties: dict[str, str]
    label: str


def entity_ops(instance: Instance) -> list[EntityOp]:
    """The operations of all relevant entity declarations.

    Only relevant answers count, and blank ones do not: a question that was not answered says nothing about the case
    and must not wipe what an earlier visit found out.
    """
    found = []
    for declaration in _declarations(instance.root):
        operation = _operation(declaration)
        if operation is not None:
            found.append(operation)
    return found


def _declarations(node: Node) -> Iterator[Node]:
    if not node.is_relevant():
        return
    if node.name == "entity" and "dataset" in node.attribute_nodes:
        yield node
    for child in node.all_children():
        yield from _declarations(child)


def _operation(declaration: Node) -> EntityOp | None:
    action = next((name for name in ("update", "create") if _attribute(declaration, name) in _TRUE), None)
    scope = declaration.above.above if declaration.above is not None else None
    if action is None or scope is None:
        return None
    label = next((child.string() for child in declaration.children_named("label")), "")
    dataset = _attribute(declaration, "dataset")
    properties = dict(_saved(scope, dataset))
    return EntityOp(dataset, _attribute(declaration, "id"), action, properties, label)


def _attribute(node: Node, name: str) -> str:
    found = node.attribute_nodes.get(name)
    return found.string() if found is not None else ""


def _saved(scope: Node, dataset: str) -> Iterator[tuple[str, str]]:
    """Property and answer of everything below `scope` that is saved to the dataset, inner entities aside."""
    for child in scope.all_children():
        if not child.is_relevant() or (child.definition.is_repeat and _declares(child)):
            continue
        save_to = child.bind.save_to if child.bind is not None else None
        if save_to is not None and child.string() != "":
            list_name, _, name = save_to.rpartition("#")
            if list_name in ("", dataset):
                yield name, child.string()
        yield from _saved(child, dataset)


def _declares(repeat: Node) -> bool:
    return any(
        "entity" in child.families for child in repeat.all_children() if child.name == "meta"
    )
