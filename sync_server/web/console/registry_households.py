"""Children who may be brothers and sisters: shown side by side, decided one pair at a time."""

from __future__ import annotations

from starlette.responses import Response

from sync_server import access
from sync_server.access import Verb
from sync_server.roster.households import Households
from sync_server.web.console.lists import pages
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.console.registry_list import loaded
from sync_server.web.console.registry_words import Words

PAGE_PAIRS = 30


def show(console: Console, ask: Ask) -> Response:
    """What is proposed. Raises NotAllowed."""
    found = households(console).proposals(ask.actor)
    shown = pages(ask, len(found), PAGE_PAIRS)
    return console.page(
        ask, "registry_households", proposals=found[shown.offset : shown.offset + shown.size], pages=shown,
        words=Words.of(ask, loaded(console, ask)), address=lambda number: ask.address(page=number),
        done=ask.query("done"),
    )  # fmt: skip


def save(console: Console, ask: Ask) -> Response:
    """One household, or not. Raises NotAllowed, NoSuchPage, RequestMalformed."""
    access.require(ask.actor, Verb.KEEP_REGISTER)
    together = ask.one_of("decision", "together", "apart") == "together"
    households(console).decide(ask.actor, ask.form.get("pair", ""), together)
    return go(f"/roster/households?done={'together' if together else 'apart'}")


def households(console: Console) -> Households:
    """The use case, over the console's store."""
    return Households(console.wiring.store, console.school, console.wiring.clock)
