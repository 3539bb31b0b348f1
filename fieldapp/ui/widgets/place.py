"""Where the visit happens: found by itself while the page is open, and never a reason to be stuck."""

from __future__ import annotations

import flet as ft

from fieldapp.capture.place import Fix, NoFix
from fieldapp.ui import spoken, theme
from fieldapp.ui.actions import guard
from fieldapp.ui.state import app_of, use_app
from fieldapp.ui.visit_state import Field, OpenVisit
from fieldapp.ui.widgets.layout import mark, quiet, small

VISIT_PLACE = "place"  # the question whose answer is the visit's own position


def geopoint(visit: OpenVisit, field: Field) -> ft.Control:
    """A position: one tap, at most twenty seconds, else the reason is kept and the visit goes on."""
    words, question = use_app().words, field.question
    looking, set_looking = ft.use_state(False)
    fix, reason = visit.draft.place() if field.name == VISIT_PLACE else (None, None)

    async def look() -> None:
        device = app_of(ft.context.page).device
        set_looking(True)
        try:
            keep(*await device.position())
        finally:
            set_looking(False)

    def keep(found: Fix | None, why: NoFix | None) -> None:
        if field.name == VISIT_PLACE:
            visit.draft.set_place(found, why)
            visit.redraw()
        elif found:
            visit.answer(question.ref, found.as_answer())

    if looking:
        return ft.Column([ft.ProgressBar(), mark(f"q-{field.name}", small(words("app.place.looking")))], spacing=6)
    lines: list[ft.Control] = []
    if fix:
        lines.append(_line(ft.Icons.PLACE, words(
            "app.place.found", accuracy=round(fix.accuracy_m), time=spoken.clock(fix.fixed_at))))
    elif question.value:
        lines.append(_line(ft.Icons.PLACE, spoken.place(words, question.value)))
    elif reason:
        lines.append(_line(ft.Icons.LOCATION_OFF, words(f"place.{reason}")))
    known = bool(lines)
    button = quiet(f"q-{field.name}", words("app.place.again" if known else "app.place.find"), guard(look),
                   ft.Icons.MY_LOCATION)
    skip = [] if known or question.hint else [small(words("app.place.optional"))]
    return ft.Column([*lines, button, *skip], spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _line(icon: ft.IconData, text: str) -> ft.Control:
    return ft.Row([ft.Icon(icon, color=theme.PINE), ft.Text(text, expand=True)])
