"""What waits for the reader's hand and stands in no list of duties: proposed rules, events of the roll, the weeks."""

from __future__ import annotations

from collections.abc import Iterator

from casebook.rules.states import DIRECTOR
from sync_server import access
from sync_server.access import Verb
from sync_server.store import roll_events
from sync_server.store.engine import Connection
from sync_server.web.console.page import Ask, Console
from sync_server.web.console.rules_pages import desk
from sync_server.web.console.weekly_pages import WEEK, weeklies
from sync_server.weeklies import SIGNED, monday_of


def waiting(console: Console, conn: Connection, ask: Ask) -> list[tuple[str, int, str]]:
    """What it is, how many of it, and where it is decided; nobody decides about what he wrote himself (domain §1)."""
    me, found = ask.actor, []
    if access.allows(me, Verb.CONFIRM_RULES):
        proposed = sum(one.entry.record.author != me.id for one in desk(console).waiting(conn))
        found.append(("rules", proposed, "/rulebook"))
    if access.allows(me, Verb.APPROVE_ROLL_EVENT):
        entered = sum(one.account != me.id for one in roll_events.waiting(conn, console.school))
        found.append(("roll", entered, "/roster/events"))
    return [*(one for one in found if one[1]), *_weeks(console, conn, ask)]


def _weeks(console: Console, conn: Connection, ask: Ask) -> Iterator[tuple[str, int, str]]:
    """This week and the last one, where a director has not signed what is over and was counted (R21)."""
    if DIRECTOR not in ask.actor.roles or not ask.actor.classes:
        return
    today, desk_of_weeks = console.wiring.clock().date(), weeklies(console)
    for day in (today - WEEK, today):
        if not desk_of_weeks.is_over(conn, day):
            continue  # to work out the reports of all classes takes a third of the page
        reports = (one for one in desk_of_weeks.of_week(conn, ask.actor, day) if one.state != SIGNED)
        unsigned = sum(len(one.sheet.unreported) < len(one.sheet.week.days) for one in reports)
        if unsigned:
            yield "weekly", unsigned, f"/weekly?day={monday_of(day)}"
