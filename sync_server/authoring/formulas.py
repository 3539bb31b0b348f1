"""Examines every expression and every reference of the sheets in its own cell, before the form is compiled."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from casebook.errors import FormBroken
from casebook.forms.expressions import FUNCTIONS, compile_expression, parse
from casebook.forms.expressions.syntax import Expr, Filter, Path, Step, parts_of
from sync_server.authoring.complaints import Complaint
from sync_server.authoring.reading import EXPRESSIONS, Reading
from sync_server.authoring.rows import Outline, names_near
from sync_server.authoring.vocabulary import CHOICES, SHEETS, SURVEY, YES_NO_COLUMNS

REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?(?P<name>[^{}]*?)\s*\}")
_OPEN_REFERENCE = re.compile(r"\$\{[^{}]*(?:\Z|\{)")
_STAND_IN = "/data/x"  # what stands for ${name} while only the writing is examined
_TRUTHS = frozenset({"yes", "no", "true", "false", "true()", "false()"})
_FROM_ELSEWHERE = ("select_one_from_file", "select_multiple_from_file", "select_one ${", "select_multiple ${")
_WIDE = ("F", "W")


def formula_complaints(reading: Reading, known: Outline) -> Iterator[Complaint]:
    """Broken references in every cell; bad signs, brackets, unknown functions in those that hold expressions."""
    for sheet in SHEETS:
        for index, row in enumerate(reading.workbook.rows.get(sheet, [])):
            for column, cell in row.items():
                broken = list(_references(reading, known, (sheet, index, column), cell))
                yield from broken
                if not broken and _is_expression(sheet, column, cell):
                    yield from _expression(reading, (sheet, index, column), cell)


def _is_expression(sheet: str, column: str, cell: str) -> bool:
    if column in YES_NO_COLUMNS and cell.lower() in _TRUTHS:
        return False
    return column in EXPRESSIONS[sheet]


def _references(
    reading: Reading, known: Outline, place: tuple[str, int, str], cell: str
) -> Iterator[Complaint]:
    sheet, index, column = place
    if _OPEN_REFERENCE.search(cell):
        yield reading.complaint("authoring.cell.reference_open", sheet, index, column)
    for name in dict.fromkeys(found["name"] for found in REFERENCE.finditer(cell)):
        if name not in known.names:
            near = names_near(name, known.questions)
            sentence = "authoring.cell.reference_near" if near else "authoring.cell.reference_unknown"
            yield reading.complaint(sentence, sheet, index, column, name=name, near=near)
        elif known.names[name] > 1 and sheet == SURVEY:
            yield reading.complaint("authoring.cell.reference_twice", sheet, index, column, name=name)


def _expression(reading: Reading, place: tuple[str, int, str], cell: str) -> Iterator[Complaint]:
    sheet, index, column = place
    try:
        compile_expression(REFERENCE.sub(_STAND_IN, cell))
        yield from _bare_names(reading, place, parse(REFERENCE.sub(_STAND_IN, cell)))
    except FormBroken as broken:
        reason, name = str(broken.facts.get("reason", "")), str(broken.facts.get("name", ""))
        wide = _wide_sign(cell)
        if wide and reason not in ("function", "arguments"):
            yield reading.complaint("authoring.cell.wide_sign", sheet, index, column, sign=wide)
        elif reason == "function":
            near = names_near(name, FUNCTIONS)
            sentence = "authoring.cell.function_near" if near else "authoring.cell.function_unknown"
            yield reading.complaint(sentence, sheet, index, column, name=name, near=near)
        elif reason == "arguments":
            yield reading.complaint("authoring.cell.arguments", sheet, index, column, name=name)
        else:
            sentence = "authoring.cell.bracket" if _uneven(cell) else "authoring.cell.unreadable"
            yield reading.complaint(sentence, sheet, index, column)


def _bare_names(reading: Reading, place: tuple[str, int, str], expr: Expr) -> Iterator[Complaint]:
    """Words that the author meant as ${name}; in a choice filter, as columns that the choices do not have."""
    sheet, index, column = place
    columns = reading.workbook.columns.get(CHOICES, ())
    own_list = not reading.workbook.rows[sheet][index].get("type", "").startswith(_FROM_ELSEWHERE)
    for name in dict.fromkeys(_names_in(expr)):
        if column != "choice_filter":
            sentence = "authoring.cell.yes_no" if column in YES_NO_COLUMNS else "authoring.cell.bare_name"
            yield reading.complaint(sentence, sheet, index, column, name=name)
        elif own_list and name not in columns:
            yield reading.complaint("authoring.cell.filter_column", sheet, index, column, name=name)


def _names_in(expr: Expr) -> Iterator[str]:
    """Names of children at the beginning of a path, outside of what filters a list."""
    match expr:
        case Path(False, (Step("child", name) as first, *_)) if first.by_name:
            yield name
        case Path():
            return
        case Filter(base, _, _):
            yield from _names_in(base)
        case _:
            for part in parts_of(expr):
                yield from _names_in(part)


def _wide_sign(cell: str) -> str:
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", cell)
    return next((sign for sign in bare if unicodedata.east_asian_width(sign) in _WIDE and not sign.isalpha()), "")


def _uneven(cell: str) -> bool:
    """Whether brackets or quotes do not come in pairs."""
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", cell)
    return any(bare.count(left) != bare.count(right) for left, right in ("()", "[]")) or bool(set(bare) & set("'\""))
