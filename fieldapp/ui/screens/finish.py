"""The end of a visit: what is still open, each one tap away; else the summary and the seal. And where it is then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flet as ft

from fieldapp.cards import OutboxItem
from fieldapp.ui import places, spoken, theme
from fieldapp.ui.actions import Handler, background, confirm, go, guard, screen
from fieldapp.ui.screens.household import still_here
from fieldapp.ui.state import AppState, app_of, use_app
from fieldapp.ui.visit_state import OpenVisit
from fieldapp.ui.widgets.layout import (
    banner,
    card,
    frame,
    heading,
    link,
    mark,
    primary,
    quiet,
    safe_line,
    said,
    side_by_side,
    small,
)
from fieldapp.ui.widgets.rich import plain
from fieldapp.ui.widgets.work import SyncPanel, state_tag

if TYPE_CHECKING:
    from casebook.forms import Question


UNSAID = ("note", "heading")


@screen
def Finish() -> ft.View:
    """Problems with a jump to each, or one big button."""
    app = use_app()
    visit = app.visit(ft.use_route_params()["draft"])
    words, problems = app.words, visit.draft.problems()
    back = quiet("go-back", words("app.visit.back"), go(places.visit(visit.draft.draft_id)), ft.Icons.ARROW_BACK)
    safe = safe_line(words("app.finish.safe"))
    drop = link("discard", words("app.draft.discard"), _discard(app, visit.draft.draft_id), ft.Icons.DELETE_OUTLINE)
    if problems:
        body = [banner(words("app.finish.open", count=len(problems))),
                *[_problem(app, visit, problem, at) for at, problem in enumerate(problems, 1)], drop]
        return frame(words("app.finish.title"), body, route=places.finish(visit.draft.draft_id), safe=safe,
                     bottom=[back])
    seal = primary("seal", words("app.finish.seal"), _seal(visit), ft.Icons.LOCK_OUTLINE)
    return frame(words("app.finish.title"), [*_summary(app, visit), drop], safe=safe,
                 route=places.finish(visit.draft.draft_id), bottom=[small(words("app.finish.meaning")), seal, back])


def _seal(visit: OpenVisit) -> Handler:
    async def seal() -> None:
        page = ft.context.page
        app = app_of(page)
        visit.flush()
        rid = await background(visit.draft.finish, "app.finish.busy")
        if rid:
            app.close_visit(visit.draft.draft_id)
            app.sync.report = None  # the last sync knew nothing of this record
            page.navigate(places.sealed(rid))

    return guard(seal)


def _discard(app: AppState, draft_id: str) -> Handler:
    """Asks, then throws the draft away for good."""
    def discard() -> None:
        app.close_visit(draft_id)
        app.desk.discard(draft_id)
        app.news.version += 1
        ft.context.page.navigate(places.TODAY)

    return guard(lambda: confirm(app.words, "app.draft.discard.ask", discard))


def _problem(app: AppState, visit: OpenVisit, problem: Any, at: int) -> ft.Control:
    """One open question; the whole card jumps to it."""
    def jump() -> None:
        visit.turn_to(problem.page_ref, problem.ref, checking=True)
        visit.check(problem.page_ref)
        ft.context.page.navigate(places.visit(visit.draft.draft_id))

    row = ft.Row([
        ft.Icon(ft.Icons.ERROR_OUTLINE, color=theme.RED),
        ft.Column([ft.Text(plain(problem.label), weight=ft.FontWeight.W_600), ft.Text(plain(problem.message))],
                  spacing=2, expand=True), ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.FAINT)])
    return mark(f"fix-{at}", card(row, on_tap=guard(jump)), button=True)


def _summary(app: AppState, visit: OpenVisit) -> list[ft.Control]:
    """What goes into the record, short enough to be read before sealing."""
    title = app.words("app.finish.ready", name=visit.draft.student.get("name", ""))
    rows: list[ft.Control] = [ft.Text(title, theme_style=ft.TextThemeStyle.TITLE_MEDIUM)]
    for page in visit.pages():
        found: list[ft.Control] = [
            said(plain(question.label), answer) for question in visit.draft.questions(page.ref)
            if question.kind not in UNSAID and (answer := _in_words(app, visit, question))]
        if found:
            rows += [heading(plain(page.title)), card(ft.Column(found, spacing=8))]
    return rows


def _in_words(app: AppState, visit: OpenVisit, question: Question) -> str:
    if question.kind in ("date", "datetime"):
        return spoken.day(app.words, question.value) if question.value else ""
    if question.kind == "geopoint":
        return spoken.place(app.words, question.value) if question.value else ""
    return plain(visit.draft.session.words(question.ref))


@screen
def Sealed() -> ft.View:
    """Says plainly where the record is now, and what is next."""
    app = use_app()
    ft.use_state(app.news)
    rid = ft.use_route_params()["rid"]
    words = app.words
    item = next((item for item in app.desk.outbox() if item.rid == rid), None)
    state = [state_tag(app, item)] if item else []
    waiting = item is None or item.receipt_no is None
    return frame(words("app.sealed.title"), [
        ft.Container(ft.Icon(ft.Icons.LOCK_OUTLINE, size=64, color=theme.PINE), alignment=ft.Alignment.CENTER,
                     padding=ft.Padding.only(top=16)),
        mark("sealed", ft.Text(words("app.sealed.where", name=item.student_name if item else ""),
                               theme_style=ft.TextThemeStyle.TITLE_MEDIUM), live_region=True),
        *state, *([ft.Text(words("app.sealed.meaning"))] if waiting else []),
        *_still_here(app, item), SyncPanel(app.sync, app.news),
    ], route=places.sealed(rid), bottom=[side_by_side(
        quiet("outbox", words("app.outbox.title"), go(places.OUTBOX), ft.Icons.OUTBOX),
        primary("home", words("app.home"), go(places.TODAY), ft.Icons.HOME_OUTLINED))])


def _still_here(app: AppState, item: OutboxItem | None) -> list[ft.Control]:
    """Before leaving the door: the other children of the family, and the drafts that are still open."""
    outing = app.desk.outing(item.case) if item else None
    return still_here(app, outing) if outing else []
