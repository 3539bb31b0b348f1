"""Questions answered with the keyboard: text, numbers, codes. What an input method is still composing is left alone."""

from __future__ import annotations

import flet as ft

from fieldapp.ui.actions import guard
from fieldapp.ui.state import use_app
from fieldapp.ui.visit_state import Field, OpenVisit
from fieldapp.ui.widgets.layout import mark
from fieldapp.ui.widgets.rich import plain

# Chinese keyboards in full-width mode type these; a number is a number.
NARROW = str.maketrans("０１２３４５６７８９．－。", "0123456789.-.")


def text(visit: OpenVisit, field: Field) -> ft.Control:
    """Free text: several lines where the form says so, the number pad where only figures are meant."""
    return _box(visit, field, keyboard=_keyboard(field), lines=3 if "multiline" in field.question.appearance else 1)


def barcode(visit: OpenVisit, field: Field) -> ft.Control:
    """A printed code, typed in: nothing here needs a scanner."""
    return _box(visit, field, keyboard=ft.KeyboardType.VISIBLE_PASSWORD, lines=1)


def decimal(visit: OpenVisit, field: Field) -> ft.Control:
    """A number with a fraction."""
    return _box(visit, field, keyboard=ft.KeyboardType.NUMBER, lines=1, narrow=True)


def integer(visit: OpenVisit, field: Field) -> ft.Control:
    """A whole number: typed, or stepped by one with a thumb."""
    question, words = field.question, use_app().words

    def step(by: int) -> None:
        visit.flush()
        now = question.value if field.typed is None else field.typed
        value = str(int(now) + by) if now.lstrip("-").isdigit() else "0" if by < 0 else "1"
        field.typed = None
        visit.answer(question.ref, value)

    def button(name: str, icon: ft.IconData, by: int) -> ft.Control:
        return mark(f"q-{field.name}-{name}", ft.IconButton(
            icon, tooltip=words(f"app.question.{name}"), width=52, height=52, disabled=question.readonly,
            on_click=guard(lambda: step(by), repeats=True)))

    box = _box(visit, field, keyboard=ft.KeyboardType.NUMBER, lines=1, narrow=True)
    box.expand = True
    return ft.Row([button("less", ft.Icons.REMOVE, -1), box, button("more", ft.Icons.ADD, 1)])


def _box(visit: OpenVisit, field: Field, *, keyboard: ft.KeyboardType, lines: int, narrow: bool = False) -> ft.Control:
    question, ref = field.question, field.question.ref

    def typed(event: ft.Event[ft.TextField]) -> None:
        written = event.control.value or ""
        visit.type(ref, written.translate(NARROW) if narrow else written)

    return mark(f"q-{field.name}", ft.TextField(
        value=question.value if field.typed is None else field.typed, read_only=question.readonly,
        keyboard_type=ft.KeyboardType.MULTILINE if lines > 1 else keyboard, multiline=lines > 1, min_lines=lines,
        max_lines=12 if lines > 1 else 1, on_change=guard(typed), on_blur=guard(lambda: visit.settle(ref)),
        on_focus=guard(lambda: visit.remember(ref)), on_submit=guard(lambda: visit.settle(ref))), plain(question.label))


def _keyboard(field: Field) -> ft.KeyboardType:
    if field.name.endswith("phone"):
        return ft.KeyboardType.PHONE
    return ft.KeyboardType.NUMBER if "numbers" in field.question.appearance else ft.KeyboardType.TEXT
