"""A visit that is not finished: everything needed to open it again exactly as it was left.

A draft holds the answers below the names of their groups, blank ones only where the form has a text; a repeat is the
list of its instances, an attribute begins with @, and the text of a node with attributes stands under a blank name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias
from xml.etree.ElementTree import Element

from casebook.errors import FormBroken, FormUnknown
from casebook.forms.casting import UNSAVABLE
from casebook.forms.choices import follow_choices
from casebook.forms.instance import Instance
from casebook.forms.nodes import Node
from casebook.forms.serialise import restore
from casebook.forms.xmlinput import MAX_ANSWERS_BYTES, parse_xml

Answers: TypeAlias = dict[str, Any]


def draft_of(instance: Instance, answered: Mapping[str, str]) -> dict[str, Any]:
    """The draft as plain JSON values.

    `kept` names the computed answers that must not be computed again on opening: a person's own entries, and what
    came from the clock, from chance or from once().
    """
    kept: list[str] = []
    answers = _answers(instance.root, kept)
    return {
        "form_id": instance.form.form_id,
        "version": instance.form.version,
        "language": instance.language.value,
        "answers": answers,
        "kept": kept,
        "answered": dict(answered),
    }


def _answers(node: Node, kept: list[str]) -> Answers:
    """What stands in and below a group; inside a repeat all of it, for which of the form's instances a node began as
    is not known later."""
    attributes = ((f"@{name}", _text(one, kept)) for name, one in node.attribute_nodes.items())
    found: Answers = {name: text for name, text in attributes if text is not None}
    for name, family in node.families.items():
        if name in node.ranges:
            found[name] = [_below(child, kept) for child in family]
        elif (inner := _below(family[0], kept)) is not None:
            found[name] = inner
    return found


def _below(node: Node, kept: list[str]) -> Answers | str | None:
    if node.value is None:
        return _answers(node, kept) or (None if node.alone else {})
    text = _text(node, kept)
    attributes = _answers(node, kept) if node.attribute_nodes else {}
    return {**attributes, "": UNSAVABLE.sub("", node.raw())} if attributes else text


def _text(node: Node, kept: list[str]) -> str | None:
    """The answer, relevant or not; None if it is blank, as in the form."""
    cell = node.value
    if cell is None:
        return None
    if cell.compute is not None and (cell.held or cell.volatile):
        kept.append(node.ref)
    text = cell.value
    return UNSAVABLE.sub("", text) if text or node.definition.text or not node.alone else None


def _element(name: str, answers: Answers | str) -> Element:
    """The answers of a draft as XML has them."""
    element = Element(name)
    if isinstance(answers, str):
        element.text = answers
        return element
    for inner, value in answers.items():
        if inner == "":
            element.text = value
        elif inner.startswith("@"):
            element.set(inner[1:], value)
        else:
            element.extend(_element(inner, one) for one in (value if isinstance(value, list) else [value]))
    return element


def check_form(instance: Instance, draft: Mapping[str, Any]) -> None:
    """Raises FormUnknown if another form, or another version of it, asked the questions of this draft."""
    form = instance.form
    if (draft.get("form_id"), draft.get("version")) != (form.form_id, form.version):
        raise FormUnknown(form_id=draft.get("form_id"), version=draft.get("version"))


def _opened(instance: Instance, draft: Mapping[str, Any]) -> Element:
    """Drafts of the first app, and those made from a sealed visit, hold the instance as XML."""
    if "xml" in draft:
        return parse_xml(str(draft["xml"]).encode(), MAX_ANSWERS_BYTES)[0]
    try:
        return _element(instance.root.name, draft["answers"])
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise FormBroken(reason="draft", form_id=instance.form.form_id) from error


def reopen(instance: Instance, draft: Mapping[str, Any]) -> None:
    """Puts the draft into a freshly grown tree. Raises FormUnknown, FormBroken."""
    check_form(instance, draft)
    restore(instance, _opened(instance, draft))
    kept = set(draft.get("kept", ()))
    if kept:
        for node in instance.root.everything():
            cell = node.value
            if cell is not None and cell.compute is not None and node.ref in kept:
                cell.keep = True
    # opening alone takes nothing away
    follow_choices(instance.root)
