"""All duties within a person's reach: by urgency, with whom, until when, by which clause and why; to be filtered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.responses import Response

from casebook.rules.due import Deadline
from casebook.rules.duties import Duty
from casebook.rules.words import because_key
from sync_server.dutylist import DutyLine, DutyList, counts
from sync_server.web.console.lists import pages
from sync_server.web.console.page import Ask, Console

PAGE_DUTIES = 50
MINE, OTHERS, ALL = "mine", "others", "all"


def show(console: Console, ask: Ask) -> Response:
    """The duties of one filter: whose, which role, which class."""
    whose, role, room = ask.query("whose") or ALL, ask.query("role"), ask.query("class")
    with console.wiring.store.read() as conn:
        lines = duty_list(console).lines(conn, ask.actor)
        found = [line for line in lines if _wanted(line, whose, role, room)]
        shown = pages(ask, len(found), PAGE_DUTIES)
        drawn = duty_list(console).drawn(conn, found[shown.offset : shown.offset + shown.size])
    return console.page(
        ask, "duties", lines=drawn, pages=shown, counts=counts(found),
        roles=_roles(lines), rooms=sorted({(line.class_id, line.class_name) for line in lines if line.class_id}),
        whose=whose, role=role, room=room, why=why(console, ask), address=lambda number: ask.address(page=number),
    )  # fmt: skip


def duty_list(console: Console) -> DutyList:
    """The use case, over the console's wiring."""
    return DutyList(console.school, console.wiring.lives, console.wiring.clock)


def why(console: Console, ask: Ask) -> Callable[[Duty | Deadline], list[str]]:
    """Says how the day of a duty or deadline came about, one sentence for each step."""

    dates = console.dates(ask)

    def said(duty: Duty | Deadline) -> list[str]:
        return [ask.wording(because_key(step.code), **dates.told(step.facts)) for step in duty.because]

    return said


def _wanted(line: DutyLine, whose: str, role: str, room: str) -> bool:
    by_person = whose == ALL or line.mine == (whose == MINE)
    return by_person and (not role or role in line.duty.roles) and (not room or room == line.class_id)


def _roles(lines: Sequence[DutyLine]) -> list[str]:
    """The roles that have something to do, in the order in which they turn up."""
    return list(dict.fromkeys(role for line in lines for role in line.duty.roles))
