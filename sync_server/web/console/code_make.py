"""Makes an enrolment code for a colleague's phone and shows it once."""

from __future__ import annotations

from starlette.responses import Response

from casebook.errors import NoSuchPage
from sync_server import access, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.enrolment import EnrolCode
from sync_server.store import accounts
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection
from sync_server.web.console.page import Ask, Console

#: By these names a computer calls itself; no phone reaches it by them.
ONLY_HERE = ("127.0.0.1", "localhost", "::1")


def save(console: Console, ask: Ask) -> Response:
    """The code, large, with the time until which it holds. Raises NotAllowed, NoSuchPage."""
    access.require(ask.actor, Verb.MAKE_ENROL_CODE)
    wiring = console.wiring

    def make(conn: Connection) -> tuple[Account, EnrolCode]:
        owner = accounts.by_id(conn, console.school, ask.form.get("account", ""))
        if owner is None or not owner.active:
            raise NoSuchPage()
        code = wiring.enrolment.make_code(conn, owner)
        audit.note(conn, ask.actor, wiring.now(), Act.MAKE_ENROL_CODE, f"account:{owner.id}")
        return owner, code

    owner, code = wiring.store.run_tx(make)
    address = ask.request.base_url
    return console.page(
        ask, "code", owner=owner.name, code=code.text, expires_at=code.expires_at,
        address="" if address.hostname in ONLY_HERE else str(address).rstrip("/"),
    )  # fmt: skip
