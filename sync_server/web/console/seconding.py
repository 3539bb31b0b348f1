"""What waits for the reader as second person and stands in no list of duties: proposed rules, events of the roll."""

from __future__ import annotations

from sync_server import access
from sync_server.access import Verb
from sync_server.store import roll_events
from sync_server.store.engine import Connection
from sync_server.web.console.page import Ask, Console
from sync_server.web.console.rules_pages import desk


def waiting(console: Console, conn: Connection, ask: Ask) -> list[tuple[str, int, str]]:
    """What it is, how many of it, and where it is decided; nobody decides about what he wrote himself (domain §1)."""
    me, found = ask.actor, []
    if access.allows(me, Verb.CONFIRM_RULES):
        proposed = sum(one.entry.record.author != me.id for one in desk(console).waiting(conn))
        found.append(("rules", proposed, "/rulebook"))
    if access.allows(me, Verb.APPROVE_ROLL_EVENT):
        entered = sum(one.account != me.id for one in roll_events.waiting(conn, console.school))
        found.append(("roll", entered, "/roster/events"))
    return [one for one in found if one[1]]
