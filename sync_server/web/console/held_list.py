"""Records that arrived properly sealed but wait for a person: from a revoked phone, about an unknown child, …"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from casebook.wording import Wording
from sync_server import access
from sync_server.access import Verb
from sync_server.store import accounts, devices, originals
from sync_server.store.originals import Original
from sync_server.web.console.page import Ask, Console


@dataclass(frozen=True)
class HeldLine:
    """A record in quarantine: by whom, on which phone, and why it waits."""

    original: Original
    author: str
    device: str
    reason: str


def show(console: Console, ask: Ask) -> Response:
    """The records, the newest first. Raises NotAllowed."""
    access.require(ask.actor, Verb.READ_DEVICES)
    with console.wiring.store.read() as conn:
        held = originals.held(conn, console.school)
        names = accounts.names(conn, console.school)
        phones = devices.by_ids(conn, console.school, [original.sealed.keyid for original in held])
    lines = [
        HeldLine(
            original, names.get(original.author, ""),
            phones[original.sealed.keyid].name if original.sealed.keyid in phones else "",
            reason_in_words(ask.wording, original.code),
        )
        for original in held
    ]  # fmt: skip
    return console.page(ask, "held", lines=lines)


def reason_in_words(wording: Wording, code: str | None) -> str:
    """Why a record waits; a reason that only a newer server knows is shown by its code."""
    key = f"console.held.{code}"
    return wording(key) if wording.has(key) else str(code)
