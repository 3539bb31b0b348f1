"""The school calendar: terms with their days off and make-up days, looked at by everybody, changed by the office."""

from __future__ import annotations

from starlette.responses import Response

from sync_server import access
from sync_server.access import Verb
from sync_server.schoolyear import TERM_ID, Draft, Fault, SchoolYear, holidays
from sync_server.store import accounts
from sync_server.web.console.page import Ask, Console, go

MOST_TEXT = 4_000


def show(console: Console, ask: Ask) -> Response:
    """All terms with their school days, and the public holidays the program knows."""
    use = schoolyear(console)
    with console.wiring.store.read() as conn:
        terms = [(one, use.effect(conn, one).before) for one in reversed(use.terms(conn))]
    return console.page(
        ask, "calendar", terms=terms, years=list(holidays().values()), may_edit=_may_edit(ask),
        following=_following([one.term for one, _ in terms]), done=ask.query("done"),
    )  # fmt: skip


def card(console: Console, ask: Ask) -> Response:
    """One term as it stands; with `fill`, the public holidays filled in and not saved. Raises NoSuchPage."""
    with console.wiring.store.read() as conn:
        draft = schoolyear(console).draft(conn, ask.part("term"), ask.query("fill") == "holidays")
    return _drawn(console, ask, draft, filled=ask.query("fill") == "holidays")


def save(console: Console, ask: Ask) -> Response:
    """Shows what the change would do; once that was seen, saves it. Raises NotAllowed."""
    access.require(ask.actor, Verb.EDIT_CALENDAR)
    typed = {name: ask.form.get(name, "").replace("\r\n", "\n")[:MOST_TEXT] for name in ("first", "last", "off", "on")}
    draft, use = Draft(term=ask.part("term"), **typed), schoolyear(console)
    if ask.form.get("seen") == draft.sha256:
        faults = use.save(ask.actor, draft)
        return _drawn(console, ask, draft, faults) if faults else go("/calendar?done=saved")
    with console.wiring.store.read() as conn:
        term, faults = use.read(conn, draft)
        effect = use.effect(conn, term) if term is not None else None
    return _drawn(console, ask, draft, faults, effect=effect)


def schoolyear(console: Console) -> SchoolYear:
    """The use case, over the console's store."""
    return SchoolYear(console.wiring.store, console.school, console.wiring.clock)


def _drawn(
    console: Console, ask: Ask, draft: Draft, faults: list[Fault] | None = None, filled: bool = False,
    effect: object = None,
) -> Response:  # fmt: skip
    with console.wiring.store.read() as conn:
        names = accounts.names(conn, console.school)
        history = schoolyear(console).history(conn, draft.term)
    return console.page(
        ask, "calendar_term", 422 if faults else 200, draft=draft, faults=faults or (), filled=filled, effect=effect,
        may_edit=_may_edit(ask), history=history, names=names, years=list(holidays().values()),
    )  # fmt: skip


def _may_edit(ask: Ask) -> bool:
    return access.allows(ask.actor, Verb.EDIT_CALENDAR)


def _following(terms: list[str]) -> str:
    """The id of the term after the newest one; blank when there is none to follow."""
    named = TERM_ID.match(max(terms, default=""))
    if named is None:
        return ""
    first, last, number = int(named[1]), int(named[2]), named[3]
    return f"{first}-{last}-2" if number == "1" else f"{first + 1}-{last + 1}-1"
