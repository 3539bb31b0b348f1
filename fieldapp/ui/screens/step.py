"""One step of the teacher's in a child's case: what it means, what it needs, what is missing, and the seal."""

from __future__ import annotations

import flet as ft

from casebook.kinds.act import ACTS
from casebook.rules.words import event_key, refusal, refused_key
from fieldapp.steps import StepPage
from fieldapp.ui import places, spoken
from fieldapp.ui.actions import Handler, guard, say, screen
from fieldapp.ui.sheet import Sheet
from fieldapp.ui.state import AppState, app_of, use_app
from fieldapp.ui.widgets.asked import choice, day, line, near_days
from fieldapp.ui.widgets.layout import banner, card, fact, frame, heading, primary, quiet, safe_line, small

SPEAKERS = ("guardian", "student")


@screen
def Step() -> ft.View:
    """What the step asks; then, once more, what will be sealed."""
    app = use_app()
    ft.use_state(app.news)
    checking, check = ft.use_state(False)
    params = ft.use_route_params()
    page = app.desk.steps.page(params["student"], params["act"])
    sheet = app.sheet(f"step/{page.case}/{page.act}",
                      lambda: Sheet(page.said, lambda said: app.desk.steps.jot(page.case, page.act, said)))
    ft.use_state(sheet.turn)
    if checking:
        return _check(app, page, sheet, guard(lambda: check(False)))
    return _ask(app, page, sheet, _to_check(app, page, sheet, guard(lambda: check(True))))


def _ask(app: AppState, page: StepPage, sheet: Sheet, check: Handler) -> ft.View:
    words = app.words
    missing = refusal(page.refused, words) if page.refused else []
    refused = [banner(text, title=words("step.refused") if not at else "") for at, text in enumerate(missing)]
    return frame(words("step.title", step=words(event_key(page.act)), name=page.name), [
        ft.Text(words(f"step.{page.act}.meaning")), *refused, *_questions(app, page, sheet), ft.Container(height=8),
    ], route=places.step(page.case, page.act), safe=safe_line(words("step.safe")), bottom=[
        primary("check-step", words("step.check"), check, disabled=bool(missing))])


def _questions(app: AppState, page: StepPage, sheet: Sheet) -> list[ft.Control]:
    """What the act has to say."""
    words, found = app.words, []
    parts = ACTS[page.act].fields
    if "by" in parts:
        found += choice(sheet, "by", words("step.by"), {who: words(f"step.by.{who}") for who in SPEAKERS})
    if "because" in parts:
        found += line(sheet, "because", words("step.because"), lines=3)
    if "on" in parts:
        found += day(app, sheet, "on", words(f"step.{page.act}.on"), near_days(page.today, after=False))
    return found


def _to_check(app: AppState, page: StepPage, sheet: Sheet, check: Handler) -> Handler:
    async def go_on() -> None:
        sheet.flush()
        missing = next((name for name in ACTS[page.act].fields if not sheet.text(name).strip()), None)
        if missing:
            say(app.words(refused_key(f"field_{missing}")))
            return
        await check()

    return guard(go_on)


def _check(app: AppState, page: StepPage, sheet: Sheet, back: Handler) -> ft.View:
    """What will be sealed, to be read once more."""
    words = app.words
    rows: list[ft.Control] = [fact(words("step.child"), page.name)]
    rows += [fact(words(f"step.part.{name}"), _said(app, name, sheet.text(name))) for name in ACTS[page.act].fields]

    def seal() -> None:
        here = app_of(ft.context.page)
        outcome = here.desk.steps.seal(page.case, page.act, {name: sheet.text(name) for name in ACTS[page.act].fields})
        if not isinstance(outcome, str):
            say("\n".join(refusal(outcome, words)))
            return
        here.sync.report = None
        here.close_sheet(f"step/{page.case}/{page.act}")
        say(words("step.sealed"))
        ft.context.page.navigate(places.student(page.case))

    return frame(words("step.title", step=words(event_key(page.act)), name=page.name), [
        heading(words("step.check.title")), card(ft.Column(rows, spacing=8)),
    ], route=places.step(page.case, page.act), safe=safe_line(words("step.safe")), bottom=[
        small(words("step.meaning")), primary("seal", words("step.seal"), guard(seal), ft.Icons.LOCK_OUTLINE),
        quiet("go-back", words("step.change"), back, ft.Icons.ARROW_BACK)])


def _said(app: AppState, name: str, value: str) -> str:
    if name == "by":
        return app.words(f"step.by.{value}")
    return spoken.day(app.words, value) if name == "on" else value
