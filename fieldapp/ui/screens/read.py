"""The page that is turned to the guardian: larger type, plain words, nothing of the app around it."""

from __future__ import annotations

from typing import Any

import flet as ft

from fieldapp.ui import places, spoken, theme
from fieldapp.ui.actions import go, guard, screen
from fieldapp.ui.state import AppState, use_app
from fieldapp.ui.visit_state import OpenVisit
from fieldapp.ui.widgets.layout import bottom_bar, mark, primary, quiet
from fieldapp.ui.widgets.rich import plain

READ_SIZE, ASK_SIZE = 24, 20


@screen
def Read() -> ft.View:
    """What was written down, for the guardian to look over or to hear."""
    app = use_app()
    visit = app.visit(ft.use_route_params()["draft"])
    words, scale = app.words, theme.BIG_TEXT if app.look.big_text else 1.0
    name = visit.draft.student.get("name", "")
    rows = [_row(app, row, scale) for section in visit.draft.readback() for row in section.rows]
    head = ft.Container(ft.Column([
        ft.Text(words("app.read.title"), size=30 * scale, weight=ft.FontWeight.BOLD, color=theme.ON_PINE_WASH),
        ft.Text(words("app.read.about", name=name), size=ASK_SIZE * scale, color=theme.ON_PINE_WASH),
    ], spacing=4), bgcolor=theme.PINE_WASH, padding=20)
    body = ft.Column(
        [*rows, ft.Container(height=12)], expand=True, scroll=ft.ScrollMode.AUTO, spacing=16,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    return ft.View(
        route=places.read(visit.draft.draft_id), padding=0, spacing=0, bgcolor=theme.CARD,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        controls=[
            ft.SafeArea(head, avoid_intrusions_bottom=False),
            mark("readback", ft.Container(body, expand=True, padding=ft.Padding.symmetric(horizontal=20, vertical=12)),
                 expand=True, container=True),
            bottom_bar([
                primary("read-done", words("app.read.done"), guard(lambda: _onward(visit)), ft.Icons.CHECK),
                quiet("read-wrong", words("app.read.change"), go(places.visit(visit.draft.draft_id)), ft.Icons.EDIT)])])


def _row(app: AppState, row: Any, scale: float) -> ft.Control:
    answer = spoken.day(app.words, row.value) if row.kind == "date" else plain(row.words)
    if row.kind in ("note", "heading"):
        return ft.Text(plain(row.label or row.words), size=READ_SIZE * scale)
    return ft.Column([
        ft.Text(plain(row.label), size=ASK_SIZE * scale, color=theme.FAINT),
        ft.Text(answer, size=READ_SIZE * scale, weight=ft.FontWeight.BOLD)], spacing=2)


def _onward(visit: OpenVisit) -> None:
    """Back to the teacher: to what is still open on the page (was it read aloud?), else to the next page."""
    leaf = visit.leaf
    open_fields = [field for field in visit.shown(leaf.ref) if field.question.problem]
    later = visit.pages()[visit.position() + 1:]
    if open_fields or not later:
        visit.turn_to(leaf.ref, open_fields[0].question.ref if open_fields else None)
    else:
        visit.turn_to(later[0].ref)
    ft.context.page.navigate(places.visit(visit.draft.draft_id))
