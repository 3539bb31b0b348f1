"""Choices about the app itself that take effect at once: text size, light or dark, language."""

from __future__ import annotations

from functools import partial

import flet as ft

from fieldapp.ui.state import LOCALES, app_of, use_app
from fieldapp.ui.theme import dress
from fieldapp.ui.widgets.choice import option


def pick(name: str, chosen: object, choices: list[tuple[object, str]], preference: str) -> ft.Control:
    """One preference as a row of chips; a tap changes the look of everything and is kept."""

    def choose(value: object) -> None:
        page = ft.context.page
        app = app_of(page)
        app.choose(**{preference: value})
        page.title = app.words("app.name")
        dress(page, big_text=app.look.big_text, dark=app.look.dark, locale=app.look.locale)
        page.update()

    return ft.Row([option(f"{name}-{value}".lower(), text, value == chosen, partial(choose, value))
                   for value, text in choices], wrap=True, spacing=10, run_spacing=10)


def pick_language() -> ft.Control:
    """The languages, each in its own name."""
    app = use_app()
    return pick("language", app.look.locale, [(name, app.words(f"app.language.{name}")) for name in LOCALES], "locale")
