"""The sheet of what must be re-keyed into the national system: looked at, printed, ticked off line by line."""

from __future__ import annotations

from starlette.responses import Response

from sync_server.roster.rekeying import Rekeyings
from sync_server.store import accounts
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.console.registry_list import loaded
from sync_server.web.console.registry_words import Words

PATH = "/roster/rekeying"
MOST_DONE = 100
PAPERS = ("other_school", "approval_body", "approval_no", "paper_no")
TAGS = {"met": "good", "met_late": "due", "open": "", "warned": "due", "overdue": "bad", "no_day": "due"}


def show(console: Console, ask: Ask) -> Response:
    """Everything that is still to be entered, and what was. Raises NotAllowed."""
    return _drawn(console, ask)


def tick(console: Console, ask: Ask) -> Response:
    """Notes that a change was entered there. Raises NotAllowed, NoSuchPage, AlreadyDecided."""
    fault = rekeyings(console).tick(ask.actor, ask.part("event"), ask.form.get("on", ""))
    return _drawn(console, ask, fault) if fault else go(f"{PATH}?done=noted")


def rekeyings(console: Console) -> Rekeyings:
    """The use case, over the console's wiring."""
    wiring = console.wiring
    return Rekeyings(wiring.store, console.school, wiring.office, wiring.lives, wiring.clock)


def _drawn(console: Console, ask: Ask, fault: str = "") -> Response:
    every, now = rekeyings(console).lines(ask.actor), loaded(console, ask)
    with console.wiring.store.read() as conn:
        names = accounts.names(conn, console.school)
    known = [one for one in every if one.student in now.students]
    return console.page(
        ask, "registry_rekeying", 422 if fault else 200, waiting=[one for one in known if one.is_open],
        kept=[one for one in known if not one.is_open][:MOST_DONE], words=Words.of(ask, now), register=now,
        names=names, fault=fault, done=ask.query("done"), today=console.wiring.clock().date().isoformat(),
        papers=PAPERS, tags=TAGS, pressing=sum(one.is_pressing for one in known),
    )  # fmt: skip
