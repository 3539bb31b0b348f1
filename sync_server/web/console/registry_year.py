"""The end of the school year: who goes up, stays or graduates, looked at first and then done in one go."""

from __future__ import annotations

from starlette.responses import Response

from sync_server.registry import Student
from sync_server.roster.roll import PROMOTE, STAY
from sync_server.roster.yearclosing import Outlook, YearClosing
from sync_server.roster.yearend import NOT_IN_CLASS, Choices, YearEnd
from sync_server.store import accounts
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.console.registry_list import loaded
from sync_server.web.console.registry_words import Words

MOST_FIELDS = 3000
STEP = "step."


def show(console: Console, ask: Ask) -> Response:
    """What the end of the year would change, as long as nobody has decided anything. Raises NotAllowed."""
    return _page(console, ask, closing(console).look(ask.actor, Choices()))


def save(console: Console, ask: Ask) -> Response:
    """Shows what the choices would change; ends the year when that was shown before. Raises NotAllowed."""
    choices, seen, use = _choices(ask), ask.form.get("seen", ""), closing(console)
    if not seen:
        return _page(console, ask, use.look(ask.actor, choices), looked=True)
    done, found = use.close(ask.actor, choices, seen)
    return go("/roster/year?done=closed") if done else _page(console, ask, found, looked=True, stale=True)


def closing(console: Console) -> YearClosing:
    """The use case, over the console's wiring."""
    wiring = console.wiring
    return YearClosing(wiring.store, console.school, wiring.office, wiring.lives, wiring.clock)


def _choices(ask: Ask) -> Choices:
    stay = dict.fromkeys(ask.all_of(STAY), STAY)
    steps = {name.removeprefix(STEP): value for name, value in ask.form.items() if name.startswith(STEP)}
    return Choices({**stay, **steps})


def _page(console: Console, ask: Ask, found: Outlook, looked: bool = False, stale: bool = False) -> Response:
    now, plan = loaded(console, ask), found.plan
    with console.wiring.store.read() as conn:
        names = accounts.names(conn, console.school)
    lists = _lists(plan) if plan else {}
    return console.page(
        ask, "registry_year", 409 if stale else 200, found=found, plan=plan, words=Words.of(ask, now), names=names,
        looked=looked, stale=stale, done=ask.query("done"), step_name=STEP, stay=STAY, promote=PROMOTE, **lists,
    )  # fmt: skip


def _lists(plan: YearEnd) -> dict[str, object]:
    """The children of the page: those to be decided about, those in no class, and all others by class."""
    steps = {one.before.id: one for one in plan.children}
    single = [child for child in plan.register.students.values() if plan.is_single(child)]
    waiting = [one.before for one in plan.of(STAY) if one.before.roll_status in NOT_IN_CLASS]
    ids = {one.id for one in single}
    by_class: dict[str, list[Student]] = {}
    for child in plan.register.students.values():
        if plan.options.get(child.id) and child.id not in ids:
            by_class.setdefault(child.class_id, []).append(child)
    for listed in by_class.values():
        listed.sort(key=lambda one: (one.seat_no.zfill(4), one.name, one.id))
    return {"steps": steps, "single": sorted(single, key=lambda one: (one.class_id, one.name)), "waiting": waiting,
            "by_class": by_class}  # fmt: skip
