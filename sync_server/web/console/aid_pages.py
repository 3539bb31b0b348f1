"""The aid officer's page: surveys of aid that wait or are settled, and children who have no pair yet."""

from __future__ import annotations

from starlette.responses import Response

from casebook.errors import NotAllowed
from sync_server import access, aid
from sync_server.access import Verb
from sync_server.escalation import PAPER
from sync_server.store import accounts
from sync_server.web.console.page import Ask, Console

MOST_DONE = 100


def show(console: Console, ask: Ask) -> Response:
    """What is to be settled, what was, and who needs a pair. Raises NotAllowed."""
    reads_aid, assigns = access.allows(ask.actor, Verb.READ_AID), bool(access.scopes(ask.actor, Verb.ASSIGN))
    if not (reads_aid or assigns):
        raise NotAllowed(verb=Verb.READ_AID.value)
    wiring = console.wiring
    with wiring.store.read() as conn:
        lines = aid.surveys(conn, console.school, wiring.lives, ask.actor) if reads_aid else []
        alone = aid.without_pair(conn, console.school, wiring.lives, ask.actor)
        names = accounts.names(conn, console.school)
    settled = [line for line in lines if not line.waiting]
    return console.page(
        ask, "aid", waiting=[line for line in lines if line.waiting], settled=settled[:MOST_DONE], alone=alone,
        names=names, reads_aid=reads_aid, may_settle=access.allows(ask.actor, Verb.SETTLE_AID), paper=PAPER,
        opens=access.allows(ask.actor, Verb.READ_CASE) or assigns, done=ask.query("done"),
    )  # fmt: skip
