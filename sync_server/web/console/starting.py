"""What a new school has still to do before its first day: each step until it is done, for whoever may do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from casebook.feeds import CLASSES
from casebook.rules.states import OFFICE, REGISTRAR
from sync_server import access, rulebook
from sync_server.access import Verb
from sync_server.dutylist import NAME_DIRECTOR, DutyLine
from sync_server.store import accounts, base_figures, devices, rows
from sync_server.store.engine import Connection
from sync_server.web.console.page import Ask, Console

#: In the order in which they are done, and who may do them; `contacts` are the rule rows of the telephones.
STEPS = (
    ("staff", "/staff", Verb.KEEP_STAFF), ("calendar", "/calendar", Verb.EDIT_CALENDAR),
    ("contacts", "/rulebook/contact.school", Verb.EDIT_RULES), ("roster", "/roster/import", Verb.KEEP_REGISTER),
    ("grades", "/staff", Verb.KEEP_STAFF), ("base", "/roster/classes", Verb.KEEP_REGISTER),
    ("phones", "/account", Verb.MAKE_ENROL_CODE),
)  # fmt: skip
NEEDED = frozenset({"roster", "base", "phones"})  # once these are done, the school works
NOT_SAID = "none"


def left(console: Console, conn: Connection, ask: Ask, duties: Sequence[DutyLine]) -> list[tuple[str, str]]:
    """The steps that are still to be done, as far as the reader may do them; none once the school works."""
    own = [(name, address) for name, address, verb in STEPS if access.allows(ask.actor, verb)]
    if not own or (done := _done_of_needed(console, conn)) >= NEEDED:
        return []
    done |= _done_besides(console, conn, duties)
    return [(name, address) for name, address in own if name not in done]


def _done_of_needed(console: Console, conn: Connection) -> frozenset[str]:
    """Which of the steps without which no school works are done."""
    school, classes = console.school, set(rows.of_feed(conn, console.school, CLASSES))
    return _names({
        "roster": bool(classes),
        "base": bool(classes) and classes <= set(base_figures.newest(conn, school)),
        "phones": any(not one.office for one in devices.all_of(conn, school)),
    })  # fmt: skip


def _done_besides(console: Console, conn: Connection, duties: Sequence[DutyLine]) -> frozenset[str]:
    """Which of the others are done; who has imported the roster has looked at the calendar."""
    school, classes = console.school, bool(rows.of_feed(conn, console.school, CLASSES))
    rules = rulebook.book(conn, school).on(console.wiring.clock().date())
    return _names({
        "staff": any({OFFICE, REGISTRAR} & {*one.roles} for one in accounts.all_of(conn, school) if one.active),
        "contacts": rules.code("contact.school") != NOT_SAID,
        "calendar": classes,
        "grades": classes and all(line.duty.kind != NAME_DIRECTOR for line in duties),
    })  # fmt: skip


def _names(done: Mapping[str, bool]) -> frozenset[str]:
    return frozenset(name for name, is_done in done.items() if is_done)
