"""On a child's page: the way to its leaves, the steps that may be taken now, and what is missing for the others."""

from __future__ import annotations

import flet as ft

from casebook.rules.words import event_key, refusal
from fieldapp.steps import StepCard
from fieldapp.ui import places, theme
from fieldapp.ui.actions import go
from fieldapp.ui.state import AppState
from fieldapp.ui.widgets.layout import card, heading, mark, quiet, small


def steps_and_leave(app: AppState, student_id: str) -> list[ft.Control]:
    """The block of the page."""
    words = app.words
    steps = [_step(app, student_id, one) for one in app.desk.steps.offered(student_id)]
    return [heading(words("step.heading")),
            quiet("leave", words("step.leave"), go(places.leave(student_id)), ft.Icons.EVENT_AVAILABLE), *steps]


def _step(app: AppState, student_id: str, one: StepCard) -> ft.Control:
    words = app.words
    name = words(event_key(one.act))
    if one.refused is None:
        return quiet(f"step-{one.act}", name, go(places.step(student_id, one.act)), ft.Icons.ARROW_FORWARD)
    lines: list[ft.Control] = [ft.Text(name, color=theme.FAINT, weight=ft.FontWeight.W_600),
                               *[small(text) for text in refusal(one.refused, words)]]
    return mark(f"refused-{one.act}", card(ft.Column(lines, spacing=4)))
