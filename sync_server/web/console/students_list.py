"""Finds a child by name, pinyin, class or village."""

from __future__ import annotations

from starlette.responses import Response

from sync_server.web.console.lists import pages
from sync_server.web.console.page import Ask, Console
from sync_server.web.console.values import value_in_words

PAGE_CHILDREN = 50


def show(console: Console, ask: Ask) -> Response:
    """The children found, as far as the asker may list them."""
    query, class_id = ask.query("q")[:40], ask.query("class")
    with console.wiring.store.read() as conn:
        found = console.cases.find(conn, ask.actor, query, class_id)
        shown = pages(ask, len(found), PAGE_CHILDREN)
        lines = console.cases.lines(conn, ask.actor, found[shown.offset : shown.offset + shown.size])
        classes = console.cases.classes(conn, ask.actor)
    return console.page(
        ask, "students", children=lines, pages=shown, query=query, classes=classes, chosen_class=class_id,
        value_in_words=value_in_words, address=lambda number: ask.address(page=number),
    )  # fmt: skip
