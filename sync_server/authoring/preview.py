"""A form on paper: every page, question, choice and condition, before anybody fills it in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from casebook.forms.definition import Bind, Control, FormDef
from casebook.forms.layout import plan_pages
from casebook.wording import Wording
from sync_server.authoring.conditions import Conditions
from sync_server.authoring.script import Offered, Script

HEADING, REPEAT, ALWAYS = "heading", "repeat", "always"
_KINDS = {"select1": "select_one", "select": "select_multiple", "rank": "rank", "trigger": "acknowledge",
          "range": "range"}  # fmt: skip
_INPUTS = {"int": "integer", "decimal": "decimal", "date": "date", "time": "time", "dateTime": "datetime",
           "geopoint": "geopoint", "barcode": "barcode"}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A question, a note, or the heading of an inner group; `kind` as phones ask it, heading or repeat.

    `number` counts what is answered; `required` is "always", a condition in words, or blank.
    """

    kind: str
    name: str
    label: str
    number: int = 0
    hint: str = ""
    guidance: str = ""
    when: str = ""
    required: str = ""
    must: str = ""
    message: str = ""
    offered: Offered | None = None
    saved_to: str = ""


@dataclass(frozen=True)
class Sheet:
    """One page of the form; `when` says under which condition phones show it."""

    title: str
    when: str
    lines: tuple[Line, ...]


def sheets_of(form: FormDef, language: str | None, wording: Wording) -> list[Sheet]:
    """The whole form in one of its languages."""
    return _Printer(form, language, wording).sheets()


class _Printer:
    def __init__(self, form: FormDef, language: str | None, wording: Wording) -> None:
        self._form = form
        self._script = Script(form, language, wording)
        self._conditions = Conditions(form, self._script, wording)
        self._number = 0

    def sheets(self) -> list[Sheet]:
        found = []
        for plan in plan_pages(self._form):
            group = plan.controls[0]
            if group.is_question:
                lines = [line for control in plan.controls for line in self._lines(control)]
                found.append(Sheet(self._form.title, "", tuple(lines)))
            else:
                title = self._script.text(plan.label) or self._form.title
                lines = [line for control in group.children for line in self._lines(control)]
                found.append(Sheet(title, self._when(group.path), tuple(lines)))
        return found

    def _lines(self, control: Control) -> Iterator[Line]:
        if control.is_question:
            yield self._question(control)
            return
        label = self._script.text(control.label)
        if label or control.kind == "repeat":
            kind = REPEAT if control.kind == "repeat" else HEADING
            yield Line(kind, _name(control), label, when=self._when(control.path))
        for child in control.children:
            yield from self._lines(child)

    def _question(self, control: Control) -> Line:
        path = control.path or ""
        bind = self._form.binds.get(path)
        kind = kind_of(control, bind)
        if kind != "note":
            self._number += 1
        return Line(
            kind=kind, name=_name(control), label=self._script.text(control.label),
            number=0 if kind == "note" else self._number, hint=self._script.text(control.hint),
            guidance=self._script.text(control.guidance), when=self._when(path), required=self._required(bind, path),
            must=self._conditions.say(bind.constraint, path) if bind else "",
            message=self._script.text(bind.constraint_message) if bind else "",
            offered=self._script.choices(control) if control.is_choice else None,
            saved_to=(bind.save_to or "") if bind else "",
        )  # fmt: skip

    def _when(self, path: str | None) -> str:
        bind = self._form.binds.get(path or "")
        return self._conditions.say(bind.relevant, path or "") if bind else ""

    def _required(self, bind: Bind | None, path: str) -> str:
        if bind is None or bind.required is None:
            return ""
        if bind.required.source.strip() == "true()":
            return ALWAYS
        return self._conditions.say(bind.required, path)


def kind_of(control: Control, bind: Bind | None) -> str:
    """How a question is asked on phones."""
    if control.kind == "upload":
        if control.media.startswith("image/"):
            return "signature" if "signature" in control.appearance else "image"
        return "audio" if control.media.startswith("audio/") else "file"
    if control.kind in _KINDS:
        return _KINDS[control.kind]
    is_fixed = bind is not None and bind.readonly is not None and bind.readonly.source.strip() == "true()"
    if is_fixed and bind is not None and bind.calculate is None:
        return "note"
    return _INPUTS.get(bind.type if bind is not None else "", "text")


def _name(control: Control) -> str:
    return (control.path or "").rsplit("/", 1)[-1]
