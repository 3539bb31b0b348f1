"""A question about colleagues: names to tap, and a line for those who are not offered."""

from __future__ import annotations

from functools import partial

import flet as ft

from casebook.fellows import names_in
from fieldapp.ui.state import use_app
from fieldapp.ui.visit_state import Field, OpenVisit
from fieldapp.ui.widgets import typed
from fieldapp.ui.widgets.choice import option
from fieldapp.ui.widgets.layout import mark, small

SHOWN = 6  # names that are not chosen yet


def colleagues(visit: OpenVisit, field: Field) -> ft.Control:
    """Names of the school's people above the line; what is being written there narrows them down."""
    question, words = field.question, use_app().words
    known = ft.use_memo(visit.draft.colleagues, [])
    written = question.value if field.typed is None else field.typed
    said = names_in(written)
    begun = said[-1] if said and said[-1] not in known and written.endswith(said[-1]) else ""

    def tap(name: str) -> None:
        field.typed = None
        visit.answer(question.ref, words("forms.listing").join(_tapped(said, begun, name)))

    others = [name for name in known if name not in said]
    meant = [name for name in others if begun and begun in name] or others
    shown = {*said, *meant[:SHOWN]}
    chips = [
        option(f"q-{field.name}-pick-{number}", name, name in said, partial(tap, name), single=False)
        for number, name in enumerate(known, 1) if name in shown]
    more, strange = len(meant) - SHOWN, [name for name in said if name not in known]
    told = [small(words("app.colleagues.more", count=more))] if more > 0 else []
    doubt = words("app.colleagues.unknown", names=words("forms.listing").join(strange))
    doubted = [mark(f"unknown-{field.name}", small(doubt))] if strange and known and field.typed is None else []
    names = [ft.Row(list(chips), wrap=True, spacing=10, run_spacing=10)] if chips else []
    return ft.Column([*names, *told, typed.text(visit, field), *doubted], spacing=8,
                     horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _tapped(said: tuple[str, ...], begun: str, name: str) -> list[str]:
    """The names after a tap on one of them: it comes, in place of what was begun of it, or it goes."""
    if name in said:
        return [one for one in said if one != name]
    kept = said[:-1] if begun and begun in name else said
    return [*kept, name]
