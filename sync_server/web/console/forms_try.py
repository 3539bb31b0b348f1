"""Fills a form in, page by page, as a phone would ask it; nothing that is written here becomes a record."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from casebook.forms import Question
from sync_server.answers import parsed
from sync_server.authoring.trial import FIELD, STAY, Shown, Trials
from sync_server.store.form_desk import FormDraft
from sync_server.web.console.forms_preview import title, version
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.console.values import value_in_words

MOST_BYTES = 200 * 1024
MOST_FIELDS = 800
RESTART = "restart"
MINUTES = len("2026-11-21T16:20")
_INPUTS: Mapping[str, str] = {"date": "date", "time": "time", "datetime": "datetime-local"}
_KEYBOARDS: Mapping[str, str] = {"integer": "numeric", "range": "decimal", "decimal": "decimal"}


def show(console: Console, ask: Ask) -> Response:
    """The page where the trial stands. Raises NotAllowed, NoSuchPage."""
    found = version(console, ask)
    shown = _trials(console).show(ask.actor, parsed(found.xml), found.sha256, _language(ask), ask.wording)
    return _drawn(console, ask, shown)


def save(console: Console, ask: Ask) -> Response:
    """Takes the answers of a page and shows where that leads."""
    found, trials = version(console, ask), _trials(console)
    step = ask.form.get("step", STAY)
    if step == RESTART:
        trials.restart(ask.actor)
        return go(ask.request.url.path)
    form = parsed(found.xml)
    shown = trials.answer(ask.actor, form, found.sha256, ask.sent.fields, step, _language(ask), ask.wording)
    return _drawn(console, ask, shown)


def _trials(console: Console) -> Trials:
    return Trials(console.wiring.store, console.school, console.wiring.clock)


def _language(ask: Ask) -> str:
    return ask.form.get("language") or ask.query("language") or ask.wording.locale


def _drawn(console: Console, ask: Ask, shown: Shown) -> Response:
    found = version(console, ask)
    return console.page(
        ask, "forms_try", found=found, shown=shown, title=title(ask, found), field=FIELD,
        language=shown.session.language, is_draft=isinstance(found, FormDraft),
        input_of=_input, keyboard_of=_keyboard, typed=_typed,
        value_of=lambda name, value: value_in_words(ask.wording, console.dates(ask), name, value),
    )  # fmt: skip


def _input(question: Question) -> str:
    return _INPUTS.get(question.kind, "text")


def _keyboard(question: Question) -> str:
    numbers = "numbers" in question.appearance
    return _KEYBOARDS.get(question.kind, "numeric" if numbers else "text")


def _typed(question: Question) -> str:
    """The answer as the browser's own input wants it."""
    if question.kind == "datetime":
        return question.value[:MINUTES]
    return question.value[:5] if question.kind == "time" else question.value
