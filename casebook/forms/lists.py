"""Lists that forms look things up in: choices written into the form, and case lists of the phone's store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol
from xml.etree.ElementTree import Element

from casebook.forms.treenode import TreeNode
from casebook.forms.xmlinput import local_name

Row = Mapping[str, str]


class ListSource(Protocol):
    """A table served as `instance('name')/root/item`."""

    def rows(self) -> Iterable[Row]:
        """All rows in order."""

    def find(self, column: str, value: str) -> Iterable[Row]:
        """The rows whose `column` has exactly this value (a missing column counts as blank), in order."""


class TableSource:
    """Rows in memory; an index per column is made when first needed."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._indexes: dict[str, dict[str, list[Row]]] = {}

    def rows(self) -> Iterable[Row]:
        """All rows in order."""
        return self._rows

    def find(self, column: str, value: str) -> Iterable[Row]:
        """Rows with this value, from the column's index."""
        index = self._indexes.get(column)
        if index is None:
            index = self._indexes[column] = {}
            for row in self._rows:
                index.setdefault(row.get(column, ""), []).append(row)
        return index.get(value, ())


class LookupSource:
    """Rows of a store that has its own indexes: `find(column, value)` and `all()` ask it when needed."""

    def __init__(
        self,
        columns: Iterable[str],
        find: Callable[[str, str], Iterable[Row]],
        all: Callable[[], Iterable[Row]],
    ) -> None:
        self._columns = frozenset(columns)
        self._find = find
        self._all = all

    def rows(self) -> Iterable[Row]:
        """All rows of the store."""
        return self._all()

    def find(self, column: str, value: str) -> Iterable[Row]:
        """Rows with this value; a column the store does not have is blank everywhere."""
        if column in self._columns:
            return self._find(column, value)
        return self._all() if value == "" else ()


class CellNode(TreeNode):
    """A leaf that only has text: a cell of a row, or an attribute."""

    __slots__ = ("text",)

    def __init__(self, name: str, parent: TreeNode, text: str) -> None:
        super().__init__(name, parent)
        self.text = text

    def string(self) -> str:
        """Its text."""
        return self.text


class ListNode(TreeNode):
    """An element of a list: text, or further elements."""

    __slots__ = ("_attributes", "_children", "_index", "_tables", "_text", "_texts")

    def __init__(
        self, name: str, parent: TreeNode | None, text: str = "", attributes: Row | None = None
    ) -> None:
        super().__init__(name, parent)
        self._text = text
        self._attributes = attributes
        self._children: list[TreeNode] = []
        self._index: dict[tuple[str, str], dict[str, list[TreeNode]]] | None = None
        self._tables: dict[tuple[str, str], list[tuple[TreeNode, str]]] | None = None
        self._texts: dict[str, str] | None = None

    def append(self, child: TreeNode) -> None:
        """Adds a child while the list is being built."""
        self._children.append(child)

    def string(self) -> str:
        """Its text, or that of everything below."""
        return "".join(child.string() for child in self._children) if self._children else self._text

    def children(self) -> list[TreeNode]:
        """Elements in order."""
        return self._children

    def children_named(self, name: str) -> list[TreeNode]:
        """Elements of that name in order."""
        return [child for child in self._children if child.name == name]

    def text_of(self, name: str) -> str:
        """The text of the first child of that name, looked up once."""
        if self._texts is None:
            self._texts = {}
            for child in self._children:
                self._texts.setdefault(child.name, child.string())
        return self._texts.get(name, "")

    def attributes(self) -> list[TreeNode]:
        """Attributes as nodes."""
        return [CellNode(name, self, text) for name, text in (self._attributes or {}).items()]

    def lookup(self, child: str, column: str, value: str) -> list[TreeNode] | None:
        """Children by the text of their own child, from an index made when first needed."""
        if self._index is None:
            self._index = {}
        index = self._index.get((child, column))
        if index is None:
            index = self._index[(child, column)] = {}
            for node in self.children_named(child):
                for text in {cell.string() for cell in node.children_named(column)} or {""}:
                    index.setdefault(text, []).append(node)
        return index.get(value, [])

    def table(self, child: str, column: str) -> list[tuple[TreeNode, str]]:
        """Children with the text of a column, gathered when first needed."""
        if self._tables is None:
            self._tables = {}
        found = self._tables.get((child, column))
        if found is None:
            found = self._tables[(child, column)] = [
                (node, "".join(cell.string().strip() for cell in node.children_named(column)[:1]))
                for node in self.children_named(child)
            ]
        return found


class RowNode(TreeNode):
    """A row of a list source; its cells become nodes when asked for."""

    __slots__ = ("row",)

    def __init__(self, parent: TreeNode, row: Row) -> None:
        super().__init__("item", parent)
        self.row = row

    def children(self) -> list[TreeNode]:
        """One node a column."""
        return [CellNode(name, self, text) for name, text in self.row.items()]

    def children_named(self, name: str) -> list[TreeNode]:
        """The cell of that column."""
        text = self.row.get(name)
        return [] if text is None else [CellNode(name, self, text)]

    def text_of(self, name: str) -> str:
        """The text of that column."""
        return self.row.get(name) or ""


class SourceRoot(TreeNode):
    """The `root` element over a list source. What was read once stays the same for the whole session."""

    __slots__ = ("_found", "_rows", "_source")

    def __init__(self, parent: TreeNode, source: ListSource) -> None:
        super().__init__("root", parent)
        self._source = source
        self._rows: list[TreeNode] | None = None
        self._found: dict[tuple[str, str], list[TreeNode]] = {}

    def children(self) -> list[TreeNode]:
        """All rows; this reads the whole source."""
        if self._rows is None:
            self._rows = [RowNode(self, row) for row in self._source.rows()]
        return self._rows

    def children_named(self, name: str) -> list[TreeNode]:
        """All rows, which are called `item`."""
        return self.children() if name == "item" else []

    def lookup(self, child: str, column: str, value: str) -> list[TreeNode] | None:
        """Rows by a column's value, through the source's own index."""
        if child != "item":
            return []
        found = self._found.get((column, value))
        if found is None:
            rows = self._source.find(column, value)
            found = self._found[(column, value)] = [RowNode(self, row) for row in rows]
        return found


def source_document(source: ListSource) -> TreeNode:
    """The document node over a list source."""
    document = ListNode("#document", None)
    document.append(SourceRoot(document, source))
    return document


def blank_document(root_name: str = "root") -> TreeNode:
    """The document of a list that is not there: an empty root."""
    document = ListNode("#document", None)
    document.append(ListNode(root_name, document))
    return document


def answers_document(element: Element, root_name: str) -> TreeNode:
    """The document of a filled-in form, its root called as the form that reads it calls its own."""
    document = ListNode("#document", None)
    document.append(_answers_node(element, document, root_name))
    return document


def _answers_node(element: Element, parent: ListNode, name: str) -> ListNode:
    node = ListNode(name, parent, (element.text or "").strip() if len(element) == 0 else "")
    for part in element:
        node.append(_answers_node(part, node, local_name(part.tag)))
    return node
