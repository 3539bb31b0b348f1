"""Names somebody who answers for a child besides its class teacher or is its pair, or takes the name back."""

from __future__ import annotations

from starlette.responses import Response

from sync_server.assigning import Assigning
from sync_server.web.console.page import Ask, Console, go


def save(console: Console, ask: Ask) -> Response:
    """Assigns, pairs or releases one colleague. Raises NotAllowed, NoSuchCase, NoSuchPage."""
    case, who, use = ask.part("case"), ask.form.get("account", ""), assigning(console)
    step = ask.form.get("step", "")
    steps = {"release": (use.release, "released"), "pair": (use.pair, "paired")}
    act, done = steps.get(step, (use.assign, "assigned"))
    act(ask.actor, case, who)
    return go(f"/cases/{case}?done={done}")


def assigning(console: Console) -> Assigning:
    """The use case, over the console's store."""
    return Assigning(console.wiring.store, console.school, console.wiring.now)
