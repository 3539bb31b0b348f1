"""The first screen of the day: what is due by time or by village, what is half written, whether the work is safe."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import flet as ft

from casebook.rules.due import URGENCIES
from fieldapp.cards import TaskCard
from fieldapp.cards import Today as TodayCard
from fieldapp.ui import places, spoken, theme
from fieldapp.ui.actions import go, screen
from fieldapp.ui.state import AppState, app_of, use_app
from fieldapp.ui.widgets.choice import option
from fieldapp.ui.widgets.duty import task_card
from fieldapp.ui.widgets.layout import bar_link, frame, heading, primary, quiet, side_by_side, small
from fieldapp.ui.widgets.work import SyncPanel, draft_card

BY_TIME, BY_VILLAGE = "by_time", "by_village"
GROUPING = "today_grouping"
MOST = 60  # duties that are drawn at once; the rest is told


@screen
def Today() -> ft.View:
    """Always the bottom of the stack; so it is also the one that remembers which screen is open."""
    app = use_app()
    ft.use_state(app.news)
    open_route = ft.use_route_location()
    ft.use_effect(lambda: _arrived(app, open_route or places.TODAY), [open_route])
    grouping, regroup = ft.use_state(str(app.desk.preference(GROUPING, BY_TIME)))
    words, today, standing = app.words, app.desk.today(), app.desk.standing()
    settings = bar_link("settings", words("app.settings.title"), go(places.SETTINGS))

    def choose(way: str) -> None:
        app_of(ft.context.page).desk.prefer(**{GROUPING: way})
        regroup(way)

    ways = ft.Row([option(f"group-{way}", words(f"app.today.{way}"), way == grouping, partial(choose, way))
                   for way in (BY_TIME, BY_VILLAGE)], wrap=True, spacing=10, run_spacing=10)
    return frame(
        spoken.day(words, today.day),
        [ft.Text(words("app.today.hello", name=standing.teacher_name, school=standing.school_name)),
         SyncPanel(app.sync, app.news), *_drafts(app, today), *_tasks(app, today, grouping, ways),
         quiet("classes", words("headcount.classes"), go(places.CLASSES), ft.Icons.GROUPS_OUTLINED),
         ft.Container(height=8)],
        route=places.TODAY, actions=[settings],
        bottom=[side_by_side(
            primary("students", words("app.today.students"), go(places.STUDENTS), ft.Icons.SEARCH),
            quiet("outbox", words("app.outbox.title"), go(places.OUTBOX), ft.Icons.OUTBOX))])


def _arrived(app: AppState, place: str) -> None:
    app.desk.remember_place(place)
    app.look_at_the_day()


def _drafts(app: AppState, today: TodayCard) -> list[ft.Control]:
    if not today.drafts:
        return []
    return [heading(app.words("app.today.drafts", count=len(today.drafts))),
            *[draft_card(app, draft, f"draft-{at}", today.day) for at, draft in enumerate(today.drafts, 1)]]


def _tasks(app: AppState, today: TodayCard, grouping: str, ways: ft.Control) -> list[ft.Control]:
    words = app.words
    if not today.tasks:
        return [ft.Container(ft.Row([ft.Icon(ft.Icons.DONE_ALL, color=theme.PINE),
                                     ft.Text(words("app.today.free"), expand=True)]), padding=8)]
    shown: list[ft.Control] = [heading(words("app.today.tasks", count=len(today.tasks))), ways]
    number = 0
    for title, tasks in (_by_village(app, today) if grouping == BY_VILLAGE else _by_time(app, today)):
        drawn = tasks[: max(0, MOST - number)]
        shown += [heading(title), *[task_card(app, task, f"task-{number + at}", today.now)
                                    for at, task in enumerate(drawn, 1)]]
        number += len(drawn)
    more = len(today.tasks) - number
    return [*shown, *([small(words("app.today.more", count=more))] if more else [])]


def _by_time(app: AppState, today: TodayCard) -> Iterator[tuple[str, list[TaskCard]]]:
    for urgency in URGENCIES:
        tasks = [task for task in today.tasks if task.urgency == urgency]
        if tasks:
            yield app.words(f"app.today.group.{urgency}", count=len(tasks)), tasks


def _by_village(app: AppState, today: TodayCard) -> Iterator[tuple[str, list[TaskCard]]]:
    """What is done at school first, then village after village, the one with the most urgent duty in front."""
    words, at_school = app.words, [task for task in today.tasks if not task.case]
    if at_school:
        yield words("app.today.at_school"), at_school
    villages: dict[str, list[TaskCard]] = {}
    for task in today.tasks:
        if task.case:
            villages.setdefault(task.village_name, []).append(task)
    for village, tasks in villages.items():
        key = "app.today.group.village" if village else "app.today.group.no_village"
        yield words(key, village=village, count=len(tasks)), tasks
