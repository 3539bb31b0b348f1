"""What a phone shows that the school has switched off: nothing of any child."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from fieldapp.ui import places
from fieldapp.ui.actions import guard, screen
from fieldapp.ui.state import use_app
from fieldapp.ui.widgets.layout import banner, frame, quiet
from fieldapp.ui.widgets.work import SyncPanel


@screen
def Locked(enrol_anew: Callable[[], None]) -> ft.View:
    """Why it is locked, whom to ask, and the way to hand over what is sealed; a new code opens it again."""
    app = use_app()
    ft.use_state(app.news)
    words = app.words
    return frame(words("app.locked.title"), [
        banner(words("app.revoked"), red=True, icon=ft.Icons.LOCK_OUTLINE), ft.Text(words("app.locked.what")),
        SyncPanel(app.sync, app.news),
    ], route=places.TODAY, bottom=[
        quiet("enrol-anew", words("app.locked.enrol"), guard(enrol_anew), ft.Icons.LOGIN)])
