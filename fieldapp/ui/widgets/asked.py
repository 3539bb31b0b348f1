"""Answers on a sheet: chips, a line of text, a day; each with its question above it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial

import flet as ft

from fieldapp.ui import spoken
from fieldapp.ui.actions import guard
from fieldapp.ui.sheet import Sheet
from fieldapp.ui.state import AppState
from fieldapp.ui.widgets.choice import option
from fieldapp.ui.widgets.layout import heading, mark, quiet
from fieldapp.ui.widgets.moment import ask_day


def choice(sheet: Sheet, name: str, question: str, choices: Mapping[str, str]) -> list[ft.Control]:
    """One of several values, as chips; the texts by value."""
    chips = [option(f"{name}-{value}", text, sheet.text(name) == value, partial(_say, sheet, name, value))
             for value, text in choices.items()]
    return [heading(question), mark(name, ft.Row(chips, wrap=True, spacing=8, run_spacing=8), question, container=True)]


def line(sheet: Sheet, name: str, question: str, lines: int = 1) -> list[ft.Control]:
    """A text; what an input method is still composing is left alone."""
    box = ft.TextField(
        value=sheet.text(name), multiline=lines > 1, min_lines=lines, max_lines=6 if lines > 1 else 1, max_length=200,
        on_change=guard(lambda event: sheet.type(name, event.control.value or "")), on_blur=guard(sheet.flush))
    return [heading(question), mark(name, box, question)]


def day(app: AppState, sheet: Sheet, name: str, question: str, near: Mapping[str, date]) -> list[ft.Control]:
    """A day: near ones (by the wording key of their chip) by one tap, others from the calendar."""
    said = sheet.text(name)
    chips = [option(f"{name}-{number}", app.words(key), said == str(when), partial(_say, sheet, name, str(when)))
             for number, (key, when) in enumerate(near.items(), 1)]
    start = _day_of(said) or next(iter(near.values()))
    pick = quiet(f"{name}-pick", spoken.day(app.words, said) if said else app.words("app.question.pick_day"), guard(
        lambda: ask_day(start, next(iter(near.values())), lambda chosen: _say(sheet, name, str(chosen)))),
        ft.Icons.EVENT)
    return [heading(question), ft.Row(chips, wrap=True, spacing=8, run_spacing=8), pick]


def near_days(today: str, *, after: bool) -> dict[str, date]:
    """Today and the day after it (or before it), by the wording key of each."""
    here = date.fromisoformat(today)
    if after:
        return {"app.day.today": here, "app.day.tomorrow": here + timedelta(days=1)}
    return {"app.day.today": here, "app.day.yesterday": here - timedelta(days=1)}


def _say(sheet: Sheet, name: str, value: str) -> None:
    sheet.say(**{name: value})


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
