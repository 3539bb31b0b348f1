"""What a form is, independent of the file it came from: questions, rules, texts, lists, actions.

The parts are named tuples and not dataclasses: the phone makes such classes, and their objects by the hundred, several
times faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from casebook.forms.expressions import Expression
from casebook.forms.lists import ListNode

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Template(NamedTuple):
    """A text with places for live values: pieces of text and expressions in turn."""

    pieces: tuple[str | Expression, ...]


#: A text with outputs, or an expression that gives the text (`jr:itext(…)`).
Text: TypeAlias = Template | Expression


class Bind(NamedTuple):
    """The rules of one answer. `type` is XForms' (`int`, `date`, `geopoint` …), `preload` (kind, parameter)."""

    path: str
    type: str = "string"
    relevant: Expression | None = None
    required: Expression | None = None
    readonly: Expression | None = None
    constraint: Expression | None = None
    calculate: Expression | None = None
    constraint_message: Text | None = None
    required_message: Text | None = None
    preload: tuple[str, str] | None = None
    save_to: str | None = None
    parameters: Mapping[str, str] = _NOTHING


class Action(NamedTuple):
    """Sets a value when one of `events` happens; `kind` is setvalue or setgeopoint."""

    kind: str
    events: frozenset[str]
    ref: str
    value: Expression | None
    text: str = ""


class Item(NamedTuple):
    """A choice written into the question."""

    value: str
    label: Text | None


class ItemSet(NamedTuple):
    """Choices taken from a list, already filtered by `nodes`."""

    nodes: Expression
    value: Expression
    label: Expression | None

    @property
    def column(self) -> str:
        """The name of the child that holds a choice's value, if it is just that; else blank."""
        source = self.value.source
        return source if source.replace("-", "_").isidentifier() else ""


class Control(NamedTuple):
    """What is shown: a question, a group or a repeat. `kind` is the XForms element; `path` None for a plain frame."""

    kind: str
    path: str | None
    label: Text | None = None
    hint: Text | None = None
    guidance: Text | None = None
    appearance: tuple[str, ...] = ()
    parameters: Mapping[str, str] = _NOTHING
    media: str = ""
    items: tuple[Item, ...] = ()
    itemset: ItemSet | None = None
    children: tuple[Control, ...] = ()
    actions: tuple[Action, ...] = ()
    #: how many instances a repeat has (this hides what tuples call count)
    count: Expression | None = None  # type: ignore[assignment]
    fixed_count: bool = False

    @property
    def is_question(self) -> bool:
        """Whether it asks or says something itself."""
        return self.kind not in ("group", "repeat")

    @property
    def is_choice(self) -> bool:
        """Whether it offers choices."""
        return self.kind in ("select", "select1", "rank")

    def questions(self) -> Iterator[Control]:
        """The question itself, or all questions inside."""
        if self.is_question:
            yield self
        for child in self.children:
            yield from child.questions()


class NodeDef(NamedTuple):
    """A node of the instance as the form defines it. Of a repeat, `instances` are there at the start and
    `template` is what a further one looks like."""

    name: str
    namespace: str | None
    path: str
    text: str = ""
    bind: Bind | None = None
    children: tuple[NodeDef, ...] = ()
    attributes: tuple[NodeDef, ...] = ()
    is_repeat: bool = False
    template: NodeDef | None = None
    instances: tuple[NodeDef, ...] = ()

    def subtree(self) -> Iterator[NodeDef]:
        """The node, its attributes and everything below."""
        yield self
        yield from self.attributes
        for child in self.children:
            yield from child.subtree()


class SecondaryList:
    """A list the form reads: written into the form (`build` makes its tree), or from elsewhere (`source`)."""

    def __init__(self, name: str, source: str | None, build: Callable[[], ListNode] | None = None) -> None:
        self.name = name
        self.source = source
        self._build = build

    @cached_property
    def document(self) -> ListNode | None:
        """The tree of a list written into the form, made once when first asked for."""
        return self._build() if self._build is not None else None


class _Parts(NamedTuple):
    form_id: str
    version: str
    title: str
    root: NodeDef
    controls: tuple[Control, ...]
    languages: tuple[str, ...] = ()
    default_language: str | None = None
    #: language -> text id -> form ("" or guidance, short …) -> template
    texts: Mapping[str, Mapping[str, Mapping[str, Template]]] = _NOTHING
    binds: Mapping[str, Bind] = _NOTHING
    actions: tuple[Action, ...] = ()
    lists: Mapping[str, SecondaryList] = _NOTHING
    prefixes: Mapping[str, str] = _NOTHING


class FormDef(_Parts):
    """A form as published. Build it with `FormDef.from_xml`, or from its parts."""

    @cached_property
    def controls_by_path(self) -> Mapping[str, Control]:
        """The questions by their path."""
        return {one.path: one for one in _all_controls(self.controls) if one.is_question and one.path}

    @cached_property
    def repeats(self) -> Mapping[str, Control]:
        """The repeats by their path."""
        return {one.path: one for one in _all_controls(self.controls) if one.kind == "repeat" and one.path}

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths of all nodes."""
        return frozenset(node.path for node in self.root.subtree())

    @cached_property
    def set_by_actions(self) -> frozenset[str]:
        """The paths that some action sets."""
        inside = (action for one in _all_controls(self.controls) for action in one.actions)
        return frozenset(action.ref for action in (*self.actions, *inside))

    @classmethod
    def from_xml(cls, xml: bytes) -> FormDef:
        """Reads an XForm as pyxform writes it. Raises FormBroken if it is not one, is unsafe or too large."""
        from casebook.forms.reader import read_form

        return read_form(xml)

    def language_like(self, wanted: str | None) -> str | None:
        """The form's language for a name or code: `English (en)`, `en` and `en_GB` all find `English (en)`."""
        if wanted in self.languages:
            return wanted
        code = (wanted or "").replace("_", "-").partition("-")[0].lower()
        for language in self.languages:
            if code and (f"({code}" in language.lower() or language.lower() == code):
                return language
        return self.default_language


def _all_controls(controls: tuple[Control, ...]) -> Iterator[Control]:
    for control in controls:
        yield control
        yield from _all_controls(control.children)
