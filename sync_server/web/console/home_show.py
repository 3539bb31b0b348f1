"""The first page: what burns, and the visits that wait for a decision."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from sync_server import access
from sync_server.access import Verb
from sync_server.store import originals, visit_lists
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection
from sync_server.store.visit_lists import RETURNED, SUBMITTED, UNDERWAY, WAITING
from sync_server.web.console.lists import drawn, pages
from sync_server.web.console.page import Ask, Console


@dataclass(frozen=True)
class Count:
    """A number that leads to its list; `urgency` is urgent, due or calm."""

    name: str
    number: int
    address: str
    urgency: str
    note: str = ""


def show(console: Console, ask: Ask) -> Response:
    """Counts that lead to their lists, then the queue: complete visits first, the longest waiting first."""
    account = ask.actor
    within = access.reach(account, Verb.READ_EVIDENCE)
    with console.wiring.store.read() as conn:
        numbers = visit_lists.visit_counts(conn, console.school, within)
        shown = pages(ask, numbers[WAITING] + numbers[UNDERWAY])
        lines = visit_lists.visits(conn, console.school, within, SUBMITTED, limit=shown.size, offset=shown.offset)
        return console.page(
            ask, "home", today=console.wiring.clock().date(), counts=_counts(console, conn, ask, account, numbers),
            lines=drawn(console, conn, ask, lines), pages=shown, address=lambda number: ask.address(page=number),
        )  # fmt: skip


def _counts(console: Console, conn: Connection, ask: Ask, account: Account, numbers: dict[str, int]) -> list[Count]:
    absences = len(console.cases.open_absences(conn, account))
    conflicts = len(console.cases.conflicts(conn, account))
    underway = ask.wording("console.count.underway", count=numbers[UNDERWAY]) if numbers[UNDERWAY] else ""
    waiting = numbers[WAITING] + numbers[UNDERWAY]
    found = [
        Count("absences", absences, "/incidents", "urgent" if absences else "calm"),
        Count("waiting", waiting, f"/visits?status={WAITING}", "due" if numbers[WAITING] else "calm", underway),
        Count("returned", numbers[RETURNED], f"/visits?status={RETURNED}", "due" if numbers[RETURNED] else "calm"),
        Count("conflicts", conflicts, "/conflicts", "due" if conflicts else "calm"),
    ]
    held = len(originals.held(conn, console.school)) if access.allows(account, Verb.READ_DEVICES) else 0
    return [*found, Count("held", held, "/held", "urgent")] if held else found
