"""The tree that expressions walk: answers of a form, inline choices and rows of case lists all look the same."""

from __future__ import annotations

from collections.abc import Iterator


class TreeNode:
    """A named node with a parent; kinds of trees differ in where children and text come from."""

    __slots__ = ("name", "namespace", "parent", "path")

    def __init__(
        self, name: str, parent: TreeNode | None, namespace: str | None = None, path: str | None = None
    ) -> None:
        self.name = name
        self.parent = parent
        self.namespace = namespace
        #: path without repeat positions; only answers of the form have one
        self.path = path

    def is_relevant(self) -> bool:
        """Whether the node exists for expressions; only answers can be irrelevant."""
        return True

    def string(self) -> str:
        """The text of the node and of everything below it."""
        return "".join(child.string() for child in self.children())

    def children(self) -> list[TreeNode]:
        """Relevant child elements in order."""
        return []

    def children_named(self, name: str) -> list[TreeNode]:
        """Relevant child elements of that name."""
        return [child for child in self.children() if child.name == name]

    def attributes(self) -> list[TreeNode]:
        """Attribute nodes."""
        return []

    def lookup(self, child: str, column: str, value: str) -> list[TreeNode] | None:
        """Children named `child` whose own child `column` has this text; None when there is no index."""
        return None

    def table(self, child: str, column: str) -> list[tuple[TreeNode, str]] | None:
        """Children named `child` in order, each with the text of its own child `column`; None when not at hand."""
        return None

    def text_of(self, name: str) -> str:
        """The text of the first child of that name; blank when there is none."""
        return next((child.string() for child in self.children_named(name)), "")

    def only_text(self, name: str) -> str | None:
        """The text of the child of that name; None when there is none, or several."""
        found = self.children_named(name)
        return found[0].string() if len(found) == 1 else None

    def position(self) -> int:
        """1-based place among the siblings of the same name."""
        if self.parent is None:
            return 1
        siblings = self.parent.children_named(self.name)
        return next((place for place, node in enumerate(siblings, 1) if node is self), 1)

    def ancestors(self) -> Iterator[TreeNode]:
        """Parents, nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def subtree(self) -> Iterator[TreeNode]:
        """The node itself and everything below, in document order."""
        yield self
        for child in self.children():
            yield from child.subtree()
