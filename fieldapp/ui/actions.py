"""The guards: no handler, screen or part may ever take the app down or fail in silence.

Flet kills the whole screen for one unhandled exception in a handler, and freezes without a word for one in a render.
So every handler goes through `guard` (or `go`), every view through `screen`, every other component through `part`,
and slow work through `background`. A test reads the sources and refuses anything else.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import flet as ft

from casebook.errors import CasebookError
from casebook.wording import Wording
from fieldapp.ui import theme
from fieldapp.ui.state import AppState, app_context, app_of

log = logging.getLogger("jiafang.ui")
Result = TypeVar("Result")
Handler = Callable[..., Awaitable[None]]
ECHO_S = 0.3


def guard(handler: Callable[..., Any], *, repeats: bool = False) -> Handler:
    """Wraps an event handler (plain or async, with or without the event): what it raises becomes a dialog.

    A second tap on the same control within ECHO_S is taken for a trembling finger, unless the control `repeats`.
    """
    wants_event = len(inspect.signature(handler).parameters) > 0
    name = getattr(handler, "__name__", "handler")

    async def safe(event: Any = None) -> None:
        try:
            if not repeats and _is_echo(event):
                return
            outcome = handler(event) if wants_event else handler()
            if inspect.isawaitable(outcome):
                await outcome
        except Exception as error:
            report(error, name)

    safe.__name__ = name  # and no more: Flet must not see through to a handler that asks for no event
    return safe


def _is_echo(event: Any) -> bool:
    """Whether this is a tap that follows another on the same control at once (a slow browser, too, tells one twice)."""
    if getattr(event, "name", None) != "click":
        return False
    taps, now = app_of(ft.context.page).taps, asyncio.get_running_loop().time()
    name = getattr(event.control.parent, "identifier", None) or str(event.control._i)
    before = taps.get(name)
    if before is not None and now - before < ECHO_S:
        return True
    taps[name] = now
    return False


def go(route: str) -> Handler:
    """A handler that saves what was just typed and opens `route`."""

    def navigate() -> None:
        page = ft.context.page
        app_of(page).flush()
        page.navigate(route)

    return guard(navigate)


def screen(view: Callable[..., ft.View]) -> Callable[..., Any]:
    """Makes a component of a function that returns a View; a failing render becomes a page with a way home."""

    @functools.wraps(view)
    def body(*args: Any, **kwargs: Any) -> ft.View:
        route = ft.use_view_path() or "/"
        app = ft.use_context(app_context)
        try:
            return view(*args, **kwargs)
        except Exception as error:
            _note(error, f"render of screen {view.__name__}")
            return _broken_view(route, app, error)

    return ft.component(body)


def part(builder: Callable[..., Any]) -> Callable[..., Any]:
    """Makes a component of a function that returns a control; a failing render becomes one line."""

    @functools.wraps(builder)
    def body(*args: Any, **kwargs: Any) -> Any:
        app = ft.use_context(app_context)
        try:
            return builder(*args, **kwargs)
        except Exception as error:
            _note(error, f"render of part {builder.__name__}")
            return ft.Text(_sentences(_words(app), error)[0], color=theme.RED)

    return ft.component(body)


async def background(work: Callable[[], Result], busy_key: str) -> Result | None:
    """Runs slow `work` off the event loop while the screen says `busy_key`; None when something is running already.

    What `work` raises is raised here, for `guard` to show.
    """
    busy = app_of(ft.context.page).busy
    if busy.key:
        return None
    busy.key = busy_key
    try:
        return await asyncio.to_thread(work)
    finally:
        busy.key = ""


def report(error: Exception, where: str, now_key: str | None = None) -> None:
    """Logs an error without any content, and tells the teacher what happened, what is safe, what to do now.

    `now_key` names a better advice for this place than the error's own.
    """
    _note(error, where)
    page = ft.context.page
    words = _words(app_of(page))
    what, safe, now = _sentences(words, error)
    now = words(now_key) if now_key else now
    page.show_dialog(ft.AlertDialog(
        title=ft.Text(what, theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
        content=ft.Column([_sentence(ft.Icons.SHIELD_OUTLINED, safe), _sentence(ft.Icons.ARROW_FORWARD, now)],
                          tight=True, spacing=theme.GAP),
        scrollable=True,
        actions=[ft.Semantics(identifier="error-close", content=ft.FilledButton(
            words("app.close"), on_click=guard(lambda: page.pop_dialog())))],
    ))


def confirm(words: Wording, key: str, action: Callable[[], Any], loses: bool = True, **facts: object) -> None:
    """Asks before `action`: `<key>` is the question, `<key>.yes` and `<key>.no` the buttons.

    Where something is lost by it (`loses`), the button that keeps it is the one that stands out.
    """
    page = ft.context.page
    no = ft.FilledButton if loses else ft.TextButton
    yes = functools.partial(ft.TextButton, style=ft.ButtonStyle(color=theme.RED)) if loses else ft.FilledButton

    async def agreed() -> None:
        page.pop_dialog()
        outcome = action()
        if inspect.isawaitable(outcome):
            await outcome

    page.show_dialog(ft.AlertDialog(
        title=ft.Text(words(key, **facts), theme_style=ft.TextThemeStyle.TITLE_MEDIUM), scrollable=True,
        actions=[
            ft.Semantics(identifier="confirm-no", content=no(
                words(f"{key}.no"), on_click=guard(lambda: page.pop_dialog()))),
            ft.Semantics(identifier="confirm-yes", content=yes(
                words(f"{key}.yes"), on_click=guard(agreed)))],
    ))


def say(text: str) -> None:
    """A passing word at the bottom of the screen."""
    ft.context.page.show_dialog(ft.SnackBar(ft.Text(text, color=theme.PAPER), duration=3500))


def _note(error: Exception, where: str) -> None:
    """Into the log: the code of an expected error, everything about an unexpected one; never its facts."""
    if isinstance(error, CasebookError):
        log.warning("%s: %s", where, error.code)
    else:
        log.error("%s failed", where, exc_info=error)


def _broken_view(route: str, app: AppState | None, error: Exception) -> ft.View:
    words = _words(app)
    what, safe, now = _sentences(words, error)
    return ft.View(
        route=route, appbar=ft.AppBar(title=ft.Text(words("app.name"))), padding=theme.EDGE, spacing=theme.GAP,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        controls=[
            ft.Text(what, theme_style=ft.TextThemeStyle.TITLE_MEDIUM), ft.Text(safe), ft.Text(now),
            ft.Semantics(identifier="home", content=ft.FilledButton(words("app.home"), on_click=go("/")))],
    )


def _sentence(icon: ft.IconData, text: str) -> ft.Control:
    return ft.Row([ft.Icon(icon, color=theme.PINE), ft.Text(text, expand=True)],
                  vertical_alignment=ft.CrossAxisAlignment.START)


def _sentences(words: Wording, error: Exception) -> tuple[str, str, str]:
    """What happened, whether the record is safe, what to do now."""
    code, facts = (error.code, error.facts) if isinstance(error, CasebookError) else ("error", {})
    if not words.has(f"error.{code}"):
        code = "error"
    return words(f"error.{code}", **facts), words(f"error.{code}.safe", **facts), words(f"error.{code}.now", **facts)


def _words(app: AppState | None) -> Wording:
    from assets import load_wording

    return app.words if app else load_wording()
