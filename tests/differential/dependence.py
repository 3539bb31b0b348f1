"""Which answers a fact of a form was made from, so that one disagreement is not counted again in all that reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from casebook.forms import FormDef
from casebook.forms.definition import Control, Template, Text
from casebook.forms.expressions import Expression
from casebook.forms.expressions.syntax import Binary, Call, Expr, Filter, Literal, Path, walk

_RULES = ("relevant", "required", "readonly", "constraint", "calculate")


class Dependence:
    """Names that expressions read, by path and aspect. In our forms a name says which question it is."""

    def __init__(self, form: FormDef) -> None:
        self._form = form
        self._controls = {one.path: one for top in form.controls for one in everything(top) if one.path}
        actions = (*form.actions, *(action for control in self._controls.values() for action in control.actions))
        #: paths of questions with a computed default
        self.defaults = {action.ref for action in actions if "odk-instance-first-load" in action.events}
        #: paths of questions that another's change sets
        self.triggered = {action.ref for action in actions if "xforms-value-changed" in action.events}
        #: all paths, with whether a default is written there
        self.paths = {node.path: bool(node.text) for node in form.root.subtree()}
        self._by_name = {path.rpartition("/")[2]: path for path in self.paths}
        self.deep = cache(self._deep)
        self.expressions = cache(self._expressions)
        self.names = cache(self._names)

    def _expressions(self, path: str, aspect: str) -> tuple[str, ...]:
        """The sources of all expressions that make a fact: its own, and those of the groups around it."""
        found = list(self._own(path, aspect))
        above = path.rpartition("/")[0]
        while above:
            found += self._of(above, "relevant")
            control = self._controls.get(above)
            if control is not None and control.count is not None:
                found.append(control.count.source)
            above = above.rpartition("/")[0]
        return tuple(found)

    def _own(self, path: str, aspect: str) -> Iterator[str]:
        control = self._controls.get(path)
        yield from self._of(path, "relevant")
        if control is not None and control.count is not None:
            yield control.count.source
        if aspect in ("value", "sent", "violation", "message", "choices", "choice labels"):
            yield from self._of(path, "calculate")
            yield from (action for action in self._set_by(path))
            yield from self._listed(control)
        if aspect in ("required", "violation", "message"):
            yield from self._of(path, "required")
            yield from self._of(path, "constraint")
        if aspect == "readonly":
            yield from self._of(path, "readonly")
        yield from self._texts(path, aspect, control)

    def _of(self, path: str, rule: str) -> Iterator[str]:
        bind = self._form.binds.get(path)
        expression = getattr(bind, rule) if bind is not None else None
        if expression is not None:
            yield expression.source

    def _set_by(self, path: str) -> Iterator[str]:
        """What sets the value by an event, and the question whose change is that event."""
        for action in self._form.actions:
            if action.ref == path and action.value is not None:
                yield action.value.source
        for trigger, control in self._controls.items():
            for action in control.actions:
                if action.ref == path:
                    yield trigger
                    yield action.value.source if action.value is not None else "''"

    @staticmethod
    def _listed(control: Control | None) -> Iterator[str]:
        if control is not None and control.itemset is not None:
            yield control.itemset.nodes.source

    def _texts(self, path: str, aspect: str, control: Control | None) -> Iterator[str]:
        bind = self._form.binds.get(path)
        texts: list[Text | None] = []
        if control is not None and aspect in ("label", "hint", "guidance"):
            texts = [control.label, control.hint, control.guidance]
        if bind is not None and aspect == "message":
            texts = [bind.constraint_message, bind.required_message]
        for text in texts:
            yield from self._written(text)

    def _written(self, text: Text | None) -> Iterator[str]:
        if isinstance(text, Template):
            yield from (piece.source for piece in text.pieces if isinstance(piece, Expression))
        elif text is not None:
            match = re.match(r"jr:\w+\('([^']+)'\)", text.source)
            for table in self._form.texts.values() if match else ():
                for template in table.get(match[1], {}).values():
                    yield from self._written(template)

    def _deep(self, path: str, aspect: str) -> frozenset[str]:
        """The sources of all expressions that make a fact, and of those that make what they read, and so on."""
        found, waiting, seen = set(self.expressions(path, aspect)), set(self.names(path, aspect)), set[str]()
        while waiting:
            name = waiting.pop()
            seen.add(name)
            if name in self._by_name:
                found.update(self.expressions(self._by_name[name], "value"))
                waiting |= self.names(self._by_name[name], "value") - seen
        return frozenset(found)

    def _names(self, path: str, aspect: str) -> frozenset[str]:
        """The names of everything such a fact was made from; the frames around it count too."""
        found = set(path.strip("/").split("/")[:-1])
        if aspect == "sent":  # a group is sent if something in it is
            found |= {below.rpartition("/")[2] for below in self.paths if below.startswith(f"{path}/")}
        for source in self.expressions(path, aspect):
            found |= named_in(source)
        return frozenset(found)


def everything(control: Control) -> Iterator[Control]:
    """The control and all inside."""
    yield control
    for child in control.children:
        yield from everything(child)


@cache
def named_in(source: str) -> frozenset[str]:
    """The names of all steps in an expression."""
    found: set[str] = set()
    for part in walk(Expression(source, frozenset()).syntax()):
        found |= set(_steps(part))
    return frozenset(found)


def _steps(part: Expr) -> Iterator[str]:
    match part:
        case Path(_, steps) | Filter(_, _, steps):
            yield from (step.test for step in steps)
        case Call("jr:choice-name", (_, Literal(path))):
            yield from path.strip().split("/")


@cache
def takes_answer_as_condition(source: str, whole: bool) -> bool:
    """Whether an expression, itself a condition if `whole`, asks of an answer, not of a comparison, if it holds."""
    syntax = Expression(source, frozenset()).syntax()
    found = [part for inner in walk(syntax) for part in _conditions(inner)]
    return any(isinstance(part, Path) for part in ([syntax, *found] if whole else found))


def _conditions(part: Expr) -> Iterator[Expr]:
    match part:
        case Binary("and" | "or", left, right):
            yield from (left, right)
        case Call("not" | "boolean" | "if", (condition, *_)):
            yield condition
        case Call("checklist", (_, _, *conditions)):
            yield from conditions
