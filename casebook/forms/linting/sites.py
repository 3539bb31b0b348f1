"""Where a form's expressions stand, so that a finding can name the question and the column of the sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from casebook.forms.definition import Control, FormDef, Template, Text
from casebook.forms.expressions import Expression


@dataclass(frozen=True, slots=True)
class Issue:
    """A fault of a form, said by `message_key` with `facts`; `ref` is the question, or a text's id."""

    ref: str
    kind: str
    message_key: str
    facts: dict[str, str] = field(default_factory=dict)


def issue(ref: str, kind: str, **facts: str) -> Issue:
    """An issue whose message key follows from its kind."""
    return Issue(ref, kind, f"forms.lint.{kind}", {"ref": ref, **facts})


@dataclass(frozen=True, slots=True)
class Site:
    """An expression and its place; `role` is the rule it states (relevant, calculate, choices, text …)."""

    ref: str
    role: str
    expression: Expression


_RULES = ("relevant", "required", "readonly", "constraint", "calculate")


def sites_of(form: FormDef) -> Iterator[Site]:
    """Every expression of the form with its place."""
    for path, bind in form.binds.items():
        for role in _RULES:
            expression = getattr(bind, role)
            if expression is not None:
                yield Site(path, role, expression)
        yield from _text_sites(path, bind.constraint_message)
        yield from _text_sites(path, bind.required_message)
    for control in form.controls:
        yield from _control_sites(control)
    for action in form.actions:
        if action.value is not None:
            yield Site(action.ref, "default", action.value)
    for texts in form.texts.values():
        for text_id, forms in texts.items():
            for template in forms.values():
                yield from _text_sites(text_id, template)


def _control_sites(control: Control) -> Iterator[Site]:
    ref = control.path or ""
    for text in (control.label, control.hint):
        yield from _text_sites(ref, text)
    if control.itemset is not None:
        yield Site(ref, "choices", control.itemset.nodes)
        yield Site(ref, "choice", control.itemset.value)
        if control.itemset.label is not None:
            yield Site(ref, "choice", control.itemset.label)
    if control.count is not None:
        yield Site(ref, "count", control.count)
    for action in control.actions:
        if action.value is not None:
            yield Site(action.ref, "trigger", action.value)
    for child in control.children:
        yield from _control_sites(child)


def _text_sites(ref: str, text: Text | None) -> Iterator[Site]:
    if isinstance(text, Template):
        for piece in text.pieces:
            if isinstance(piece, Expression):
                yield Site(ref, "text", piece)
    elif text is not None:
        yield Site(ref, "text", text)
