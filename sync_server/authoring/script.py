"""A form as it is written, not filled in: texts with their gaps, the choices of a question, names of questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from casebook.errors import FormBroken
from casebook.forms.definition import Control, FormDef, Template, Text
from casebook.forms.expressions import Expression
from casebook.forms.expressions.syntax import Call, Expr, Filter, Literal, walk
from casebook.wording import Wording
from sync_server.authoring.conditions import list_in, looked_up, path_of

MOST_CHOICES = 60
_MOST_LETTERS = 24  # of a question's label inside a sentence
_CASES = {"cases": None}


@dataclass(frozen=True)
class Offered:
    """The choices of a question as its author listed them: labels (at most MOST_CHOICES), how many, filtered or not."""

    labels: tuple[str, ...]
    total: int
    filtered: bool


class Script:
    """Reads one form in one of its languages; what the form itself does not say is said in that of `wording`."""

    def __init__(self, form: FormDef, language: str | None, wording: Wording) -> None:
        self._form, self._language, self._t = form, language, wording

    def text(self, text: Text | None) -> str:
        """A label or hint; where live values go stand their names in brackets."""
        template = self._template(text)
        if template is None:
            return ""
        return "".join(piece if isinstance(piece, str) else self._gap(piece) for piece in template.pieces).strip()

    def choices(self, control: Control) -> Offered:
        """What a question offers, whatever was answered before."""
        if control.itemset is None:
            labels = [self.text(item.label) or item.value for item in control.items]
            return Offered(tuple(labels[:MOST_CHOICES]), len(labels), False)
        syntax = _syntax(control.itemset.nodes)
        items = self._lists.get(list_in(syntax), {}) if syntax else {}
        return Offered(tuple(items.values())[:MOST_CHOICES], len(items), syntax is not None and _filters(syntax))

    def question(self, path: str) -> str:
        """How a question is called in a sentence: its label, cut short; what is read from the case file; its name."""
        control = self._form.controls_by_path.get(path)
        label = " ".join(self.text(control.label).split()) if control else ""
        if label:
            short = label if len(label) <= _MOST_LETTERS else f"{label[:_MOST_LETTERS]}…"
            return self._t("authoring.when.question", name=short)
        return self._gap_named(path)

    def answer(self, path: str, value: str) -> str | None:
        """The label of a choice of the question at `path`."""
        control = self._form.controls_by_path.get(path)
        if control is None:
            return None
        fixed = {item.value: self.text(item.label) for item in control.items}
        syntax = _syntax(control.itemset.nodes) if control.itemset else None
        return fixed.get(value) or (self._lists.get(list_in(syntax), {}).get(value) if syntax else None)

    def _template(self, text: Text | None) -> Template | None:
        if text is None or isinstance(text, Template):
            return text
        match _syntax(text):
            case Call("jr:itext" | "jr:guidance" as name, (Literal(text_id),)):
                form = "guidance" if name == "jr:guidance" else ""
                return self._form.texts.get(self._language or "", {}).get(text_id, {}).get(form)
        return None

    def _gap(self, expression: Expression) -> str:
        syntax = _syntax(expression)
        path = path_of(syntax) if syntax else None
        return self._gap_named(path) if path else self._t("authoring.gap", name=expression.source.strip())

    def _gap_named(self, path: str) -> str:
        bind = self._form.binds.get(path)
        if bind is not None and bind.preload == ("date", "today"):
            return self._t("authoring.when.today")
        column = looked_up(_syntax(bind.calculate), _CASES) if bind is not None and bind.calculate is not None else ""
        if column:
            keys = (f"authoring.case.{column}", f"console.prop.{column}")
            known = next((self._t(key) for key in keys if self._t.has(key)), column)
            return self._t("authoring.on_file", name=known)
        return self._t("authoring.gap", name=path.rsplit("/", 1)[-1])

    @cached_property
    def _lists(self) -> Mapping[str, Mapping[str, str]]:
        """List -> value -> label, of the lists written into the form."""
        return {name: dict(self._items(name)) for name in self._form.lists}

    def _items(self, name: str) -> Iterator[tuple[str, str]]:
        document = self._form.lists[name].document
        for root in document.children() if document is not None else ():
            for item in root.children_named("item"):
                cells = {cell.name: cell.string() for cell in item.children()}
                texts = self._form.texts.get(self._language or "", {}).get(cells.get("itextId", ""), {})
                label = self.text(texts.get("")) or cells.get("label", "")
                yield cells.get("name", ""), label or cells.get("name", "")


def _filters(syntax: Expr) -> bool:
    parts = (part for part in walk(syntax) if isinstance(part, Filter))
    return any(step.predicates for part in parts for step in part.steps)


def _syntax(expression: Expression) -> Expr | None:
    try:
        return expression.syntax()
    except FormBroken:
        return None
