"""Finds the device that makes a request by its bearer token."""

from __future__ import annotations

from starlette.requests import Request

from casebook.errors import NotEnrolled
from sync_server.store.devices import Device
from sync_server.wiring import Wiring

#: Where the guard finds whose request it was, for its line in the log.
LOGGED_DEVICE = "jiafang.device"


def device_of(wiring: Wiring, request: Request) -> Device:
    """The device whose token the request carries, revoked or not. Raises NotEnrolled. Asks the store: use a thread."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotEnrolled()
    device = wiring.enrolment.device_of(token.strip())
    request.scope[LOGGED_DEVICE] = device.dev[:12]
    return device
