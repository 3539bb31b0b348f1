"""Turns the texts of a form into what is read on the screen, in the language of the session."""

from __future__ import annotations

from casebook.forms.definition import Template, Text
from casebook.forms.expressions import Context
from casebook.forms.nodes import Node
from casebook.forms.values import to_text


def rendered(text: Text | None, node: Node) -> str:
    """The text with its live values, as seen from `node`; Markdown stays as written."""
    if text is None:
        return ""
    context = Context(node.instance, node)
    if isinstance(text, Template):
        return fill(text, context).strip()
    return to_text(text(context)).strip()


def fill(template: Template, context: Context) -> str:
    """A template with its expressions evaluated."""
    if len(template.pieces) == 1 and isinstance(template.pieces[0], str):
        return template.pieces[0]
    return "".join(piece if isinstance(piece, str) else to_text(piece(context)) for piece in template.pieces)


def label_of(node: Node) -> str:
    """The label of the node's question."""
    control = node.control
    if control is None:
        return ""
    return str(node.cell("label", lambda: rendered(control.label, node)).get())


def hint_of(node: Node) -> str:
    """The hint of the node's question."""
    control = node.control
    if control is None or control.hint is None:
        return ""
    return str(node.cell("hint", lambda: rendered(control.hint, node)).get())


def guidance_of(node: Node) -> str:
    """The longer hint of the node's question."""
    control = node.control
    if control is None or control.guidance is None:
        return ""
    return str(node.cell("guidance", lambda: rendered(control.guidance, node)).get())

