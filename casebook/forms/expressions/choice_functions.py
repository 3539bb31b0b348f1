"""Functions on answers of select questions and checklists."""

from __future__ import annotations

import math
from datetime import tzinfo

from casebook.forms.expressions.context import Context
from casebook.forms.expressions.registry import ANY, function
from casebook.forms.values import Value, to_number, to_text, to_truth, tokens


@function("selected", 2)
def _selected(context: Context, answer: Value, choice: Value) -> Value:
    wanted = to_text(choice).strip()
    chosen = tokens(answer)
    return wanted in chosen if wanted else not chosen


@function("selected-at", 2)
def _selected_at(context: Context, answer: Value, place: Value) -> Value:
    chosen, number = tokens(answer), to_number(place, context.host.zone)
    if not math.isfinite(number):
        return ""
    return chosen[int(number)] if 0 <= int(number) < len(chosen) else ""


@function("count-selected", 1)
def _count_selected(context: Context, answer: Value) -> Value:
    return float(len(tokens(answer)))


@function("checklist", 2, ANY)
def _checklist(context: Context, least: Value, most: Value, *answers: Value) -> Value:
    held = sum(to_truth(one) for answer in answers for one in _each(answer))
    return _within(float(held), least, most, context.host.zone)


@function("weighted-checklist", 2, ANY)
def _weighted_checklist(context: Context, least: Value, most: Value, *pairs: Value) -> Value:
    zone, total = context.host.zone, 0.0
    for answer, weight in zip(pairs[::2], pairs[1::2], strict=False):
        for one, heavy in zip(_each(answer), _each(weight), strict=False):
            counts = to_truth(to_number(one, zone)) if isinstance(answer, list) else to_truth(one)
            total += to_number(heavy, zone) if counts else 0.0
    return _within(total, least, most, zone)


def _each(value: Value) -> list[Value]:
    return [node.string() for node in value] if isinstance(value, list) else [value]


def _within(number: float, least: Value, most: Value, zone: tzinfo) -> bool:
    """Whether the number lies in the range; a negative limit is no limit."""
    low, high = to_number(least, zone), to_number(most, zone)
    return (low < 0 or number >= low) and (high < 0 or number <= high)
