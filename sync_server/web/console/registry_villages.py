"""The village areas: how many children live there, and who leads each (R03)."""

from __future__ import annotations

from collections import Counter

from starlette.responses import Response

from sync_server import access
from sync_server.access import Verb
from sync_server.registry import AWAY
from sync_server.store import accounts
from sync_server.web.console.assign_save import assigning
from sync_server.web.console.page import Ask, Console, go, role_names
from sync_server.web.console.registry_list import loaded


def show(console: Console, ask: Ask) -> Response:
    """All villages by code. Raises NotAllowed."""
    access.require(ask.actor, Verb.KEEP_REGISTER)
    now = loaded(console, ask)
    with console.wiring.store.read() as conn:
        staff = [one for one in accounts.all_of(conn, console.school) if one.active]
    children = Counter(one.village for one in now.students.values() if one.roll_status not in AWAY)
    return console.page(
        ask, "registry_villages", villages=sorted(now.villages.values(), key=lambda one: one.code), children=children,
        staff=sorted(staff, key=lambda one: (one.name, one.id)), names={one.id: one.name for one in staff},
        roles_of=lambda person: role_names(ask.wording, person), done=ask.query("done"),
    )  # fmt: skip


def save(console: Console, ask: Ask) -> Response:
    """Notes the leader of one village. Raises NotAllowed, NoSuchPage."""
    assigning(console).lead(ask.actor, ask.form.get("village", ""), ask.form.get("leader", ""))
    return go("/roster/villages?done=led")
