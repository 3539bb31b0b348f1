"""Still at the same door: the other children of the family, the other forms, and the drafts to switch between."""

from __future__ import annotations

import flet as ft

from casebook.rules.words import duty_key
from fieldapp.cards import NextVisit, OutboxState, OutingCard, StopCard
from fieldapp.ui import places, spoken, theme
from fieldapp.ui.actions import Handler, go, guard, screen
from fieldapp.ui.state import AppState, app_of, use_app
from fieldapp.ui.widgets.layout import card, frame, heading, mark, quiet, safe_line, small, tag
from fieldapp.ui.widgets.work import DUE, STATE_LOOK


@screen
def Household() -> ft.View:
    """What belongs to the visit that is being written, each one tap away."""
    app = use_app()
    ft.use_state(app.news)
    visit = app.visit(ft.use_route_params()["draft"])
    words, draft = app.words, visit.draft
    outing = app.desk.outing(str(draft.student["id"]))
    body = still_here(app, outing, draft.draft_id, titled=False) if outing else []
    others = forms_to_add(outing, str(draft.student["id"]), str(draft.student.get("name", "")), app) if outing else []
    nothing = [] if body or others else [ft.Text(words("app.outing.nothing"))]
    back = quiet("go-back", words("app.outing.back"), go(places.visit(draft.draft_id)), ft.Icons.ARROW_BACK)
    return frame(words("app.outing.title"), [*body, *others, *nothing], route=places.household(draft.draft_id),
                 safe=safe_line(words("app.finish.safe")), bottom=[back])


def still_here(
    app: AppState, outing: OutingCard, here: str | None = None, titled: bool = True,
) -> list[ft.Control]:
    """The drafts of this outing but the one that is open, and the visits that could follow."""
    drafts = [stop for stop in outing.stops if stop.draft_id and stop.draft_id != here]
    following = [_next_card(app, outing.id, visit, at) for at, visit in enumerate(outing.next_visits, 1)]
    if not drafts and not following:
        return []
    words = app.words
    title = [heading(words("app.outing.title"))] if titled else []
    return [
        *title, small(words("app.outing.since", time=spoken.clock(outing.arrived))),
        *[_switch_card(app, stop, at) for at, stop in enumerate(drafts, 1)],
        *([ft.Text(words("app.outing.others"))] if following else []), *following]


def forms_to_add(outing: OutingCard, case: str, name: str, app: AppState) -> list[ft.Control]:
    """Every other form for the same child."""
    if not outing.forms:
        return []
    rows = [mark(f"add-{form.form_id}", card(_line(ft.Text(form.title)), on_tap=_begin(case, form.form_id, outing.id)),
                 button=True) for form in outing.forms]
    return [heading(app.words("app.outing.more", name=name)), *rows]


def begin(case: str, form_id: str, outing: str | None) -> None:
    """Begins a visit (of that outing, if one is named) and opens it; for handlers."""
    page = ft.context.page
    app = app_of(page)
    app.flush()  # what was typed a moment ago is carried too
    page.navigate(places.visit(app.desk.start(case, form_id, outing)))


def _begin(case: str, form_id: str, outing: str) -> Handler:
    return guard(lambda: begin(case, form_id, outing))


def _next_card(app: AppState, outing: str, visit: NextVisit, at: int) -> ft.Control:
    """A child and the form that is due, and why."""
    why = [tag(app.words(duty_key(visit.task)), ft.Icons.TODAY, *DUE)] if visit.task else []
    lines: list[ft.Control] = [
        ft.Text(f"{visit.student_name} · {visit.class_name}", theme_style=ft.TextThemeStyle.TITLE_SMALL), *why,
        _line(ft.Text(visit.form_title, color=theme.ACTION, weight=ft.FontWeight.W_600))]
    return mark(f"next-{at}", card(ft.Column(lines, spacing=4), on_tap=_begin(visit.case, visit.form_id, outing)),
                button=True)


def _switch_card(app: AppState, stop: StopCard, at: int) -> ft.Control:
    """A draft of the same outing: one tap goes on with it."""
    lines: list[ft.Control] = [
        tag(app.words("outbox.draft"), *STATE_LOOK[OutboxState.DRAFT]),
        _line(ft.Text(f"{stop.student_name} · {stop.form_title}", weight=ft.FontWeight.W_600))]
    return mark(f"switch-{at}", card(ft.Column(lines, spacing=4), on_tap=go(places.visit(stop.draft_id or ""))),
                button=True)


def _line(text: ft.Text) -> ft.Control:
    text.expand = True
    return ft.Row([text, ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.ACTION)], spacing=2)
