"""Questions answered with a day, a time, or both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial

import flet as ft

from fieldapp.ui import spoken
from fieldapp.ui.actions import guard
from fieldapp.ui.state import use_app
from fieldapp.ui.visit_state import Field, OpenVisit
from fieldapp.ui.widgets.choice import option
from fieldapp.ui.widgets.layout import mark, quiet

YEARS_BACK, YEARS_AHEAD = 20, 5


def picked_day(value: date | datetime) -> date:
    """The day a picker means: it answers with local midnight told in UTC, so half a day must be added first."""
    return (value + timedelta(hours=12)).date() if isinstance(value, datetime) else value


def day(visit: OpenVisit, field: Field) -> ft.Control:
    """A day: near days by one tap, others from a calendar."""
    app = use_app()
    today = ft.use_memo(lambda: date.fromisoformat(app.desk.today().day), [])
    question = field.question
    near = [
        option(f"q-{field.name}-{key}", app.words(f"app.day.{key}"), question.value == str(when),
               disabled=question.readonly, tap=partial(visit.answer, question.ref, str(when)))
        for key, when in (("today", today), ("tomorrow", today + timedelta(days=1)))]
    shown = spoken.day(app.words, question.value) if question.value else app.words("app.question.pick_day")
    pick = quiet(f"q-{field.name}", shown, guard(lambda: ask_day(
        _as_day(question.value, today), today, lambda chosen: visit.answer(question.ref, str(chosen)))),
        ft.Icons.EVENT, disabled=question.readonly)
    return ft.Column([ft.Row(near, wrap=True, spacing=10, run_spacing=10), _with_clear(visit, field, pick)], spacing=10,
                     horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def clock(visit: OpenVisit, field: Field) -> ft.Control:
    """A time of day."""
    question, words = field.question, use_app().words
    shown = question.value[:5] if question.value else words("app.question.pick_time")
    pick = quiet(f"q-{field.name}", shown, guard(lambda: _ask_time(
        question.value, lambda chosen: visit.answer(question.ref, f"{chosen:%H:%M}:00"))),
        ft.Icons.SCHEDULE, disabled=question.readonly)
    return _with_clear(visit, field, pick)


def day_and_clock(visit: OpenVisit, field: Field) -> ft.Control:
    """A day and a time, asked one after the other, answered together."""
    app = use_app()
    today = ft.use_memo(lambda: date.fromisoformat(app.desk.today().day), [])
    question = field.question

    def ask() -> None:
        def then_time(chosen_day: date) -> None:
            _ask_time(question.value[11:], lambda chosen: visit.answer(
                question.ref, f"{chosen_day}T{chosen:%H:%M}:00.000{question.value[23:] or '+08:00'}"))
        ask_day(_as_day(question.value, today), today, then_time)

    shown = spoken.moment(app.words, question.value) if question.value else app.words("app.question.pick_moment")
    pick = quiet(f"q-{field.name}", shown, guard(ask), ft.Icons.EVENT, disabled=question.readonly)
    return _with_clear(visit, field, pick)


def _with_clear(visit: OpenVisit, field: Field, control: ft.Control) -> ft.Control:
    question, words = field.question, use_app().words
    if not question.value or question.required or question.readonly:
        return control
    control.expand = True
    return ft.Row([control, mark(f"q-{field.name}-clear", ft.IconButton(
        ft.Icons.CLOSE, tooltip=words("app.question.clear"), width=52, height=52,
        on_click=guard(lambda: visit.answer(question.ref, ""))))])


def ask_day(value: date, today: date, answer: Callable[[date], object]) -> None:
    """Opens the calendar at `value`; for handlers."""
    page = ft.context.page
    page.show_dialog(ft.DatePicker(
        value=value, current_date=today, first_date=date(today.year - YEARS_BACK, 1, 1),
        last_date=date(today.year + YEARS_AHEAD, 12, 31),
        on_change=guard(lambda event: answer(picked_day(event.control.value)))))


def _ask_time(value: str, answer: Callable[[time], object]) -> None:
    try:
        start = time.fromisoformat(value[:5])
    except ValueError:
        start = time(8, 0)
    ft.context.page.show_dialog(ft.TimePicker(
        value=start, hour_format=ft.TimePickerHourFormat.H24,
        on_change=guard(lambda event: answer(event.control.value))))


def _as_day(value: str, default: date) -> date:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return default
