"""Says what is wrong with an answer: missing, of the wrong type, or against the rules of the form."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from casebook.forms.cells import Cell
from casebook.forms.choices import chosen, followed
from casebook.forms.dates import day_fraction, parse_moment
from casebook.forms.nodes import Node
from casebook.forms.texts import rendered
from casebook.forms.values import NUMBER

#: longer answers are kept in the draft but cannot be sealed
MOST_CHARACTERS = 4_000
_INTEGER = re.compile(r"-?\d{1,9}\Z", re.ASCII)


class Finding(NamedTuple):
    """What is wrong with one answer; `kind` is required, constraint or type."""

    kind: str
    message: str


def finding_of(node: Node) -> Finding | None:
    """What is wrong with the node's answer now; None if nothing is, or the node is irrelevant."""
    cell: Cell[Finding | None] = node.cell("finding", lambda: _examine(node))
    return cell.get() if node.is_relevant() else None


def _examine(node: Node) -> Finding | None:
    """What is wrong if the node is relevant; so nothing is examined again where a section only comes and goes."""
    answer = node.value.get() if node.value is not None else None
    if answer is None:
        return None
    return _examine_answer(node, answer) if answer else _examine_blank(node)


def _examine_blank(node: Node) -> Finding | None:
    if not node.rule("required"):
        return None
    written = rendered(node.bind.required_message, node) if node.bind is not None else ""
    return Finding("required", written or node.instance.wording("forms.required"))


def _examine_answer(node: Node, answer: str) -> Finding | None:
    wording = node.instance.wording
    if len(answer) > MOST_CHARACTERS and node.control is not None:
        message = wording("forms.too_long", length=len(answer), most=MOST_CHARACTERS)
        return Finding("constraint", message)
    wrong = _type_problem(node, answer)
    if wrong is not None:
        return Finding("type", wording(f"forms.type.{wrong}"))
    if node.rule("constraint"):
        return None
    written = rendered(node.bind.constraint_message, node) if node.bind is not None else ""
    return Finding("constraint", written or wording("forms.constraint"))


def _type_problem(node: Node, answer: str) -> str | None:
    """The last part of the message key, or None if the answer fits its type."""
    control = node.control
    if control is not None and control.is_choice:
        possible = followed(node)
        fits = all(value in possible for value in chosen(node, answer))
        return None if fits else "choice"
    kind = node.bind.type if node.bind is not None else "string"
    fits_type = _FITS.get(kind)
    if fits_type is not None and not fits_type(node, answer):
        return kind.lower()
    if control is not None and control.kind == "range" and not _in_range(node, answer):
        return "range"
    return None


def _is_day(node: Node, answer: str) -> bool:
    moment = parse_moment(answer, node.instance.zone)
    return isinstance(moment, date) and not isinstance(moment, datetime)


def _is_instant(node: Node, answer: str) -> bool:
    return isinstance(parse_moment(answer, node.instance.zone), datetime)


def _is_time(node: Node, answer: str) -> bool:
    return "T" not in answer and not math.isnan(day_fraction(answer, node.instance.zone))


def _is_place(node: Node, answer: str) -> bool:
    """Latitude, longitude and, if known, altitude and accuracy."""
    parts = answer.split()
    if not 2 <= len(parts) <= 4 or not all(NUMBER.match(part) for part in parts):
        return False
    return abs(float(parts[0])) <= 90 and abs(float(parts[1])) <= 180


_FITS: dict[str, Callable[[Node, str], bool]] = {
    "int": lambda node, answer: _INTEGER.match(answer) is not None,
    "decimal": lambda node, answer: NUMBER.match(answer) is not None,
    "date": _is_day,
    "dateTime": _is_instant,
    "time": _is_time,
    "geopoint": _is_place,
}


def _in_range(node: Node, answer: str) -> bool:
    control = node.control
    if control is None or not NUMBER.match(answer):
        return control is None
    limits = [control.parameters.get(name, "") for name in ("start", "end")]
    if not all(NUMBER.match(limit) for limit in limits):
        return True
    low, high = sorted(map(float, limits))
    return low <= float(answer) <= high
