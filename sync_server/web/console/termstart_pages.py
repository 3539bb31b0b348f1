"""The start of the term in one class: whose family was visited (R41), and the survey of the first week (R43)."""

from __future__ import annotations

from starlette.responses import Response

from casebook.kinds.class_survey import WAYS
from sync_server import access
from sync_server.access import Subject, Verb
from sync_server.surveys import Surveys
from sync_server.web.console.duties_pages import why
from sync_server.web.console.page import Ask, Console, go


def show(console: Console, ask: Ask) -> Response:
    """One class. Raises NotAllowed, NoSuchPage."""
    return _drawn(console, ask)


def enter(console: Console, ask: Ask) -> Response:
    """Files the survey, or shows what is wrong. Raises NotAllowed, NoSuchPage."""
    class_id = ask.part("class_id")
    day, how, found = ask.form.get("day", ""), tuple(ask.all_of("how")), ask.form.get("found", "")
    faults = desk(console).enter(ask.actor, class_id, day, how, found)
    return _drawn(console, ask, tuple(faults)) if faults else go(f"/attendance/{class_id}/start?done=surveyed")


def desk(console: Console) -> Surveys:
    """The use case, over the console's wiring."""
    wiring = console.wiring
    return Surveys(wiring.store, console.school, wiring.lives, wiring.office, wiring.clock)


def _drawn(console: Console, ask: Ask, faults: tuple[str, ...] = ()) -> Response:
    class_id = ask.part("class_id")
    with console.wiring.store.read() as conn:
        found = desk(console).look(conn, ask.actor, class_id)
    return console.page(
        ask, "termstart", 422 if faults else 200, one=found, ways=WAYS, faults=faults, done=ask.query("done"),
        why=why(console, ask), today=console.wiring.clock().date(), form=ask.form,
        chosen=ask.all_of("how") if faults else (),
        may_enter=access.allows(ask.actor, Verb.SURVEY_CLASS, Subject("", class_id)),
    )  # fmt: skip
