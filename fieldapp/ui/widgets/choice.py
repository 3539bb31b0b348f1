"""Questions answered by tapping: one of several, several, in order, a range of numbers, one acknowledgement."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import flet as ft

from fieldapp.ui import theme
from fieldapp.ui.actions import guard
from fieldapp.ui.state import use_app
from fieldapp.ui.visit_state import Field, OpenVisit
from fieldapp.ui.widgets.layout import mark, small
from fieldapp.ui.widgets.rich import plain

LONG_LIST = 14  # more choices than this get a search box
SHOWN = 10  # and this many matches at a time
ACKNOWLEDGED = "OK"


def option(identifier: str, text: str, chosen: bool, tap: Callable[[], object], *, single: bool = True,
           number: int | None = None, disabled: bool = False) -> ft.Control:
    """One choice as a chip that wraps its text; an icon besides the colour says that it is chosen."""
    if number is not None:
        sign: ft.Control = ft.Text(str(number), weight=ft.FontWeight.BOLD, color=theme.ON_ACTION)
    else:
        sign = ft.Icon(_icon(chosen, single), size=22, color=theme.ON_ACTION if chosen else theme.FAINT)
    colour = theme.ON_ACTION if chosen else theme.INK
    chip = ft.Container(
        ft.Row([sign, ft.Text(plain(text), color=colour, expand=True, expand_loose=True)], tight=True, spacing=8),
        bgcolor=theme.ACTION if chosen else theme.CARD, ink=True, border_radius=theme.ROUND,
        border=ft.Border.all(1.5, theme.ACTION if chosen else theme.BORDER),
        padding=ft.Padding.symmetric(horizontal=12, vertical=11),
        on_click=None if disabled else guard(tap))
    return mark(identifier, chip, checked=chosen)


def select_one(visit: OpenVisit, field: Field) -> ft.Control:
    """One of several; tapping the chosen one again takes the answer back unless it is required."""
    question = field.question

    def choose(value: str) -> None:
        taken_back = value == question.value and not question.required
        visit.answer(question.ref, "" if taken_back else value)

    return _choices(visit, field, {question.value}, choose, single=True)


def select_multiple(visit: OpenVisit, field: Field) -> ft.Control:
    """Any of several, kept in the order of the list; what cannot stand beside a newly tapped one gives way to it."""
    question = field.question

    def toggle(value: str) -> None:
        visit.answer(question.ref, visit.draft.tapped(question.ref, value))

    return _choices(visit, field, set(question.value.split()), toggle, single=False)


def rank(visit: OpenVisit, field: Field) -> ft.Control:
    """Tapping gives the next number; tapping again takes it away and the others move up."""
    question = field.question
    order = question.value.split()

    def tap(value: str) -> None:
        wanted = [v for v in order if v != value] if value in order else [*order, value]
        visit.answer(question.ref, " ".join(wanted))

    chips = [
        option(f"q-{field.name}-{choice.value}", choice.label, choice.value in order,
               partial(tap, choice.value), single=False, disabled=question.readonly,
               number=order.index(choice.value) + 1 if choice.value in order else None)
        for choice in question.choices]
    return ft.Column([small(use_app().words("app.question.rank")), _wrapped(chips)], spacing=8)


def acknowledge(visit: OpenVisit, field: Field) -> ft.Control:
    """One tick that something was done."""
    question = field.question
    done = question.value == ACKNOWLEDGED
    return option(
        f"q-{field.name}", use_app().words("app.question.done"), done, single=False, disabled=question.readonly,
        tap=lambda: visit.answer(question.ref, "" if done else ACKNOWLEDGED))


def number_range(visit: OpenVisit, field: Field) -> ft.Control:
    """A number between two ends: chips when they are few, else a slider."""
    question = field.question
    start, end, step = (_number(question.parameters.get(name), default)
                        for name, default in (("start", 0), ("end", 10), ("step", 1)))
    count = int(abs(end - start) / abs(step or 1)) + 1
    if count <= 11:
        values = [_written(start + at * (step or 1)) for at in range(count)]
        return _wrapped([
            option(f"q-{field.name}-{value}", value, value == question.value, disabled=question.readonly,
                   tap=partial(visit.answer, question.ref, value)) for value in values])
    slider = ft.Slider(
        min=min(start, end), max=max(start, end), divisions=count - 1, label="{value}", disabled=question.readonly,
        value=_number(question.value, start),
        on_change_end=guard(lambda event: visit.answer(question.ref, _written(event.control.value))))
    return ft.Row([mark(f"q-{field.name}", slider, expand=True), ft.Text(question.value or "—")])


def _choices(visit: OpenVisit, field: Field, chosen: set[str], tap: Callable[[str], None], *,
             single: bool) -> ft.Control:
    """The chips of a list; a long list shows the chosen ones and what matches the search."""
    query, set_query = ft.use_state("")
    question, words = field.question, use_app().words
    long = len(question.choices) > LONG_LIST
    offered = question.choices
    if long:
        needle = query.strip().lower()
        found = [c for c in question.choices if c.value not in chosen and needle in plain(c.label).lower()]
        offered = (*(c for c in question.choices if c.value in chosen), *found[:SHOWN])
    chips = [
        option(f"q-{field.name}-{choice.value}", choice.label, choice.value in chosen, single=single,
               disabled=question.readonly, tap=partial(tap, choice.value)) for choice in offered]
    if not long:
        return mark(f"q-{field.name}", _wrapped(chips), plain(question.label), container=True)
    search = mark(f"q-{field.name}-search", ft.TextField(
        value=query, prefix_icon=ft.Icons.SEARCH, hint_text=words("app.question.search"),
        on_change=guard(lambda event: set_query(event.control.value))))
    more = len(found) - SHOWN
    told = words("app.more", count=more) if more > 0 else "" if found else words("app.question.search_none")
    rest = [small(told)] if told else []
    return mark(f"q-{field.name}", ft.Column([search, _wrapped(chips), *rest], spacing=8,
                                             horizontal_alignment=ft.CrossAxisAlignment.STRETCH), container=True)


def _wrapped(chips: list[ft.Control]) -> ft.Control:
    return ft.Row(chips, wrap=True, spacing=10, run_spacing=10)


def _icon(chosen: bool, single: bool) -> ft.IconData:
    if single:
        return ft.Icons.RADIO_BUTTON_CHECKED if chosen else ft.Icons.RADIO_BUTTON_UNCHECKED
    return ft.Icons.CHECK_BOX if chosen else ft.Icons.CHECK_BOX_OUTLINE_BLANK


def _number(text: object, default: float) -> float:
    try:
        return float(str(text))
    except ValueError:
        return default


def _written(number: float) -> str:
    return f"{number:g}"
