"""How the app looks and speaks, whose phone this is, and what to tell someone who helps."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import flet as ft

from fieldapp.ui import places, spoken
from fieldapp.ui.actions import screen
from fieldapp.ui.journal import LOG_NAME
from fieldapp.ui.state import AppState, use_app
from fieldapp.ui.widgets.layout import card, fact, frame, heading, mark, safe_line, small
from fieldapp.ui.widgets.look import pick, pick_language

LOG_TAIL = 6000


@screen
def Settings() -> ft.View:
    """Text size, light or dark, language; the school's computer; diagnostics."""
    app = use_app()
    words, look, standing = app.words, app.look, app.desk.standing()
    today = app.desk.today().day
    last = f"{spoken.near_day(words, standing.last_sync_at, today)} {spoken.clock(standing.last_sync_at)}" \
        if standing.last_sync_at else words("app.sync.never")
    return frame(words("app.settings.title"), [
        heading(words("app.settings.text")),
        pick("text", look.big_text, [(False, words("app.settings.text.normal")),
                                      (True, words("app.settings.text.big"))], "big_text"),
        heading(words("app.settings.mode")),
        pick("mode", look.dark, [(False, words("app.settings.mode.light")), (True, words("app.settings.mode.dark"))],
              "dark"),
        heading(words("app.settings.language")),
        pick_language(),
        heading(words("app.settings.school")),
        card(ft.Column([fact(words("app.settings.school.name"), standing.school_name),
                        fact(words("app.settings.teacher"), standing.teacher_name),
                        fact(words("app.settings.server"), standing.server_url),
                        fact(words("app.settings.last_sync"), last)], spacing=6)),
        heading(words("app.settings.help")), small(words("app.settings.help.what")),
        mark("diagnostics", ft.OutlinedButton(
            words("app.settings.help.copy"), icon=ft.Icons.CONTENT_COPY,
            action=ft.CopyToClipboard(_diagnostics(app)))),
        small(_version()), ft.Container(height=8),
    ], route=places.SETTINGS, safe=safe_line(words("app.settings.safe")))


def _diagnostics(app: AppState) -> str:
    """Versions and the end of the log, which holds no names and no contents."""
    page = ft.context.page
    standing, today = app.desk.standing(), app.desk.today()
    facts = [_version(), f"python {platform.python_version()}", f"platform {page.platform} web={page.web}",
             f"last sync {standing.last_sync_at}", f"unsent {today.unsent} photos {today.unsent_files}"]
    return "\n".join([*facts, _log_tail(app.folder / LOG_NAME)])


def _log_tail(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:]
    except OSError:
        return ""


def _version() -> str:
    try:
        return f"jiafang {version('jiafang')}"
    except PackageNotFoundError:
        return "jiafang"
