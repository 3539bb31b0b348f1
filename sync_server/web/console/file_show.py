"""A photo or another file of a visit, whole or as a small picture, for those who may read the visit."""

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
from sync_server.thumbnails import TYPE
from sync_server.visits import Found
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.stored import stored

HEX64 = re.compile(r"[0-9a-f]{64}\Z")
SHOWN = frozenset({*pictures.KINDS, *SOUNDS, STROKES})
FOR_GOOD = "private, max-age=31536000, immutable"


def show(console: Console, ask: Ask) -> Response:
    """The file's bytes, checked against its hash; players may ask for ranges.

    Raises NoSuchVisit, NotAllowed, NoSuchFile.
    """
    found = _opened(console, ask)
    console.visits.checked(found.file.sha256)
    headers = {"Cache-Control": FOR_GOOD, "Content-Disposition": _disposition(found)}
    return stored(ask.request, console.wiring.blobs.files, found.file, headers)


def show_small(console: Console, ask: Ask) -> Response:
    """A small picture of the photo, for the same people; where none can be made, the photo itself.

    Raises as `show` does.
    """
    found = _opened(console, ask)
    sha256, is_picture = found.file.sha256, found.file.type in pictures.KINDS
    small = console.small.of(sha256, lambda: console.visits.checked(sha256)) if is_picture else None
    if small is None:
        return go(f"/visits/{ask.part('visit')}/files/{sha256}")
    return Response(small, headers={"Cache-Control": FOR_GOOD, "Content-Disposition": "inline"}, media_type=TYPE)


def _opened(console: Console, ask: Ask) -> Found:
    """The file, if it may be seen; that it was is noted."""
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
    return found


def _disposition(found: Found) -> str:
    """Pictures, strokes and sounds stand on the page; a document is only ever saved, under the name it had."""
    if found.role != PAPER and found.file.type in SHOWN:
        return "inline"
    suffix = PAPERS.get(found.file.type, "bin")
    name = found.name if found.name.endswith(f".{suffix}") else f"{found.name}.{suffix}"
    return f"attachment; filename=\"{found.file.sha256[:12]}.{suffix}\"; filename*=UTF-8''{quote(name, safe='')}"
