"""The answers of one form being filled in, as a tree that expressions can walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from casebook.forms.cells import Cell
from casebook.forms.definition import Bind, Control, NodeDef
from casebook.forms.expressions import Context
from casebook.forms.treenode import TreeNode
from casebook.forms.values import to_truth

if TYPE_CHECKING:
    from casebook.forms.instance import Instance

#: what is computed of a question to show it
_FOR_THE_SCREEN = frozenset({
    "label", "hint", "guidance", "finding", "required", "readonly", "constraint", "items", "listed", "choices",
})  # fmt: skip


class Node(TreeNode):
    """One element of the instance: a group, a repeat instance, or a leaf with an answer."""

    __slots__ = (
        "above",
        "alone",
        "attribute_nodes",
        "bind",
        "cells",
        "control",
        "definition",
        "families",
        "instance",
        "line",
        "locks",
        "ranges",
        "relevance",
        "value",
    )

    def __init__(self, instance: Instance, definition: NodeDef, parent: Node | None) -> None:
        super().__init__(definition.name, parent, definition.namespace, definition.path)
        self.instance = instance
        self.definition = definition
        #: the parent within the form
        self.above = parent
        #: the nodes from the root down to this one
        self.line: tuple[Node, ...] = (*parent.line, self) if parent is not None else (self,)
        #: outside any repeat, where the path says it all
        self.alone: bool = (parent is None or parent.alone) and not definition.is_repeat
        #: the rules of this node
        self.bind: Bind | None = definition.bind
        #: the question that asks for this node, if one does
        self.control: Control | None = instance.form.controls_by_path.get(definition.path)
        #: this node and the groups around it, as far as a rule may make them read-only
        self.locks: tuple[Node, ...] = parent.locks if parent is not None else ()
        if definition.bind is not None and definition.bind.readonly is not None:
            self.locks = (self, *self.locks)
        #: children by name, in the form's order; only repeats have several of one name
        self.families: dict[str, list[Node]] = {}
        #: which instances a repeat has, for those who count them
        self.ranges: dict[str, Cell[int]] = {}
        self.attribute_nodes: dict[str, Node] = {}
        #: the answer; None for groups
        self.value: Cell[str] | None = None
        #: shared with the parent unless the node has its own rule; None if nothing can make it irrelevant
        self.relevance: Cell[bool] | None = parent.relevance if parent is not None else None
        self.cells: dict[str, Cell[Any]] = {}

    def is_relevant(self) -> bool:
        """Whether the node and all its groups are relevant."""
        return self.relevance is None or self.relevance.get()

    def is_unseen(self) -> bool:
        """Whether it is irrelevant now, or has just become relevant: no screen shows anything of it as it was."""
        relevance = self.relevance
        return relevance is not None and (not relevance.value or relevance.has_moved())

    def string(self) -> str:
        """The answer; blank while irrelevant, though it is kept."""
        value, relevance = self.value, self.relevance
        if value is None:
            return super().string()
        return value.get() if relevance is None or relevance.get() else ""

    def raw(self) -> str:
        """The answer as kept, relevant or not, without becoming dependent on it."""
        return self.value.value if self.value is not None else ""

    def children_named(self, name: str) -> list[TreeNode]:
        """Relevant children of that name."""
        family = self.families.get(name)
        if family is None:
            return []
        if name in self.ranges:
            self.ranges[name].get()
        relevance = family[0].relevance if family else None
        if relevance is None:
            return list(family)
        if len(family) == 1 or relevance is self.relevance:
            return list(family) if relevance.get() else []
        return [child for child in family if child.is_relevant()]

    def only_text(self, name: str) -> str | None:
        """The answer to the only question of that name that is asked."""
        family = self.families.get(name, ())
        if len(family) != 1 or name in self.ranges:
            return super().only_text(name)
        child = family[0]
        if not child.is_relevant():
            return None
        return child.value.get() if child.value is not None else child.string()

    def children(self) -> list[TreeNode]:
        """Relevant children."""
        return [child for name in self.families for child in self.children_named(name)]

    def attributes(self) -> list[TreeNode]:
        """Attributes as nodes."""
        return list(self.attribute_nodes.values())

    def all_children(self) -> Iterator[Node]:
        """Children, relevant or not."""
        for family in self.families.values():
            yield from family

    def everything(self) -> list[Node]:
        """This node, its attributes and all below, relevant or not."""
        found: list[Node] = []
        self._gather(found)
        return found

    def _gather(self, found: list[Node]) -> None:
        found.append(self)
        found.extend(self.attribute_nodes.values())
        for family in self.families.values():
            for child in family:
                child._gather(found)

    def own_cells(self) -> Iterator[Cell[Any]]:
        """The cells that belong to this node alone."""
        if self.value is not None:
            yield self.value
        if self.relevance is not None and self.relevance.owner is self:
            yield self.relevance
        yield from self.cells.values()
        yield from self.ranges.values()

    def position(self) -> int:
        """1-based place within its repeat."""
        above = self.above
        if above is None:
            return 1
        if self.name in above.ranges:
            above.ranges[self.name].get()
        return above.families[self.name].index(self) + 1

    @property
    def ref(self) -> str:
        """The path with the positions of repeats, e.g. `/data/child[2]/age`."""
        above = self.above
        if self.alone or above is None:
            return self.definition.path
        if self is above.attribute_nodes.get(self.name):
            return f"{above.ref}/@{self.name}"
        if self.definition.is_repeat:
            return f"{above.ref}/{self.name}[{above.families[self.name].index(self) + 1}]"
        return f"{above.ref}/{self.name}"

    def cell(self, role: str, compute: Callable[[], Any]) -> Cell[Any]:
        """The node's computed value of that role, made when first asked for."""
        found = self.cells.get(role)
        if found is None:
            found = self.cells[role] = Cell(self.instance.graph, role, self, None, compute)
            found.passive = role in _FOR_THE_SCREEN
        return found

    def rule(self, role: str) -> bool:
        """Whether the bind's `required`, `readonly` or `constraint` holds now."""
        found = self.cells.get(role)
        if found is None:
            expression = getattr(self.bind, role) if self.bind is not None else None
            if expression is None:
                return role == "constraint"
            found = self.cell(role, lambda: to_truth(expression(Context(self.instance, self))))
        return bool(found.get())

    def is_readonly(self) -> bool:
        """Whether the node or a group around it may not be changed."""
        return any(node.rule("readonly") for node in self.locks)
