"""Where everything written on this phone is: draft, sealed, on its way, at school, returned, accepted."""

from __future__ import annotations

import flet as ft

from fieldapp.cards import OutboxItem, OutboxState
from fieldapp.ui import places, spoken, theme
from fieldapp.ui.actions import confirm, go, guard, screen
from fieldapp.ui.state import AppState, use_app
from fieldapp.ui.widgets.duty import supplement
from fieldapp.ui.widgets.layout import banner, card, frame, link, mark, quiet, small
from fieldapp.ui.widgets.work import SyncPanel, state_tag


@screen
def Outbox() -> ft.View:
    """One card per visit, headcount, leave or step, newest first, each in the one vocabulary of states."""
    app = use_app()
    ft.use_state(app.news)
    words, items, today = app.words, app.desk.outbox(), app.desk.today().day
    rows = [_item(app, item, at, today) for at, item in enumerate(items, 1)]
    return frame(words("app.outbox.title"), [
        SyncPanel(app.sync, app.news), *(rows or [ft.Text(words("app.outbox.empty"))]), ft.Container(height=8)],
        route=places.OUTBOX)


def _item(app: AppState, item: OutboxItem, at: int, today: str) -> ft.Control:
    words = app.words
    when = f"{spoken.near_day(words, item.at, today)} {spoken.clock(item.at)}".strip()
    version = [small(words("app.outbox.version", version=item.version))] if item.version > 1 else []
    return mark(f"visit-{at}", card(ft.Column([
        state_tag(app, item), ft.Text(item.student_name, theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
        small(f"{item.form_title} · {when}"), *version, *_photos(app, item), *_receipt(app, item),
        *_problem(app, item), *_next(app, item, at)], spacing=6,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH)), container=True)


def _photos(app: AppState, item: OutboxItem) -> list[ft.Control]:
    if not item.files_total or item.state == OutboxState.DRAFT:
        return []
    return [small(app.words("app.outbox.photos", done=item.files_sent, total=item.files_total))]


def _receipt(app: AppState, item: OutboxItem) -> list[ft.Control]:
    if item.receipt_no is None or item.state == OutboxState.RECEIVED:  # that state says the number itself
        return []
    return [mark(f"receipt-{item.receipt_no}", small(app.words("app.outbox.receipt", number=item.receipt_no)))]


def _problem(app: AppState, item: OutboxItem) -> list[ft.Control]:
    words = app.words
    found: list[ft.Control] = []
    if item.remark:
        found.append(banner(item.remark, title=words("app.visit.remark"), icon=ft.Icons.REPLY)
                     if item.state == OutboxState.RETURNED else small(words("app.task.remark", remark=item.remark)))
    if item.problem:
        code = item.problem.facts.get("server_code", item.problem.code)  # reasons of a quarantine are no errors here
        aside = f"quarantine.{code}"
        key = aside if item.state == OutboxState.QUARANTINED and words.has(aside) else f"error.{item.problem.code}"
        text = "\n".join(words(f"{key}{end}", **item.problem.facts) for end in (".safe", ".now")
                         if words.has(f"{key}{end}"))
        found.append(banner(text or words("error.error.safe"), title=words(key, **item.problem.facts),
                            red=item.state == OutboxState.REFUSED))
    return found


def _next(app: AppState, item: OutboxItem, at: int) -> list[ft.Control]:
    """What the teacher can do about it."""
    words = app.words

    def discard() -> None:
        app.close_visit(item.draft_id or "")
        app.desk.discard(item.draft_id or "")
        app.news.version += 1

    if item.draft_id:
        return [quiet(f"continue-{at}", words("app.task.continue"), go(places.visit(item.draft_id)), ft.Icons.EDIT),
                link(f"discard-{at}", words("app.draft.discard"), guard(
                    lambda: confirm(words, "app.draft.discard.ask", discard)), ft.Icons.DELETE_OUTLINE)]
    if item.state == OutboxState.RETURNED:
        return [quiet(f"supplement-{at}", words("app.outbox.supplement"), supplement(item.case, item.visit),
                      ft.Icons.REPLY)]
    return [ft.Container(bgcolor=theme.LINE, height=0)]
