"""A question as a screen needs it: what it is, how it reads, what it offers, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from casebook.forms.checks import finding_of
from casebook.forms.choices import Choice, choices_of
from casebook.forms.definition import Control
from casebook.forms.layout import Placed, title_of
from casebook.forms.nodes import Node
from casebook.forms.texts import guidance_of, hint_of, label_of


class Page(NamedTuple):
    """One section of the form, shown as one screen."""

    ref: str
    title: str
    index: int  # type: ignore[assignment]  # hides what tuples call so
    relevant: bool


class Problem(NamedTuple):
    """Why a question is still open; `kind` is required, constraint or type, `message` is for the teacher."""

    ref: str
    page_ref: str
    label: str
    kind: str
    message: str


class Question(NamedTuple):
    """`kind` says how it is asked: note, text, integer, decimal, date, time, datetime, select_one,
    select_multiple, rank, acknowledge, image, signature, audio, file, geopoint, range, barcode; or heading."""

    ref: str
    kind: str
    label: str
    hint: str = ""
    guidance: str = ""
    value: str = ""
    required: bool = False
    readonly: bool = False
    relevant: bool = True
    appearance: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    problem: Problem | None = None
    parameters: Mapping[str, str] = MappingProxyType({})


class Repeat(NamedTuple):
    """A repeat of which a person may add instances and take them out.

    `ref` has no position of its own, `count` instances are there, and the button that adds one stands on the page
    before the question that has `at` others before it.
    """

    ref: str
    label: str
    count: int  # type: ignore[assignment]  # hides what tuples call so
    at: int


def question_at(node: Node, page_ref: str) -> Question:
    """The question as it stands now."""
    control = node.control
    relevant, label = node.is_relevant(), label_of(node)
    finding = finding_of(node)
    problem = Problem(node.ref, page_ref, label, finding.kind, finding.message) if finding else None
    bind_parameters = node.bind.parameters if node.bind is not None else {}
    return Question(
        ref=node.ref,
        kind=kind_of(node),
        label=label,
        hint=hint_of(node),
        guidance=guidance_of(node),
        value=node.value.get() if node.value is not None else "",
        required=node.rule("required"),
        readonly=node.is_readonly(),
        relevant=relevant,
        appearance=control.appearance if control is not None else (),
        choices=choices_of(node) if control is not None and control.is_choice else (),
        problem=problem,
        parameters={**bind_parameters, **control.parameters} if control is not None else bind_parameters,
    )


def heading(placed: Placed) -> Question:
    """The title of an inner group, or of an instance of a repeat with its number."""
    title = title_of(placed)
    if placed.place:
        wording = placed.node.instance.wording
        title = wording("forms.repeat_title", title=title, place=placed.place).strip()
    return Question(ref=placed.node.ref, kind="heading", label=title)


def repeat_at(placed: Placed, at: int) -> Repeat:
    """The repeat whose end is placed behind `at` questions and titles."""
    above, name = placed.node, (placed.control.path or "").rpartition("/")[2]
    return Repeat(f"{above.ref}/{name}", title_of(placed), len(above.families[name]), at)


_KINDS = {
    "select1": "select_one",
    "select": "select_multiple",
    "rank": "rank",
    "trigger": "acknowledge",
    "range": "range",
}
_INPUT_KINDS = {
    "int": "integer",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "dateTime": "datetime",
    "geopoint": "geopoint",
    "barcode": "barcode",
}


def kind_of(node: Node) -> str:
    """How the node's question is asked; a node without a question counts as text."""
    control = node.control
    if control is None:
        return "text"
    if control.kind == "upload":
        return _upload_kind(control)
    if control.kind in _KINDS:
        return _KINDS[control.kind]
    if _is_note(node):
        return "note"
    return _INPUT_KINDS.get(node.bind.type if node.bind is not None else "", "text")


def _upload_kind(control: Control) -> str:
    if control.media.startswith("image/"):
        return "signature" if "signature" in control.appearance else "image"
    return "audio" if control.media.startswith("audio/") else "file"


def _is_note(node: Node) -> bool:
    """A text that may never be typed in and never gets a value of its own."""
    bind = node.bind
    if bind is None or bind.type != "string" or bind.readonly is None or bind.readonly.source != "true()":
        return False
    return bind.calculate is None and not node.definition.text and not _is_set(node)


def _is_set(node: Node) -> bool:
    """Whether an action of the form sets the node."""
    return node.definition.path in node.instance.form.set_by_actions
