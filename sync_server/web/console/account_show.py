"""One's own account: who one is, which phones there are, and a code for a new phone."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from sync_server import access
from sync_server.access import Verb
from sync_server.store import accounts, devices, visit_lists
from sync_server.store.devices import Device
from sync_server.web.console.page import Ask, Console, go, role_names
from sync_server.web.console.staff_pages import staffing


@dataclass(frozen=True)
class DeviceLine:
    """A phone, whose it is, when the school last got a record from it, and that record's number."""

    device: Device
    owner: str
    last_seen: str | None
    last_record: int | None


@dataclass(frozen=True)
class Colleague:
    """Somebody who may get an enrolment code."""

    id: str
    name: str
    roles: str


def show(console: Console, ask: Ask) -> Response:
    """The page; principals and the office see every phone and may make codes."""
    return _drawn(console, ask, ())


def change_password(console: Console, ask: Ask) -> Response:
    """Changes one's own password and asks for a new login, or says what is wrong."""
    new = ask.form.get("new", "")
    if new != ask.form.get("again", ""):
        return _drawn(console, ask, ("staff.fault.twice",))
    faults = staffing(console).own_password(ask.actor, ask.form.get("old", ""), new)
    return _drawn(console, ask, faults) if faults else go("/login?done=password")


def _drawn(console: Console, ask: Ask, faults: tuple[str, ...]) -> Response:
    actor = ask.actor
    everyone, may_make = access.allows(actor, Verb.READ_DEVICES), access.allows(actor, Verb.MAKE_ENROL_CODE)
    with console.wiring.store.read() as conn:
        phones = [d for d in devices.all_of(conn, console.school) if everyone or d.account == actor.id]
        newest = visit_lists.newest_by_device(conn, console.school, [device.dev for device in phones])
        names = accounts.names(conn, console.school)
        staff = [one for one in accounts.all_of(conn, console.school) if one.active] if may_make else []
    lines = [
        DeviceLine(device, names.get(device.account, ""), *newest.get(device.dev, (None, None))) for device in phones
    ]
    lines.sort(key=lambda line: (line.last_seen or "", line.device.enrolled_at), reverse=True)
    colleagues = [Colleague(one.id, one.name, role_names(ask.wording, one)) for one in staff]
    return console.page(
        ask, "account", 422 if faults else 200, devices=lines, all_devices=everyone, staff=colleagues, faults=faults,
        may_keep_staff=access.allows(actor, Verb.KEEP_STAFF),
    )  # fmt: skip
