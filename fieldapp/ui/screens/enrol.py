"""The first screen of a new phone: which school, which code."""

from __future__ import annotations

import os

import flet as ft

from casebook.errors import TransportError
from fieldapp.ui import places, theme
from fieldapp.ui.actions import background, guard, report, screen
from fieldapp.ui.state import app_of, use_app
from fieldapp.ui.widgets.layout import frame, heading, mark, primary, small
from fieldapp.ui.widgets.look import pick_language
from fieldapp.ui.widgets.work import run_sync


@screen
def Enrol() -> ft.View:
    """Server address and one-use code; afterwards the phone belongs to the teacher."""
    app = use_app()
    words = app.words
    offered = app.desk.standing().server_url or os.environ.get("JIAFANG_SERVER", "")
    server, set_server = ft.use_state(offered)
    code, set_code = ft.use_state("")
    ready = bool(server.strip() and code.strip())

    async def enrol() -> None:
        page = ft.context.page
        here = app_of(page)
        try:
            standing = await background(lambda: here.desk.enrol(server.strip(), code.strip()), "app.enrol.busy")
        except TransportError as error:
            report(error, "enrol", "app.enrol.check")
            return
        if standing and standing.enrolled:
            here.news.version += 1
            page.navigate(places.TODAY)
            await run_sync(here)  # fetches the roster and the forms

    return frame(words("app.enrol.title"), [
        ft.Container(ft.Text(words("app.enrol.welcome")), padding=ft.Padding.only(top=8)),
        heading(words("app.enrol.server")),
        mark("server", ft.TextField(value=server, keyboard_type=ft.KeyboardType.URL, autocorrect=False,
                                    hint_text=words("app.enrol.server.hint"),
                                    on_change=guard(lambda event: set_server(event.control.value or ""))),
             words("app.enrol.server")),
        heading(words("app.enrol.code")),
        mark("code", ft.TextField(value=code, autocorrect=False, enable_suggestions=False,
                                  capitalization=ft.TextCapitalization.CHARACTERS,
                                  text_style=ft.TextStyle(size=theme.BIG, letter_spacing=2),
                                  hint_text=words("app.enrol.code.hint"), on_submit=guard(enrol),
                                  on_change=guard(lambda event: set_code(event.control.value or ""))),
             words("app.enrol.code")),
        small(words("app.enrol.where")), heading(words("app.settings.language")), pick_language(),
    ], route=places.ENROL, bottom=[
        primary("enrol", words("app.enrol.go"), guard(enrol), ft.Icons.LOGIN, disabled=not ready)])
