"""Comparison of values as ODK forms mean it: an absent answer is a blank text, not an empty set."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from casebook.forms.values import Value, to_numbers, to_truth

_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
COMPARISONS = tuple(_ORDERS)


def compare(sign: str, left: Value, right: Value, zone: tzinfo) -> bool:
    """`left sign right`; of node sets any pair of nodes may make it true.

    Plain XPath calls `absent != 'x'` false; ODK's engines, and so we, call it true.
    """
    lefts = _texts(left)
    rights = _texts(right)
    if lefts is None and rights is None:
        return _compare_plain(sign, left, right, zone)
    if isinstance(left, bool) or isinstance(right, bool):
        return _ORDERS[sign](to_truth(left), to_truth(right))
    if sign == "=" and lefts is not None and rights is not None:
        return not set(lefts).isdisjoint(rights)
    return any(
        _compare_plain(sign, one, other, zone)
        for one in (lefts if lefts is not None else (left,))
        for other in (rights if rights is not None else (right,))
    )


def _texts(value: Value) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return [node.string() for node in value] or [""]


def _compare_plain(sign: str, left: Value, right: Value, zone: tzinfo) -> bool:
    order = _ORDERS[sign]
    if sign in ("=", "!="):
        if isinstance(left, bool) or isinstance(right, bool):
            return order(to_truth(left), to_truth(right))
        if isinstance(left, str) and isinstance(right, str):
            return order(left, right)
    return order(*to_numbers(left, right, zone))
