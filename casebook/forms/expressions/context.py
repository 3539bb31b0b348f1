"""What a compiled expression may ask of the form it runs in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Protocol, TypeAlias

from casebook.forms.treenode import TreeNode
from casebook.forms.values import Value


class Host(Protocol):
    """The filled-in form: its tree, its lists, and everything that comes from outside (clock, chance, words)."""

    @property
    def document(self) -> TreeNode:
        """The node above the root."""

    @property
    def fixed(self) -> Mapping[str, TreeNode]:
        """Nodes outside any repeat, by path: there is exactly one of each."""

    @property
    def zone(self) -> tzinfo:
        """The zone of days and times of day."""

    @property
    def version(self) -> str:
        """The version of the form."""

    def located(self, names: Sequence[str], near: TreeNode) -> list[TreeNode]:
        """Nodes of an absolute path, within the repeat instances that `near` lives in."""

    def list_named(self, name: str) -> TreeNode | None:
        """The document of a secondary instance."""

    def last_value(self, node: TreeNode) -> str:
        """What the node held before, without becoming dependent on it."""

    def instant(self) -> datetime:
        """The present instant in `zone`."""

    def uuid(self) -> str:
        """A fresh identifier."""

    def random(self) -> float:
        """A number from 0 up to 1."""

    def device_property(self, name: str) -> str:
        """`username`, `deviceid` …; blank when unknown."""

    def itext(self, text_id: str, near: TreeNode, form: str = "") -> str:
        """A translated text in the language of the session; `form` may be `guidance`."""

    def choice_label(self, value: str, path: str, context: Context) -> str:
        """The label of a choice of the question at `path`; blank when it is not offered."""

    def term(self, key: str) -> str:
        """A word from the catalogue, such as the name of a month."""


class Context:
    """Where an expression is evaluated: the context node, its place among its kind, and `current()`."""

    __slots__ = ("current", "host", "node", "position", "size")

    def __init__(
        self, host: Host, node: TreeNode, position: int = 1, size: int = 1, current: TreeNode | None = None
    ) -> None:
        self.host = host
        self.node = node
        self.position = position
        self.size = size
        self.current = node if current is None else current


#: A compiled expression.
Evaluate: TypeAlias = Callable[[Context], Value]
#: Narrows or moves a node set.
Select: TypeAlias = Callable[[Context, list[TreeNode]], list[TreeNode]]
