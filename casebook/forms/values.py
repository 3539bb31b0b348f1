"""The four kinds of value an expression knows, and how each turns into the others."""

from __future__ import annotations

import math
import re
from datetime import tzinfo
from typing import TypeAlias

from casebook.forms.dates import as_instant, day_number, parse_moment
from casebook.forms.treenode import TreeNode

#: Node set, text, number or truth.
Value: TypeAlias = list[TreeNode] | str | float | bool

NAN = math.nan
NUMBER = re.compile(r"\s*-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*\Z")
_LARGEST_PLAIN = 1e21
_TEXTUAL = (str, list)
_INFINITE = {"Infinity": math.inf, "-Infinity": -math.inf}


def number_text(number: float) -> str:
    """A number as XPath writes it: no exponent, no trailing zero. What is no number is blank: nobody shall read NaN."""
    if math.isnan(number):
        return ""
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number) and abs(number) < _LARGEST_PLAIN:
        return str(int(number))
    text = repr(number)
    if "e" in text:
        from decimal import Decimal  # loads slowly

        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def text_number(text: str, zone: tzinfo) -> float:
    """The number a text stands for; a day or instant counts as days since 1970-01-01; else NaN."""
    if NUMBER.match(text):
        return float(text)
    if len(text) >= 10 and text[4:5] == "-":
        moment = parse_moment(text.strip(), zone)
        if moment is not None:
            return day_number(moment)
    # a stored result of a division by nothing reads back as what it was
    return _INFINITE.get(text, NAN)


def to_text(value: Value) -> str:
    """XPath string()."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return value[0].string() if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value)


def to_number(value: Value, zone: tzinfo) -> float:
    """XPath number(), where days count as numbers."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, float):
        return value
    if isinstance(value, str):
        return text_number(value, zone)
    return text_number(value[0].string(), zone) if value else NAN


def to_numbers(left: Value, right: Value, zone: tzinfo) -> tuple[float, float]:
    """Both as numbers, to compare or subtract: beside an instant, a day is its midnight in `zone`."""
    if type(left) is float and type(right) is float:
        return left, right
    if not isinstance(left, _TEXTUAL) or not isinstance(right, _TEXTUAL):
        return to_number(left, zone), to_number(right, zone)
    texts = to_text(left), to_text(right)
    read = text_number if ("T" in texts[0]) == ("T" in texts[1]) else _instant_number
    return read(texts[0], zone), read(texts[1], zone)


def _instant_number(text: str, zone: tzinfo) -> float:
    moment = parse_moment(text.strip(), zone)
    return text_number(text, zone) if moment is None else day_number(as_instant(moment, zone))


def to_truth(value: Value) -> bool:
    """XPath boolean(), but a blank answer is false, as in ODK Collect: note that the text 'false' is true."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value != ""
    if isinstance(value, list):
        return value[0].string() != "" if len(value) == 1 else any(node.string() for node in value)
    return not (value == 0 or math.isnan(value))


def tokens(value: Value) -> list[str]:
    """The chosen values of a select_multiple answer."""
    return to_text(value).split()
