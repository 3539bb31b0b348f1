"""The question whose answer is a signature: what is signed so far, and the way to the pad."""

from __future__ import annotations

import flet as ft

from fieldapp.ui import places
from fieldapp.ui.actions import go
from fieldapp.ui.state import use_app
from fieldapp.ui.visit_state import Field, OpenVisit
from fieldapp.ui.widgets.ink import drawing
from fieldapp.ui.widgets.layout import primary, quiet
from fieldapp.ui.widgets.rich import plain


def signature(visit: OpenVisit, field: Field) -> ft.Control:
    """The drawn name, or the button that opens the pad."""
    words, ref = use_app().words, field.question.ref
    kept = visit.draft.strokes(ref)
    open_pad = go(places.sign(visit.draft.draft_id, field.name))
    if kept is None or kept.empty:
        return primary(f"q-{field.name}", words("app.sign.open"), open_pad, ft.Icons.DRAW)
    return ft.Column([
        drawing(kept.points(), (kept.width, kept.height), 120, plain(field.question.label)),
        quiet(f"q-{field.name}", words("app.sign.change"), open_pad, ft.Icons.DRAW)],
        spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
