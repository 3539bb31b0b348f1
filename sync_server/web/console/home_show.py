"""The first page: what is to be done by whom, until when and why, and the visits that wait for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from sync_server import access
from sync_server.access import Verb
from sync_server.dutylist import BURNING, DutyLine
from sync_server.operations import keeping
from sync_server.store import originals, visit_lists
from sync_server.store.engine import Connection
from sync_server.store.visit_lists import ALL, RETURNED, SUBMITTED, UNDERWAY, WAITING
from sync_server.web.console import seconding, starting, upkeep_show
from sync_server.web.console.duties_pages import duty_list, why
from sync_server.web.console.incidents_list import ongoing
from sync_server.web.console.lists import drawn, pages
from sync_server.web.console.page import Ask, Console

MOST_MINE, MOST_OTHERS, MOST_VISITS = 30, 15, 10


@dataclass(frozen=True)
class Count:
    """A number that leads to its list; `urgency` is urgent, due or calm."""

    name: str
    number: int
    address: str
    urgency: str
    note: str = ""


def show(console: Console, ask: Ask) -> Response:
    """Counts that lead to their lists, the duties, then the queue: complete visits first, longest waiting first."""
    within = access.reach(ask.actor, Verb.READ_EVIDENCE)
    use = duty_list(console)
    with console.wiring.store.read() as conn:
        duties = use.lines(conn, ask.actor)
        numbers = visit_lists.visit_counts(conn, console.school, within)
        shown = pages(ask, numbers[WAITING] + numbers[UNDERWAY], MOST_VISITS)
        lines = visit_lists.visits(conn, console.school, within, SUBMITTED, limit=shown.size, offset=shown.offset)
        mine = [line for line in duties if line.mine]
        others = [line for line in duties if not line.mine]
        read = access.reach(ask.actor, Verb.READ_CASE)
        sees_children = bool(read.whole_school or read.classes or read.cases or numbers[ALL])
        burning = [line for line in others if line.duty.urgency in BURNING][:MOST_OTHERS]
        named = use.drawn(conn, [*mine[:MOST_MINE], *burning])
        return console.page(
            ask, "home", sees_children=sees_children, checks_heads=_checks_heads(ask),
            today=console.wiring.clock().date(), counts=_counts(console, conn, ask, numbers, duties),
            mine=[line for line in named if line.mine], mine_more=len(mine[MOST_MINE:]),
            others=[line for line in named if not line.mine],
            others_more=len(others) - len(burning), why=why(console, ask), lines=drawn(console, conn, ask, lines),
            pages=shown, address=lambda number: ask.address(page=number), worry=_worry(console, conn, ask),
            first_steps=starting.left(console, conn, ask, duties),
            seconds=seconding.waiting(console, conn, ask),
        )  # fmt: skip


def _worry(console: Console, conn: Connection, ask: Ask) -> str:
    """Whether the school's work is in danger, for those who may see to it."""
    if not access.allows(ask.actor, Verb.READ_DEVICES):
        return ""
    return upkeep_show.worry(ask, keeping.safety(console.wiring, conn))


def _checks_heads(ask: Ask) -> bool:
    """Whether somebody counts heads without knowing the children by name."""
    counts = access.allows(ask.actor, Verb.ENTER_HEADCOUNT)
    return counts and not access.allows(ask.actor, Verb.LIST_STUDENTS)


def _counts(
    console: Console, conn: Connection, ask: Ask, numbers: dict[str, int], duties: Sequence[DutyLine]
) -> list[Count]:
    account = ask.actor
    absences = len(ongoing(console, conn, ask))
    conflicts = sum(line.duty.kind == "answer_conflict" for line in duties)
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
