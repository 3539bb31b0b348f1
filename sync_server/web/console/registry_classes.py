"""Classes with base figure, who came and went since, and the count now; freezing the base figure."""

from __future__ import annotations

from starlette.responses import Response

from casebook.errors import NoSuchPage
from sync_server import access
from sync_server.access import Subject, Verb
from sync_server.roster.figures import Figures
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.console.registry_list import loaded
from sync_server.web.console.registry_words import Words


def show(console: Console, ask: Ask) -> Response:
    """All classes that the asker may see, in one term. Raises NotAllowed."""
    now, use = loaded(console, ask), figures(console)
    within = access.reach(ask.actor, Verb.READ_REGISTER)
    with console.wiring.store.read() as conn:
        terms = use.terms(conn)
        term = ask.query("term") if ask.query("term") in terms else use.term_now(conn)
        every = use.reckonings(conn, now, term)
    seen = [one for one in every if within.whole_school or one.room.id in within.classes]
    return console.page(
        ask, "registry_classes", reckonings=seen, terms=terms, term=term, register=now,
        may_freeze=access.allows(ask.actor, Verb.KEEP_REGISTER), done=ask.query("done"),
    )  # fmt: skip


def card(console: Console, ask: Ask) -> Response:
    """One class: how the count came about, by name. Raises NotAllowed, NoSuchPage."""
    now, use, class_id = loaded(console, ask), figures(console), ask.part("class_id")
    access.require(ask.actor, Verb.READ_REGISTER, Subject("", class_id))
    if class_id not in now.classes:
        raise NoSuchPage()
    with console.wiring.store.read() as conn:
        terms = use.terms(conn)
        term = ask.query("term") if ask.query("term") in terms else use.term_now(conn)
        reckoning = next((one for one in use.reckonings(conn, now, term) if one.room.id == class_id), None)
    if reckoning is None:  # it was not taught in that term
        raise NoSuchPage()
    return console.page(
        ask, "registry_class", one=reckoning, term=term, register=now, words=Words.of(ask, now),
    )  # fmt: skip


def freeze(console: Console, ask: Ask) -> Response:
    """Freezes one class, or all that are not frozen yet. Raises NotAllowed."""
    access.require(ask.actor, Verb.KEEP_REGISTER)
    term, chosen = ask.form.get("term", ""), ask.form.get("class", "")
    rooms = [chosen] if chosen else [one.id for one in loaded(console, ask).ordered_classes()]
    figures(console).freeze(ask.actor, term, rooms)
    return go("/roster/classes?done=frozen")


def figures(console: Console) -> Figures:
    """The use case, over the console's store."""
    return Figures(console.wiring.store, console.school, console.wiring.clock)
