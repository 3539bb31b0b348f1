"""Questions that only show something, and those this app cannot answer yet but must not hide."""

from __future__ import annotations

import flet as ft

from fieldapp.ui import spoken, theme
from fieldapp.ui.state import use_app
from fieldapp.ui.visit_state import Field, OpenVisit
from fieldapp.ui.widgets.layout import mark
from fieldapp.ui.widgets.rich import plain, rich


def note(visit: OpenVisit, field: Field) -> ft.Control:
    """Words to read; they may be worked out from the answers."""
    return mark(f"q-{field.name}", rich(field.question.label))


def notes(views: list[ft.Control]) -> ft.Control:
    """Notes that follow each other, on one ground."""
    return ft.Container(ft.Column(views, spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
                        bgcolor=theme.PINE_WASH, border_radius=theme.ROUND, padding=12)


def heading(visit: OpenVisit, field: Field) -> ft.Control:
    """The title of a group of questions."""
    return ft.Container(ft.Text(plain(field.question.label), theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
                        padding=ft.Padding.only(top=10))


def fixed(visit: OpenVisit, field: Field) -> ft.Control:
    """An answer that the form worked out and nobody changes here."""
    question = field.question
    said = question.value and plain(visit.draft.session.words(question.ref))
    if question.value and question.kind in ("date", "datetime"):
        said = spoken.day(use_app().words, question.value)
    return mark(f"q-{field.name}", ft.Text(said or "—"))


def unknown(visit: OpenVisit, field: Field) -> ft.Control:
    """A kind of question that a newer form knows and this version does not: says so; what came stays in the draft."""
    return mark(f"q-{field.name}", ft.Row([
        ft.Icon(ft.Icons.INFO_OUTLINE, color=theme.FAINT),
        ft.Text(use_app().words("app.question.unknown"), expand=True)]))
