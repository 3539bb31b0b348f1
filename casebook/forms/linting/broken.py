"""Faults that keep a form from working anywhere: unreadable expressions, unknown names, circles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from casebook.errors import FormBroken
from casebook.forms.definition import Control, FormDef
from casebook.forms.expressions import compile_expression
from casebook.forms.expressions.syntax import Call, Expr, Literal, Path, walk
from casebook.forms.linting.sites import Issue, Site, issue

_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_UNSUPPORTED_TYPES = ("geotrace", "geoshape")


def expression_faults(form: FormDef, site: Site) -> Iterator[Issue]:
    """An expression that cannot be read, calls what does not exist, or calls it wrongly."""
    source = site.expression.source
    try:
        compile_expression(source, form.prefixes)
    except FormBroken as broken:
        sign = _full_width_sign(source)
        if sign:
            yield issue(site.ref, "full_width", role=site.role, sign=sign)
        elif broken.facts["reason"] in ("function", "arguments"):
            yield issue(site.ref, str(broken.facts["reason"]), role=site.role, name=str(broken.facts["name"]))
        else:
            yield issue(site.ref, "syntax", role=site.role, source=source)


def _full_width_sign(source: str) -> str:
    """The first sign outside quotes that an input method made wide; blank if there is none."""
    bare = _QUOTED.sub("", source)
    wide = (sign for sign in bare if unicodedata.east_asian_width(sign) in ("F", "W") and not sign.isalpha())
    curly = (sign for sign in bare if sign in "‘’“”")
    return next(wide, "") or next(curly, "")


def name_faults(form: FormDef, site: Site, expr: Expr) -> Iterator[Issue]:
    """Paths that lead nowhere, lists that do not exist, patterns that are no patterns."""
    known = form.paths
    for part in walk(expr):
        match part:
            case Path(True, steps):
                path = "".join(f"/{step.test}" for step in steps if step.plain)
                whole = all(step.plain for step in steps)
                if whole and path and path not in known:
                    yield issue(site.ref, "unknown_question", role=site.role, path=path)
            case Call("instance", (Literal(name),)):
                if name not in form.lists:
                    yield issue(site.ref, "unknown_list", role=site.role, list=name)
            case Call("regex", (_, Literal(pattern))):
                if not _is_pattern(pattern):
                    yield issue(site.ref, "pattern", role=site.role, pattern=pattern)


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def question_faults(form: FormDef) -> Iterator[Issue]:
    """Questions we cannot ask, and questions about nothing."""
    known = form.paths
    for control in (question for top in form.controls for question in top.questions()):
        if control.path is None or control.path not in known:
            yield issue(control.path or "", "unknown_question", role="body", path=control.path or "")
        elif not _supported(form, control):
            yield issue(control.path, "unsupported")
        elif control.is_choice and control.itemset is None and not control.items:
            yield issue(control.path, "no_choices")


def _supported(form: FormDef, control: Control) -> bool:
    bind = form.binds.get(control.path or "")
    if bind is not None and bind.type in _UNSUPPORTED_TYPES:
        return False
    return control.kind != "upload" or not control.media.startswith("video/")
