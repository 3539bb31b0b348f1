"""The leaves of a child: the list with its history, entering one, the call that checks it, its end."""

from __future__ import annotations

from starlette.responses import Response

from casebook.errors import NoSuchCase
from casebook.feeds import STUDENTS
from casebook.kinds.leave import LEAVE_KINDS, PROOFS
from sync_server import access, audit
from sync_server.access import Subject, Verb
from sync_server.audit import Act
from sync_server.leaves import Asked, LeaveBook
from sync_server.store import accounts, rows
from sync_server.web.console.page import Ask, Console, go

FIELDS = ("first", "last", "kind", "asked_by", "reason", "proof")


def show(console: Console, ask: Ask) -> Response:
    """Every leave of the child. Raises NotAllowed, NoSuchCase."""
    return _drawn(console, ask)


def enter(console: Console, ask: Ask) -> Response:
    """Files a leave, or shows what is wrong. Raises NotAllowed, NoSuchCase."""
    asked = Asked(**{name: ask.form.get(name, "") for name in FIELDS})
    faults = book(console).enter(ask.actor, ask.part("case"), asked)
    return _drawn(console, ask, tuple(faults), asked) if faults else _done(ask, "entered")


def step(console: Console, ask: Ask) -> Response:
    """Files the call, the end or the withdrawal of a leave. Raises NotAllowed, NoSuchCase, NoSuchPage."""
    name = ask.form.get("step", "")
    faults = book(console).step(ask.actor, ask.part("case"), ask.part("leave"), name, ask.form.get("said", ""))
    return _drawn(console, ask, tuple(faults)) if faults else _done(ask, name)


def book(console: Console) -> LeaveBook:
    """The use case, over the console's wiring."""
    wiring = console.wiring
    return LeaveBook(wiring.store, console.school, wiring.office, wiring.clock)


def _drawn(console: Console, ask: Ask, faults: tuple[str, ...] = (), typed: Asked | None = None) -> Response:
    case, wiring = ask.part("case"), console.wiring
    with wiring.store.read() as conn:
        child = rows.one(conn, console.school, STUDENTS, case)
        if child is None:
            raise NoSuchCase()
        about = Subject(case, child["class_id"])
        access.require(ask.actor, Verb.READ_CASE, about)
        leaves, names = book(console).of(conn, case), accounts.names(conn, console.school)
    wiring.store.run_tx(lambda c: audit.note(c, ask.actor, wiring.now(), Act.READ_CASE, f"case:{case}"))
    return console.page(
        ask, "leaves", 422 if faults else 200, child=child, leaves=leaves, names=names, faults=faults, typed=typed,
        may_keep=access.allows(ask.actor, Verb.KEEP_LEAVE, about), today=wiring.clock().date(),
        kinds=sorted(LEAVE_KINDS), proofs=sorted(PROOFS), done=ask.query("done"),
    )  # fmt: skip


def _done(ask: Ask, what: str) -> Response:
    return go(f"/cases/{ask.part('case')}/leaves?done={what}")
