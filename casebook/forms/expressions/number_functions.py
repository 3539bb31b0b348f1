"""Functions on numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import tzinfo

from casebook.forms.expressions.context import Context
from casebook.forms.expressions.numbers import round_half_away, round_to
from casebook.forms.expressions.registry import ANY, function
from casebook.forms.expressions.text_functions import own
from casebook.forms.values import NAN, Value, text_number, to_number


@function("number", 0, 1)
def _number(context: Context, value: Value | None = None) -> Value:
    return to_number(own(context, value), context.host.zone)


@function("round", 1, 2)
def _round(context: Context, value: Value, places: Value = 0.0) -> Value:
    number, digits = to_number(value, context.host.zone), to_number(places, context.host.zone)
    if not math.isfinite(digits):
        return NAN
    return round_to(number, int(digits)) if digits else round_half_away(number)


def _whole(name: str, shape: Callable[[float], int]) -> None:
    @function(name, 1)
    def apply(context: Context, value: Value) -> Value:
        number = to_number(value, context.host.zone)
        return float(shape(number)) if math.isfinite(number) else number


_whole("int", math.trunc)
_whole("floor", math.floor)
_whole("ceiling", math.ceil)


def _mathematical(name: str, count: int, formula: Callable[..., float]) -> None:
    @function(name, count)
    def apply(context: Context, *values: Value) -> Value:
        try:
            return float(formula(*(to_number(value, context.host.zone) for value in values)))
        except OverflowError:
            return math.inf
        except (ValueError, TypeError):
            return NAN


def _logarithm(formula: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: formula(x) if x else -math.inf


_FORMULAS: Mapping[str, Callable[[float], float]] = {
    "abs": abs,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "exp10": lambda x: 10**x,
    "log": _logarithm(math.log),
    "log10": _logarithm(math.log10),
}
for _name, _formula in _FORMULAS.items():
    _mathematical(_name, 1, _formula)
_mathematical("atan2", 2, math.atan2)


@function("pi", 0)
def _pi(context: Context) -> Value:
    return math.pi


@function("pow", 2)
def _power(context: Context, base: Value, exponent: Value) -> Value:
    zone = context.host.zone
    low, high = to_number(base, zone), to_number(exponent, zone)
    try:
        raised = low**high
    except ZeroDivisionError:
        return math.inf
    except OverflowError:
        return -math.inf if low < 0 and high % 2 else math.inf
    return NAN if isinstance(raised, complex) else float(raised)


def _numbers(values: tuple[Value, ...], zone: tzinfo) -> Iterator[float]:
    for value in values:
        if isinstance(value, list):
            yield from (text_number(node.string(), zone) for node in value)
        else:
            yield to_number(value, zone)


@function("sum", 1)
def _sum(context: Context, value: Value) -> Value:
    return float(sum(_numbers((value,), context.host.zone)))


@function("min", 1, ANY)
def _least(context: Context, *values: Value) -> Value:
    found = list(_numbers(values, context.host.zone))
    return NAN if not found or any(map(math.isnan, found)) else min(found)


@function("max", 1, ANY)
def _most(context: Context, *values: Value) -> Value:
    found = list(_numbers(values, context.host.zone))
    return NAN if not found or any(map(math.isnan, found)) else max(found)
