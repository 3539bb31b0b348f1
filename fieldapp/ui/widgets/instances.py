"""Repeats that a teacher lengthens: the title of each instance with its number, the way out of it, and one more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flet as ft

from fieldapp.ui import theme
from fieldapp.ui.actions import confirm, guard
from fieldapp.ui.state import app_of, use_app
from fieldapp.ui.visit_state import INSTANCE, Field, OpenVisit, name_of
from fieldapp.ui.widgets.layout import mark, quiet, scroll_key
from fieldapp.ui.widgets.rich import plain

if TYPE_CHECKING:
    from casebook.forms import Repeat


def title(visit: OpenVisit, field: Field, repeat: Repeat) -> ft.Control:
    """The title of an instance with its number, and the button that takes it out."""
    words, text, place = use_app().words, plain(field.question.label), int(INSTANCE.findall(field.question.ref)[-1])

    def remove() -> None:
        visit.shorten(repeat, place)

    def ask() -> None:
        if app_of(ft.context.page).busy.key:  # a photo on its way must find the question it was taken for
            return
        visit.flush()
        if visit.draft.session.holds_answers(repeat.ref, place):
            confirm(words, "app.repeat.remove.ask", remove, title=text)
        else:
            remove()

    way_out = mark(f"repeat-{name_of(repeat.ref)}-remove-{place}", ft.TextButton(
        words("app.repeat.remove"), icon=ft.Icons.DELETE_OUTLINE, on_click=guard(ask)), text)
    return ft.Container(
        ft.Row([ft.Text(text, theme_style=ft.TextThemeStyle.TITLE_MEDIUM), way_out], wrap=True,
               alignment=ft.MainAxisAlignment.SPACE_BETWEEN, vertical_alignment=ft.CrossAxisAlignment.CENTER),
        key=scroll_key(field.question.ref), padding=ft.Padding.only(top=10),
        border=ft.Border.only(top=ft.BorderSide(1, theme.LINE)))


def adding(visit: OpenVisit, repeat: Repeat) -> ft.Control:
    """The button that adds an instance."""
    words, label = use_app().words, plain(repeat.label)

    def add() -> None:
        if not app_of(ft.context.page).busy.key:
            visit.lengthen(repeat)

    text = words("app.repeat.add", label=label) if label else words("app.repeat.add_one")
    return ft.Container(quiet(f"repeat-{name_of(repeat.ref)}-add", text, guard(add), ft.Icons.ADD),
                        key=scroll_key(repeat.ref))
