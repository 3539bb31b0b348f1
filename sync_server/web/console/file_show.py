"""A photo or another file of a visit, for those who may read the visit."""

from __future__ import annotations

import re

from starlette.responses import Response

from casebook.errors import NoSuchFile
from sync_server import access, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.web.console.page import Ask, Console

HEX64 = re.compile(r"[0-9a-f]{64}\Z")
FOR_GOOD = "private, max-age=31536000, immutable"


def show(console: Console, ask: Ask) -> Response:
    """The file's bytes, checked against its hash. Raises NoSuchVisit, NotAllowed, NoSuchFile."""
    visit, sha256, wiring = ask.part("visit"), ask.part("sha256"), console.wiring
    with wiring.store.read() as conn:
        _, subject = console.visits.subject(conn, visit)
        access.require(ask.actor, Verb.READ_EVIDENCE, subject)
        found = console.visits.content(conn, visit, sha256) if HEX64.match(sha256) else None
    if found is None:
        raise NoSuchFile()
    file, content = found
    facts = {"sha256": sha256}
    wiring.store.run_tx(lambda c: audit.note(c, ask.actor, wiring.now(), Act.READ_FILE, f"visit:{visit}", **facts))
    headers = {"Cache-Control": FOR_GOOD, "ETag": f'"{sha256}"', "Content-Disposition": "inline"}
    return Response(content, media_type=file.type, headers=headers)
