"""A visit that is not finished: everything needed to open it again exactly as it was left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casebook.errors import FormUnknown
from casebook.forms.choices import follow_choices
from casebook.forms.instance import Instance
from casebook.forms.serialise import instance_xml, restore
from casebook.forms.xmlinput import MAX_ANSWERS_BYTES, parse_xml


def draft_of(instance: Instance, answered: Mapping[str, str]) -> dict[str, Any]:
    """The draft as plain JSON values.

    `kept` names the computed answers that must not be computed again on opening: a person's own entries, and what
    came from the clock, from chance or from once().
    """
    kept = []
    for node in instance.root.everything():
        cell = node.value
        if cell is not None and cell.compute is not None and (cell.held or cell.volatile):
            kept.append(node.ref)
    return {
        "form_id": instance.form.form_id,
        "version": instance.form.version,
        "language": instance.language.value,
        "xml": instance_xml(instance, drop_irrelevant=False),
        "kept": kept,
        "answered": dict(answered),
    }


def check_form(instance: Instance, draft: Mapping[str, Any]) -> None:
    """Raises FormUnknown if another form, or another version of it, asked the questions of this draft."""
    form = instance.form
    if (draft.get("form_id"), draft.get("version")) != (form.form_id, form.version):
        raise FormUnknown(form_id=draft.get("form_id"), version=draft.get("version"))


def reopen(instance: Instance, draft: Mapping[str, Any]) -> None:
    """Puts the draft into a freshly grown tree. Raises FormUnknown, FormBroken."""
    check_form(instance, draft)
    element, _ = parse_xml(str(draft["xml"]).encode(), MAX_ANSWERS_BYTES)
    restore(instance, element)
    kept = set(draft.get("kept", ()))
    if kept:
        for node in instance.root.everything():
            cell = node.value
            if cell is not None and cell.compute is not None and node.ref in kept:
                cell.keep = True
    # opening alone takes nothing away
    follow_choices(instance.root)
