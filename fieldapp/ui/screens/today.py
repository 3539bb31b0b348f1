"""The first screen of the day: what is due, what is half written, whether the work is safe."""

from __future__ import annotations

import flet as ft

from fieldapp.cards import Today as TodayCard
from fieldapp.ui import places, spoken, theme
from fieldapp.ui.actions import go, screen
from fieldapp.ui.state import AppState, use_app
from fieldapp.ui.widgets.layout import banner, bar_link, frame, heading, primary, quiet, side_by_side
from fieldapp.ui.widgets.work import SyncPanel, draft_card, task_card


@screen
def Today() -> ft.View:
    """Always the bottom of the stack; so it is also the one that remembers which screen is open."""
    app = use_app()
    ft.use_state(app.news)
    open_route = ft.use_route_location()
    ft.use_effect(lambda: app.desk.remember_place(open_route or places.TODAY), [open_route])
    words, today, standing = app.words, app.desk.today(), app.desk.standing()
    settings = bar_link("settings", words("app.settings.title"), go(places.SETTINGS))
    revoked = [banner(words("app.revoked"), red=True, icon=ft.Icons.LOCK_OUTLINE)] if standing.revoked else []
    return frame(
        spoken.day(words, today.day),
        [ft.Text(words("app.today.hello", name=standing.teacher_name, school=standing.school_name)),
         *revoked, SyncPanel(app.sync, app.news), *_drafts(app, today), *_tasks(app, today), ft.Container(height=8)],
        route=places.TODAY, actions=[settings],
        bottom=[side_by_side(
            primary("students", words("app.today.students"), go(places.STUDENTS), ft.Icons.SEARCH),
            quiet("outbox", words("app.outbox.title"), go(places.OUTBOX), ft.Icons.OUTBOX))])


def _drafts(app: AppState, today: TodayCard) -> list[ft.Control]:
    if not today.drafts:
        return []
    return [heading(app.words("app.today.drafts", count=len(today.drafts))),
            *[draft_card(app, draft, f"draft-{at}", today.day) for at, draft in enumerate(today.drafts, 1)]]


def _tasks(app: AppState, today: TodayCard) -> list[ft.Control]:
    words = app.words
    if not today.tasks:
        return [ft.Container(ft.Row([ft.Icon(ft.Icons.DONE_ALL, color=theme.PINE),
                                     ft.Text(words("app.today.free"), expand=True)]), padding=8)]
    return [heading(words("app.today.tasks", count=len(today.tasks))),
            *[task_card(app, task, f"task-{at}", today.day) for at, task in enumerate(today.tasks, 1)]]
