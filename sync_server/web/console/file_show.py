"""A photo or another file of a visit, for those who may read the visit."""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.responses import Response

from casebook.errors import NoSuchFile
from casebook.filekinds import PAPERS, SOUNDS
from sync_server import access, aid, audit, pictures
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.captures import PAPER
from sync_server.filetypes import STROKES
from sync_server.visits import Found
from sync_server.web.console.page import Ask, Console
from sync_server.web.stored import stored

HEX64 = re.compile(r"[0-9a-f]{64}\Z")
SHOWN = frozenset({*pictures.KINDS, *SOUNDS, STROKES})
FOR_GOOD = "private, max-age=31536000, immutable"


def show(console: Console, ask: Ask) -> Response:
    """The file's bytes, checked against its hash; players may ask for ranges.

    Raises NoSuchVisit, NotAllowed, NoSuchFile.
    """
    visit, sha256, wiring = ask.part("visit"), ask.part("sha256"), console.wiring
    with wiring.store.read() as conn:
        _, subject = console.visits.subject(conn, visit)
        proofs = aid.require_visit(conn, console.visits, ask.actor, visit, subject)
        if HEX64.match(sha256) and console.visits.kept_back(conn, visit, sha256, proofs):
            access.require(ask.actor, Verb.READ_RESTRICTED, access.written_by(subject))
        found = console.visits.file(conn, visit, sha256) if HEX64.match(sha256) else None
    if found is None:
        raise NoSuchFile()
    facts = {"sha256": sha256}
    wiring.store.run_tx(lambda c: audit.note(c, ask.actor, wiring.now(), Act.READ_FILE, f"visit:{visit}", **facts))
    headers = {"Cache-Control": FOR_GOOD, "Content-Disposition": _disposition(found)}
    return stored(ask.request, wiring.blobs.files, found.file, headers)


def _disposition(found: Found) -> str:
    """Pictures, strokes and sounds stand on the page; a document is only ever saved, under the name it had."""
    if found.role != PAPER and found.file.type in SHOWN:
        return "inline"
    suffix = PAPERS.get(found.file.type, "bin")
    name = found.name if found.name.endswith(f".{suffix}") else f"{found.name}.{suffix}"
    return f"attachment; filename=\"{found.file.sha256[:12]}.{suffix}\"; filename*=UTF-8''{quote(name, safe='')}"
