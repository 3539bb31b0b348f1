"""What is missing on the children's cards: class by class, and child by child with the worst first."""

from __future__ import annotations

from starlette.responses import Response

from sync_server import access
from sync_server.access import Verb
from sync_server.roster.completeness import by_class, worst
from sync_server.web.console.lists import pages
from sync_server.web.console.page import Ask, Console
from sync_server.web.console.registry_list import loaded
from sync_server.web.console.registry_words import Words

PAGE_CHILDREN = 60


def show(console: Console, ask: Ask) -> Response:
    """The classes within reach, and the children of one or all of them. Raises NotAllowed."""
    now = loaded(console, ask)
    within = access.reach(ask.actor, Verb.READ_REGISTER)
    taught = [one.id for one in now.ordered_classes()]
    rooms = by_class(now, [id for id in taught if within.whole_school or id in within.classes])
    chosen = ask.query("class")
    found = worst(one for one in rooms if chosen in ("", one.room.id))
    shown = pages(ask, len(found), PAGE_CHILDREN)
    return console.page(
        ask, "registry_completeness", rooms=rooms, chosen=chosen, words=Words.of(ask, now), pages=shown,
        children=found[shown.offset : shown.offset + shown.size], address=lambda number: ask.address(page=number),
    )  # fmt: skip
