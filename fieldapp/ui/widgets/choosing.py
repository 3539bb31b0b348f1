"""The button that opens the device's file chooser, and the way out of what was chosen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import flet as ft

from fieldapp.ui.actions import confirm, guard, part
from fieldapp.ui.picking import Chosen, FileChooser, Wanted
from fieldapp.ui.state import use_app
from fieldapp.ui.visit_state import Field, OpenVisit
from fieldapp.ui.widgets.layout import mark, quiet

Keep = Callable[[Chosen], Awaitable[None]]


@part
def ChooseButton(field: Field, text: str, icon: ft.IconData, wanted: Wanted, keep: Keep) -> ft.Control:
    """Opens the chooser from the very tap and hands over what was chosen."""
    chooser = ft.use_memo(lambda: FileChooser(wanted), [wanted])
    chooser.keep = keep
    button = ft.OutlinedButton(text, icon=icon, action=wanted.opens(chooser.service))
    return mark(f"q-{field.name}", button, expand=True)


def remove_button(visit: OpenVisit, field: Field, ask_key: str) -> ft.Control:
    """Takes the file out of the draft, after asking."""
    words = use_app().words

    def remove() -> None:
        visit.draft.remove_file(field.question.ref)
        visit.redraw()

    return quiet(f"q-{field.name}-remove", words("app.photo.remove"),
                 guard(lambda: confirm(words, ask_key, remove)), ft.Icons.DELETE_OUTLINE)
