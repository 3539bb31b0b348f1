"""Traps: what works here but not in other ODK clients, or not as its author believes."""

from __future__ import annotations

from collections.abc import Iterator

from casebook.errors import FormBroken
from casebook.forms.definition import FormDef
from casebook.forms.expressions.comparison import COMPARISONS
from casebook.forms.expressions.syntax import (
    Binary,
    Call,
    Expr,
    Literal,
    Negation,
    Path,
    Step,
    walk,
)
from casebook.forms.linting.sites import Issue, Site, issue

#: ODK Collect refuses forms that call these
_ONLY_HERE = frozenset({"floor", "ceiling", "substring", "upper-case", "lower-case", "name", "local-name"})
_DATE_CALLS = frozenset({"date", "date-time", "format-date", "format-date-time"})
_TRUTH_CALLS = frozenset(
    {"true", "false", "not", "boolean", "boolean-from-string", "selected", "contains", "starts-with"}
    | {"ends-with", "regex", "checklist", "weighted-checklist", "geofence"}
)
_CONDITIONS = frozenset({"relevant", "required", "readonly", "constraint"})


def name_traps(form: FormDef) -> Iterator[Issue]:
    """Question names that ODK Collect cannot read."""
    for node in form.root.subtree():
        if not node.name.isascii():
            yield issue(node.path, "name_not_ascii", name=node.name)


def translation_traps(form: FormDef) -> Iterator[Issue]:
    """Texts that are missing in one of the languages; pyxform writes "-" there."""
    every = {text_id for texts in form.texts.values() for text_id in texts}
    for language, texts in form.texts.items():
        for text_id in sorted(every):
            forms = texts.get(text_id, {})
            if not forms or any(template.pieces == ("-",) for template in forms.values()):
                yield issue(text_id, "translation", language=language)


def expression_traps(form: FormDef, site: Site, expr: Expr) -> Iterator[Issue]:
    """All traps inside one expression."""
    for part in walk(expr):
        match part:
            case Call(name, arguments):
                yield from _call_traps(site, name, arguments)
            case Binary(sign, left, right) if sign in COMPARISONS:
                yield from _comparison_traps(form, site, left, right)
    for condition in _conditions(site, expr):
        if _is_stored_truth(form, condition):
            yield issue(site.ref, "stored_truth", role=site.role)


def _call_traps(site: Site, name: str, arguments: tuple[Expr, ...]) -> Iterator[Issue]:
    if name in _ONLY_HERE:
        yield issue(site.ref, "function_only_here", role=site.role, name=name)
    if name == "area" and isinstance(arguments[0], Literal):
        yield issue(site.ref, "function_only_here", role=site.role, name=name)
    if name in _DATE_CALLS and arguments and _calls(arguments[0], "decimal-date-time"):
        yield issue(site.ref, "date_through_number", role=site.role)
    if name == "once" and any(map(_asks_for_blank, walk(arguments[0]))):
        yield issue(site.ref, "once_before_answer", role=site.role)
    if name == "regex" and isinstance(arguments[1], Literal):
        pattern = arguments[1].value
        if not (pattern.startswith("^") and pattern.endswith("$")):
            yield issue(site.ref, "pattern_not_tied", role=site.role, pattern=pattern)


def _calls(expr: Expr, name: str) -> bool:
    return any(isinstance(part, Call) and part.name == name for part in walk(expr))


def _asks_for_blank(expr: Expr) -> bool:
    match expr:
        case Binary("=" | "!=", left, right):
            return Literal("") in (left, right)
    return False


def _comparison_traps(form: FormDef, site: Site, left: Expr, right: Expr) -> Iterator[Issue]:
    """A date question against a text that holds a date: JavaRosa calls it false, so wrap the text in date()."""
    for one, other in ((left, right), (right, left)):
        if _type_of(form, site, one) in ("date", "dateTime") and _is_computed_text(form, other):
            yield issue(site.ref, "date_against_text", role=site.role)


def _path_of(expr: Expr) -> str | None:
    if isinstance(expr, Path) and expr.absolute and all(step.plain for step in expr.steps):
        return "".join(f"/{step.test}" for step in expr.steps)
    return None


def _type_of(form: FormDef, site: Site, expr: Expr) -> str:
    is_self = expr == Path(False, (Step("self", "node()"),)) and site.role in _CONDITIONS
    bind = form.binds.get(site.ref if is_self else _path_of(expr) or "")
    return bind.type if bind is not None else ""


def _is_computed_text(form: FormDef, expr: Expr) -> bool:
    bind = form.binds.get(_path_of(expr) or "")
    return bind is not None and bind.type == "string" and bind.calculate is not None


def _conditions(site: Site, expr: Expr) -> Iterator[Expr]:
    """Expressions whose bare truth is asked for."""
    if site.role in _CONDITIONS:
        yield expr
    for part in walk(expr):
        match part:
            case Binary("and" | "or", left, right):
                yield left
                yield right
            case Call("not" | "boolean", (only,)):
                yield only
            case Call("if", (test, _, _)):
                yield test


def _is_stored_truth(form: FormDef, expr: Expr) -> bool:
    """A bare reference to a calculation that gives true or false: as a text both count as true."""
    bind = form.binds.get(_path_of(expr) or "")
    if bind is None or bind.calculate is None:
        return False
    try:
        return _gives_truth(bind.calculate.syntax())
    except FormBroken:
        return False


def _gives_truth(expr: Expr) -> bool:
    match expr:
        case Binary(sign, _, _):
            return sign in COMPARISONS or sign in ("and", "or")
        case Call("if", (_, yes, no)):
            return _gives_truth(yes) and _gives_truth(no)
        case Call(name, _):
            return name in _TRUTH_CALLS
        case Negation():
            return False
    return False
