"""One question on the screen: its words, its control, what is wrong with the answer. One component for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import flet as ft

from fieldapp.company import asks_for_colleagues
from fieldapp.ui import spoken, theme
from fieldapp.ui.actions import guard, part
from fieldapp.ui.state import use_app
from fieldapp.ui.visit_state import Field, OpenVisit
from fieldapp.ui.widgets import choice, moment, paper, people, picture, place, shown, signature, sound, typed
from fieldapp.ui.widgets.layout import mark, scroll_key, small
from fieldapp.ui.widgets.rich import plain, spans

if TYPE_CHECKING:
    from casebook.forms import Question

Builder = Callable[[OpenVisit, Field], ft.Control]

BUILDERS: dict[str, Builder] = {
    "note": shown.note,
    "heading": shown.heading,
    "text": typed.text,
    "integer": typed.integer,
    "decimal": typed.decimal,
    "barcode": typed.barcode,
    "date": moment.day,
    "time": moment.clock,
    "datetime": moment.day_and_clock,
    "select_one": choice.select_one,
    "select_multiple": choice.select_multiple,
    "rank": choice.rank,
    "acknowledge": choice.acknowledge,
    "range": choice.number_range,
    "image": picture.photo,
    "signature": signature.signature,
    "geopoint": place.geopoint,
    "audio": sound.voice,
    "file": paper.document,
}
BARE = frozenset({"note", "heading"})  # their label is the control


@part
def QuestionView(visit: OpenVisit, field: Field, here: bool = False) -> ft.Control:
    """A question; `here` marks the one where the teacher stopped."""
    question = field.question
    fixed = question.readonly and question.kind not in BARE
    build = shown.fixed if fixed else _builder(question)
    control = build(visit, field)
    if question.kind in BARE:
        return ft.Container(control, key=scroll_key(question.ref))
    lines = [_label(field), *_hints(field), *_carried(visit, field), *_problem(field), control, *_last(visit, field)]
    wrong = field.shown_problem is not None
    edge = ft.BorderSide(4, theme.RED if wrong else theme.PINE if here else ft.Colors.TRANSPARENT)
    return ft.Container(
        ft.Column(lines, spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH), key=scroll_key(question.ref),
        border=ft.Border.only(left=edge), padding=ft.Padding.only(left=10, top=6, bottom=10))


def _builder(question: Question) -> Builder:
    return people.colleagues if asks_for_colleagues(question) else BUILDERS.get(question.kind, shown.unknown)


def _label(field: Field) -> ft.Control:
    question = field.question
    star = [ft.TextSpan(" *", style=ft.TextStyle(color=theme.RED, weight=ft.FontWeight.BOLD))] \
        if question.required else []
    spoken = use_app().words("app.question.required", label=plain(question.label)) if question.required \
        else plain(question.label)
    return ft.Text("", spans=[*spans(question.label, bold=True), *star], semantics_label=spoken)


def _hints(field: Field) -> list[ft.Control]:
    hints = (field.question.hint, field.question.guidance)
    return [small(plain(text)) for text in hints if text]


def _carried(visit: OpenVisit, field: Field) -> list[ft.Control]:
    """Says of an answer that it came along from another visit of the same outing."""
    if field.question.ref not in visit.draft.carried:
        return []
    return [mark(f"carried-{field.name}", small(use_app().words("app.question.carried"), color=theme.PINE))]


def _last(visit: OpenVisit, field: Field) -> list[ft.Control]:
    """One tap that takes the answer of the child's last visit, for facts that rarely change."""
    question, words = field.question, use_app().words
    last = visit.draft.last_answer(question) if field.typed is None else None
    if last is None:
        return []

    def take() -> None:
        field.typed = None
        visit.answer(question.ref, last.value)

    said = spoken.day(words, last.value) if question.kind == "date" else plain(last.words)
    text = words("app.question.last", answer=said, day=spoken.day(words, last.day))
    return [mark(f"q-{field.name}-last", ft.TextButton(
        ft.Text(text, color=theme.ACTION), icon=ft.Icons.HISTORY, on_click=guard(take)))]


def _problem(field: Field) -> list[ft.Control]:
    message = field.shown_problem
    if message is None:
        return []
    return [mark(f"problem-{field.name}", ft.Row([
        ft.Icon(ft.Icons.ERROR_OUTLINE, color=theme.RED), ft.Text(plain(message), color=theme.RED, expand=True)]),
        live_region=True)]
