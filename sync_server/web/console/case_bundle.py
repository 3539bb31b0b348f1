"""The whole case file with everything that proves it, as one file for somebody who checks it elsewhere."""

from __future__ import annotations

from starlette.responses import Response

from casebook.verify.bundle import write_bundle
from sync_server import access, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.casebundle import make_bundle
from sync_server.web.console.page import Ask, Console


def export(console: Console, ask: Ask) -> Response:
    """The bundle, for a stated purpose. Raises NoSuchCase, NotAllowed."""
    case, wiring = ask.part("case"), console.wiring
    access.require(ask.actor, Verb.EXPORT_CASE)
    with wiring.store.read() as conn:
        console.cases.open(conn, case)
    content = write_bundle(make_bundle(wiring, case))
    facts = {"purpose": ask.form.get("purpose", "")[:40]}
    wiring.store.run_tx(lambda c: audit.note(c, ask.actor, wiring.now(), Act.EXPORT_CASE, f"case:{case}", **facts))
    named = f'attachment; filename="case-{case[:12]}.json"'
    return Response(content, media_type="application/json", headers={"Content-Disposition": named})
