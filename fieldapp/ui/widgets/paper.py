"""The question whose answer is a document: choose it, see its name, choose another, remove it."""

from __future__ import annotations

import flet as ft

from fieldapp.ui import spoken, theme
from fieldapp.ui.actions import background
from fieldapp.ui.picking import PAPER, Chosen
from fieldapp.ui.state import use_app
from fieldapp.ui.visit_state import Field, OpenVisit
from fieldapp.ui.widgets.choosing import ChooseButton, remove_button
from fieldapp.ui.widgets.layout import mark, side_by_side, small


def document(visit: OpenVisit, field: Field) -> ft.Control:
    """One document."""
    words, ref = use_app().words, field.question.ref

    async def keep(chosen: Chosen) -> None:
        if visit.stands(field):
            await background(lambda: visit.draft.attach_paper(ref, chosen.data, chosen.name), "app.file.keeping")
            visit.redraw()

    attached = visit.draft.attached(ref) if field.question.value else None
    text = words("app.file.again" if field.question.value else "app.file.choose")
    choose = ChooseButton(field, text, ft.Icons.ATTACH_FILE, PAPER, keep, key=f"choose-{field.name}")
    if not field.question.value:
        return ft.Column([choose, small(words("app.file.kinds"))], spacing=6,
                         horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    told = ft.Text(words("app.file.lost"), color=theme.RED)
    if attached:
        name = str(attached.said.get("name", ""))
        told = ft.Text(" · ".join((name, spoken.size(attached.file.size))), expand=True)
    return ft.Column([
        mark(f"q-{field.name}-kept", ft.Row([ft.Icon(ft.Icons.DESCRIPTION_OUTLINED, color=theme.PINE), told])),
        small(words("app.file.kept")),
        side_by_side(choose, remove_button(visit, field, "app.file.remove.ask")),
    ], spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
