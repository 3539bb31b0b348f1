"""Names somebody who answers for a child besides its class teacher, or takes the name back."""

from __future__ import annotations

from starlette.responses import Response

from sync_server.assigning import Assigning
from sync_server.web.console.page import Ask, Console, go


def save(console: Console, ask: Ask) -> Response:
    """Assigns or releases one colleague. Raises NotAllowed, NoSuchCase, NoSuchPage."""
    case, who, use = ask.part("case"), ask.form.get("account", ""), assigning(console)
    release = ask.form.get("step") == "release"
    (use.release if release else use.assign)(ask.actor, case, who)
    return go(f"/cases/{case}?done={'released' if release else 'assigned'}")


def assigning(console: Console) -> Assigning:
    """The use case, over the console's store."""
    return Assigning(console.wiring.store, console.school, console.wiring.now)
