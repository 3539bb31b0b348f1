"""One form being filled in: its tree, its cells and lists, and what its expressions ask from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from casebook.errors import FormBroken
from casebook.forms import choices, texts
from casebook.forms.cells import Cell, Graph
from casebook.forms.definition import FormDef, NodeDef
from casebook.forms.environment import Env, present
from casebook.forms.expressions import Context, Expression
from casebook.forms.lists import ListNode, ListSource, answers_document, blank_document, source_document
from casebook.forms.nodes import Node
from casebook.forms.reader_body import absolute
from casebook.forms.treenode import TreeNode
from casebook.forms.xmlinput import MAX_ANSWERS_BYTES, parse_xml
from casebook.wording import Wording

_LAST_SAVED = "jr://instance/last-saved"


class Instance:
    """The host of all expressions of a session. The tree itself is made by `growth`."""

    def __init__(
        self,
        form: FormDef,
        lists: Mapping[str, ListSource],
        env: Env,
        wording: Wording,
        language: str | None,
        sealed: bool = False,
        last_saved: str = "",
    ) -> None:
        self.form = form
        #: answers are shown as they were sealed: nothing is computed, nothing is or becomes irrelevant
        self.sealed = sealed
        self.env = env
        self.wording = wording
        self.graph = Graph(Node.is_unseen)
        self.language: Cell[str | None] = Cell(self.graph, "language", None, language)
        #: repeats whose number of instances is computed: the cell, the node above, the repeat
        self.counts: list[tuple[Cell[float], Node, NodeDef]] = []
        self.fixed: dict[str, TreeNode] = {}
        #: relevance by that of the group around and the rule, where it is the same for every node with that rule
        self.rules: dict[tuple[Cell[bool] | None, Expression], Cell[bool]] = {}
        #: whose relevance a cell is, where there are several
        self.owners: dict[Cell[bool], list[Node]] = {}
        #: references of what is relevant exactly when the owner of a cell is, as far as they were asked for
        self.sharers: dict[Cell[Any], tuple[str, ...]] = {}
        self.document = ListNode("#document", None)
        self.root = Node(self, form.root, None)
        self.document.append(self.root)
        self._sources = lists
        #: the answers that `${last-saved#…}` reads, as XML text
        self._last_saved = last_saved
        self._documents: dict[str, TreeNode | None] = {}

    @property
    def zone(self) -> tzinfo:
        """The zone of days and times of day."""
        return self.env.tz

    @property
    def version(self) -> str:
        """The version of the form."""
        return self.form.version

    def located(self, names: Sequence[str], near: TreeNode) -> list[TreeNode]:
        """Relevant nodes of an absolute path; inside a repeat, those of the instance that `near` is in."""
        if names[0] != self.root.name:
            return []
        chain = self._chain(near)
        found: list[TreeNode] = [self.root]
        along = True
        for depth, name in enumerate(names[1:], 1):
            along = along and depth < min(len(chain), len(names) - 1) and chain[depth].name == name
            if along:
                found = [chain[depth]]
                self._count_on(chain[depth])
            else:
                found = [child for node in found for child in node.children_named(name)]
        return found

    def _chain(self, near: TreeNode) -> tuple[Node, ...]:
        """The form's nodes from the root down to `near`."""
        if isinstance(near, Node):
            return near.line
        return next((node.line for node in near.ancestors() if isinstance(node, Node)), ())

    def _count_on(self, node: Node) -> None:
        """Makes the running computation depend on the instances of the repeat that `node` is one of."""
        if node.above is not None and node.name in node.above.ranges:
            node.above.ranges[node.name].get()

    def targets(self, path: str, near: Node) -> list[Node]:
        """Nodes of a path, relevant or not; inside a repeat, those of the instance that `near` is in."""
        alone = self.fixed.get(path)
        if isinstance(alone, Node):
            return [alone]
        *names, last = path.strip("/").split("/")
        attribute = last[1:] if last.startswith("@") else None
        if attribute is None:
            names.append(last)
        chain, along, found = self._chain(near), True, [self.root]
        for depth, prefixed in enumerate(names[1:], 1):
            name = prefixed.rpartition(":")[2]
            along = along and depth < len(chain) and chain[depth].name == name
            found = [chain[depth]] if along else [one for node in found for one in node.families.get(name, ())]
        if attribute is None:
            return found
        local = attribute.rpartition(":")[2]
        return [node.attribute_nodes[local] for node in found if local in node.attribute_nodes]

    def list_named(self, name: str) -> TreeNode | None:
        """The document of a list: given to the session, or written into the form; None if neither."""
        if name not in self._documents:
            self._documents[name] = self._open_list(name)
        return self._documents[name]

    def _open_list(self, name: str) -> TreeNode | None:
        source = self._sources.get(name)
        if source is not None:
            return source_document(source)
        declared = self.form.lists.get(name)
        if declared is None:
            return None
        if declared.document is not None:
            return declared.document
        if declared.source != _LAST_SAVED:
            return blank_document()
        return self._last_document() or blank_document(self.root.name)

    def _last_document(self) -> TreeNode | None:
        """The answers of last time as a tree; None when there are none, or none that can be read."""
        try:
            element, _ = parse_xml(self._last_saved.encode(), MAX_ANSWERS_BYTES)
        except FormBroken:
            return None
        return answers_document(element, self.root.name)

    def last_value(self, node: TreeNode) -> str:
        """What the node held before the computation that is running."""
        self.graph.mark_volatile()
        return node.raw() if isinstance(node, Node) else node.string()

    def instant(self) -> datetime:
        """The present instant in the session's zone."""
        self.graph.mark_volatile()
        return present(self.env)

    def uuid(self) -> str:
        """A fresh identifier."""
        self.graph.mark_volatile()
        return self.env.uuid()

    def random(self) -> float:
        """A number from 0 up to 1."""
        self.graph.mark_volatile()
        return self.env.random()

    def device_property(self, name: str) -> str:
        """Who fills the form in, on which device; other properties are blank."""
        return {"username": self.env.username, "deviceid": self.env.deviceid}.get(name, "")

    def itext(self, text_id: str, near: TreeNode, form: str = "") -> str:
        """A translated text; where the language lacks it, that of the form's own language."""
        for language in (self.language.get(), self.form.default_language):
            forms = self.form.texts.get(language or "", {}).get(text_id, {})
            template = forms.get(form) or (forms.get("long") or forms.get("short") if not form else None)
            # pyxform writes "-" where a translation is missing
            if template is not None and template.pieces != ("-",):
                return texts.fill(template, Context(self, near))
        return ""

    def choice_label(self, value: str, path: str, context: Context) -> str:
        """The label of a choice of the question at `path`, as it is offered now."""
        near = context.current if isinstance(context.current, Node) else self.root
        for node in self.targets(absolute(path, near.definition.path), near)[:1]:
            return choices.label_of_choice(node, value)
        return ""

    def term(self, key: str) -> str:
        """A word from the catalogue."""
        return self.wording(key)

    def settle(self) -> None:
        """Brings everything up to date that does not wait to be asked: calculations, repeat counts, choices.

        Raises FormBroken (reason `restless` or `nested`) if that never ends or goes too deep.
        """
        try:
            for _ in range(_MOST_ROUNDS):
                self.graph.advance()
                if self.graph.pending:
                    self._settle_once()
                elif not self.graph.look_again():
                    return
        except RecursionError as error:
            raise FormBroken(reason="nested", form_id=self.form.form_id) from error
        raise FormBroken(reason="restless", form_id=self.form.form_id)

    def _settle_once(self) -> None:
        from casebook.forms import growth

        waiting, self.graph.pending = self.graph.pending, {}
        for cell in waiting:
            cell.get()
            if cell.retired:
                continue
            if cell.role == "offered":
                choices.prune(cell.owner)
            elif cell.role == "value":
                choices.follow(cell.owner)
        growth.follow_counts(self, waiting)


_MOST_ROUNDS = 100
