"""Conditions of a form in plain words: calculations followed to what they mean, alternatives drawn together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from casebook.errors import FormBroken
from casebook.forms.definition import FormDef
from casebook.forms.expressions import Expression
from casebook.forms.expressions.syntax import Binary, Call, Expr, Filter, Literal, Negation, Number, Path, Step, walk
from casebook.forms.values import number_text
from casebook.wording import Wording

_DEEPEST = 6  # calculations that stand on calculations are followed no further
_WORDS = {"=": "is", "!=": "is_not", "<": "less", "<=": "at_most", ">": "more", ">=": "at_least"}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_OTHER = {"and": "or", "or": "and"}
_SELF = Path(False, (Step("self", "node()"),))


class Names(Protocol):
    """What conditions are about, in words."""

    def question(self, path: str) -> str: ...
    def answer(self, path: str, value: str) -> str | None: ...


@dataclass(frozen=True)
class Claim:
    """One thing that must hold: what is asked, how (`=`, `<`, chosen …), and what it is compared with."""

    asked: Expr
    how: str
    value: Expr | None = None


@dataclass(frozen=True)
class Joint:
    """Several things of which all (`and`) or any (`or`) must hold."""

    how: str
    parts: tuple[Tree, ...]


Tree: TypeAlias = Claim | Joint


class Conditions:
    """Says the conditions of one form in the language of `wording`."""

    def __init__(self, form: FormDef, names: Names, wording: Wording) -> None:
        self._form, self._names, self._t = form, names, wording

    def say(self, expression: Expression | None, own: str = "") -> str:
        """When something is shown or allowed; blank when it always is. `own` is the path that a dot stands for."""
        if expression is None:
            return ""
        try:
            return self._say(self._tree(expression.syntax(), True, 0), own)
        except FormBroken:
            return expression.source

    # -- what is meant

    def _tree(self, expr: Expr, holds: bool, depth: int) -> Tree:
        match expr:
            case Binary("and" | "or" as how, left, right):
                joint = how if holds else _OTHER[how]
                return _joined(joint, [self._tree(part, holds, depth) for part in (left, right)])
            case Call("not", (inner,)):
                return self._tree(inner, not holds, depth)
            case Call("selected", (asked, value)):
                return Claim(asked, "chosen" if holds else "not_chosen", value)
            case Binary(sign, left, right) if sign in _WORDS:
                return self._comparison(sign if holds else _OPPOSITE[sign], left, right, depth)
        return Claim(expr, "holds" if holds else "not")

    def _comparison(self, sign: str, left: Expr, right: Expr, depth: int) -> Tree:
        if isinstance(left, Literal | Number) and not isinstance(right, Literal | Number):
            sign, left, right = _TURNED[sign], right, left
        bind = self._form.binds.get(path_of(left) or "")
        if bind is not None and bind.calculate is not None and sign in ("=", "!=") and depth < _DEEPEST:
            match bind.calculate.syntax():
                case Call("if", (condition, Literal() as yes, Literal() as no)) if right in (yes, no) and yes != no:
                    return self._tree(condition, (right == yes) == (sign == "="), depth + 1)
        return Claim(left, sign, right)

    # -- in words

    def _say(self, tree: Tree, own: str) -> str:
        if isinstance(tree, Claim):
            return self._say_claims([tree], own)
        said = []
        for group in _together(tree):
            inner = self._say(group, own) if isinstance(group, Joint) else self._say_claims(group, own)
            several = isinstance(group, Joint) and len(list(_together(group))) > 1
            said.append(self._t("authoring.when.bracket", inner=inner) if several else inner)
        return self._folded(f"authoring.when.{tree.how}", said)

    def _say_claims(self, claims: list[Claim], own: str) -> str:
        """One claim, or several about the same question that differ only in the value."""
        first = claims[0]
        question = self._thing(first.asked, own)
        if first.value is None:
            return self._t(f"authoring.when.{first.how}", question=question)
        if first.value == Literal("") and first.how in ("=", "!="):
            return self._t("authoring.when.blank" if first.how == "=" else "authoring.when.filled", question=question)
        values = [self._value(claim, own) for claim in claims if claim.value is not None]
        answer = self._folded("authoring.when.either", values)
        return self._t(f"authoring.when.{_WORDS.get(first.how, first.how)}", question=question, answer=answer)

    def _folded(self, key: str, parts: list[str]) -> str:
        said = parts[0]
        for part in parts[1:]:
            said = self._t(key, left=said, right=part)
        return said

    def _value(self, claim: Claim, own: str) -> str:
        """What is compared with: the label of a choice where there is one."""
        if isinstance(claim.value, Literal):
            path = own if claim.asked == _SELF else path_of(claim.asked) or ""
            label = self._names.answer(path, claim.value.value)
            return self._t("authoring.when.answer", text=label or claim.value.value)
        return self._thing(claim.value, own) if claim.value is not None else ""

    def _thing(self, expr: Expr, own: str) -> str:
        """A question, this answer, a number or text, or the expression as it is written."""
        match expr:
            case Path():
                path = path_of(expr)
                if path or expr == _SELF:
                    return self._t("authoring.when.this") if not path or path == own else self._names.question(path)
            case Literal(text):
                return self._t("authoring.when.answer", text=text)
            case Call():
                return self._call(expr, own)
            case Binary("+" | "-" as sign, left, right):
                one, other = self._thing(left, own), self._thing(right, own)
                return one if right == Number(0) else f"{one} {sign} {other}"
        return source_of(expr)

    def _call(self, call: Call, own: str) -> str:
        match call:
            case Call("count-selected", (asked,)):
                return self._t("authoring.when.count", question=self._thing(asked, own))
            case Call("today" | "true" | "false" | "now" as name, ()):
                return self._t(f"authoring.when.{name}")
            case Call("regex", (asked, Literal(pattern))):
                return self._t("authoring.when.pattern", question=self._thing(asked, own), pattern=pattern)
            case Call("date" | "number" | "int" | "string" | "round", (inner,)):
                return self._thing(inner, own)
        return source_of(call)


def _joined(how: str, parts: list[Tree]) -> Joint:
    """The parts side by side; parts that are joined in the same way are taken apart, and none is said twice."""
    found: list[Tree] = []
    for part in parts:
        found += part.parts if isinstance(part, Joint) and part.how == how else (part,)
    return Joint(how, tuple(dict.fromkeys(found)))


def _together(tree: Joint) -> Iterator[list[Claim] | Joint]:
    """Claims that one sentence can say: any of several values, or none of them."""
    alike = {("or", "="), ("or", "chosen"), ("and", "!="), ("and", "not_chosen")}
    groups: dict[object, list[Claim]] = {}
    order: list[list[Claim] | Joint] = []
    for part in tree.parts:
        if isinstance(part, Joint):
            order.append(part)
            continue
        mergeable = (tree.how, part.how) in alike and part.value != Literal("")
        key: object = (part.asked, part.how) if mergeable else part
        if key not in groups:
            groups[key] = []
            order.append(groups[key])
        groups[key].append(part)
    yield from order


def path_of(expr: Expr) -> str | None:
    """The path of a question that is named outright."""
    if isinstance(expr, Path) and expr.absolute and all(step.plain for step in expr.steps):
        return "".join(f"/{step.test}" for step in expr.steps)
    return None


def list_in(expr: Expr) -> str:
    """The name in instance('name')."""
    named = (part.arguments[0] for part in walk(expr) if isinstance(part, Call) and part.name == "instance")
    return next((name.value for name in named if isinstance(name, Literal)), "")


def looked_up(expr: Expr | None, names: Mapping[str, object]) -> str:
    """The column that is read from one of the lists in `names`, if that is all that the expression does."""
    match expr:
        case Call("coalesce", (Filter() as inner, _)):
            return looked_up(inner, names)
        case Filter(Call("instance", (Literal(name),)), _, steps) if name in names and steps:
            return steps[-1].test
    return ""


def source_of(expr: Expr) -> str:
    """An expression as an author writes it, near enough: names of questions instead of paths."""
    match expr:
        case Path(is_absolute, steps):
            text = f"${{{steps[-1].test}}}" if is_absolute and steps else "."
        case Literal(value):
            text = f"'{value}'"
        case Number(number):
            text = number_text(number)
        case Negation(operand):
            text = f"-{source_of(operand)}"
        case Binary(sign, left, right):
            text = f"{source_of(left)} {sign} {source_of(right)}"
        case Call(name, arguments):
            text = f"{name}({', '.join(map(source_of, arguments))})"
        case Filter(base, _, steps):
            text = "/".join([source_of(base), *(step.test for step in steps)])
    return text
