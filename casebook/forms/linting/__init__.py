"""Examines a form before it is published, so that nothing breaks in front of a family."""

from __future__ import annotations

from collections.abc import Iterator

from casebook.errors import FormBroken
from casebook.forms.definition import FormDef
from casebook.forms.expressions.syntax import Expr
from casebook.forms.linting.broken import expression_faults, name_faults, question_faults
from casebook.forms.linting.circles import circle_faults
from casebook.forms.linting.marked import mark_faults
from casebook.forms.linting.portable import expression_traps, name_traps, translation_traps
from casebook.forms.linting.sites import Issue, sites_of

__all__ = ["Issue", "lint"]


def lint(formdef: FormDef, portable: bool = True) -> list[Issue]:
    """Everything wrong with the form; an empty list means it may be published.

    With `portable` false only faults that keep it from working here; with it also traps: what fails in ODK Collect,
    or does not mean what its author believes.
    """
    found: list[Issue] = []
    for one in _issues(formdef, portable):
        if one not in found:
            found.append(one)
    return found


def _issues(form: FormDef, portable: bool) -> Iterator[Issue]:
    yield from question_faults(form)
    yield from mark_faults(form)
    parsed: dict[tuple[str, str], Expr] = {}
    for site in sites_of(form):
        yield from expression_faults(form, site)
        try:
            expr = site.expression.syntax()
        except FormBroken:
            continue
        parsed[(site.ref, site.role)] = expr
        yield from name_faults(form, site, expr)
        if portable:
            yield from expression_traps(form, site, expr)
    yield from circle_faults(form, parsed)
    if portable:
        yield from name_traps(form)
        yield from translation_traps(form)
