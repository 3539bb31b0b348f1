"""The signature pad, alone on a screen that does not scroll: otherwise the finger would move the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import flet as ft

from casebook.kinds.visit import GUARDIAN_SIGNATURE
from fieldapp.ui import places, theme
from fieldapp.ui.actions import go, guard, part, screen
from fieldapp.ui.state import use_app
from fieldapp.ui.visit_state import Field, OpenVisit
from fieldapp.ui.widgets.ink import Ink, Pad
from fieldapp.ui.widgets.layout import bottom_bar, mark, primary, quiet, side_by_side, small, title_bar
from fieldapp.ui.widgets.rich import plain


@screen
def Sign() -> ft.View:
    """Who signs, the sheet, clear and done. Every finished stroke is kept at once."""
    app = use_app()
    params = ft.use_route_params()
    visit = app.visit(params["draft"])
    field = visit.named(params["question"])
    ink = ft.use_memo(lambda: _kept_ink(visit, field), [params["question"]])
    words = app.words
    ft.use_effect(guard(partial(app.device.keep_awake, True)), [], cleanup=guard(partial(app.device.keep_awake, False)))
    if field is None:
        return ft.View(route=places.visit(visit.draft.draft_id), controls=[ft.Text(words("app.sign.gone"))])

    def keep() -> None:
        visit.draft.save_strokes(field.question.ref, ink.strokes(), *ink.size)
        visit.redraw()

    return ft.View(
        route=places.sign(visit.draft.draft_id, field.name), padding=0, spacing=8,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        appbar=title_bar(words("app.sign.title")),
        controls=[
            ft.Container(ft.Column([_signer(visit, field), small(words("app.sign.hint"))], spacing=2),
                         padding=ft.Padding.symmetric(horizontal=theme.EDGE)),
            ft.Container(ft.Column([Pad(ink, keep)], expand=True,
                                   horizontal_alignment=ft.CrossAxisAlignment.STRETCH), expand=True,
                         padding=ft.Padding.symmetric(horizontal=theme.EDGE)),
            PadButtons(visit, field, ink, keep)])


def _kept_ink(visit: OpenVisit, field: Field | None) -> Ink:
    kept = visit.draft.strokes_to_go_on(field.question.ref) if field else None
    return Ink.of(kept.points(), (kept.width, kept.height)) if kept else Ink()


def _signer(visit: OpenVisit, field: Field) -> ft.Control:
    """Whose name belongs here: the guardian's with the relation, else who the form asks, and the name if it has one."""
    words, guardian = use_app().words, field.name == GUARDIAN_SIGNATURE
    named = ("signer", "signer_relation") if guardian else (f"{field.name.removesuffix('_signature')}_name",)
    session = visit.draft.session
    parts = [plain(session.words(found.question.ref)) for found in map(visit.named, named)
             if found and found.question.value]
    if guardian:
        text = words("app.sign.by", who=" · ".join(parts)) if parts else words("app.sign.nobody")
    else:
        text = " · ".join((plain(field.question.label), *parts))
    return mark("signer", ft.Text(text, weight=ft.FontWeight.W_600))


@part
def PadButtons(visit: OpenVisit, field: Field, ink: Ink, keep: Callable[[], None]) -> ft.Control:
    """Clear (and take that back), done; and the way out for someone who does not write."""
    words = use_app().words
    back = go(places.visit(visit.draft.draft_id))

    def clear() -> None:
        visit.draft.clear_strokes(field.question.ref)
        ink.wipe()
        visit.redraw()

    def restore() -> None:
        ink.restore()
        keep()

    drawn = bool(ink.lines)
    wipe = quiet("sign-restore", words("app.sign.restore"), guard(restore), ft.Icons.UNDO) \
        if ink.wiped and not drawn \
        else quiet("sign-clear", words("app.sign.clear"), guard(clear), ft.Icons.REFRESH, disabled=not drawn)
    return bottom_bar([
        mark("sign-kept", small(_kept_words(visit, field, ink)), live_region=True),
        side_by_side(wipe, primary("sign-done", words("app.sign.done"), back, ft.Icons.CHECK, disabled=not drawn)),
        *([small(words("app.sign.cannot"))] if field.name == GUARDIAN_SIGNATURE else [])])


def _kept_words(visit: OpenVisit, field: Field, ink: Ink) -> str:
    """What is kept: the strokes on the pad, or a signature from before that the first new stroke replaces."""
    words = use_app().words
    if ink.lines:
        return words("app.sign.kept", count=len(ink.lines))
    return words("app.sign.before" if visit.draft.strokes(field.question.ref) else "app.sign.empty")
