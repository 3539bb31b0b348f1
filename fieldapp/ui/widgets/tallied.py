"""The three figures of a headcount: expected, there, missing."""

from __future__ import annotations

import flet as ft

from casebook.wording import Wording
from fieldapp.ui import theme
from fieldapp.ui.widgets.layout import card, mark, small


def heads(words: Wording, expected: int, present: int) -> ft.Control:
    """应到, 实到, 缺席 side by side, large enough to be read at arm's length."""
    figures = {"expected": expected, "present": present, "away": expected - present}
    cells: list[ft.Control] = [mark(f"figure-{name}", ft.Column([
        ft.Text(str(number), theme_style=ft.TextThemeStyle.HEADLINE_SMALL,
                color=theme.RED if name == "away" and number else theme.INK),
        small(words(f"headcount.figure.{name}"))], spacing=0, horizontal_alignment=ft.CrossAxisAlignment.CENTER),
        expand=True) for name, number in figures.items()]
    return card(ft.Row(cells))
