"""One record as it was sealed, byte for byte: for those who want to check with their own tools."""

from __future__ import annotations

import re

from starlette.responses import Response

from casebook.errors import LookupFailed, NoSuchPage
from casebook.protocol import b64
from sync_server import access, audit
from sync_server.access import Subject, Verb
from sync_server.answers import Answers
from sync_server.audit import Act
from sync_server.seals import Examined
from sync_server.store import originals
from sync_server.store.engine import Connection
from sync_server.store.originals import Original
from sync_server.web.console.page import Ask, Console
from sync_server.web.console.sealed import said
from sync_server.withheld import Confidential

HEX64 = re.compile(r"[0-9a-f]{64}\Z")


def show(console: Console, ask: Ask) -> Response:
    """The record's bytes, its signature, and what the seal says. Raises NoSuchPage, NotAllowed."""
    rid, wiring = ask.part("rid"), console.wiring
    with wiring.store.read() as conn:
        original = originals.one(conn, console.school, rid) if HEX64.match(rid) else None
        if original is None:
            raise NoSuchPage()
        seal = console.seals.explain(conn, original)
        _require(console, conn, ask, original, seal)
    wiring.store.run_tx(lambda c: audit.note(c, ask.actor, wiring.now(), Act.READ_RECORD, f"record:{rid}"))
    return console.page(
        ask, "record", original=original, signature=b64(original.sealed.signature),
        findings=said(console, ask, seal), text=original.sealed.payload.decode(errors="replace"),
    )  # fmt: skip


def _require(console: Console, conn: Connection, ask: Ask, original: Original, seal: Examined) -> None:
    """A record shows everything, so it opens only to who may read all of it."""
    subject = Subject(original.case or "", written_by=frozenset({original.author}))
    try:
        if original.type == "visit" and original.visit:
            _, subject = console.visits.subject(conn, original.visit)
        elif original.case:
            subject = console.cases.open(conn, original.case).subject
    except LookupFailed:
        pass  # in quarantine: the child or visit is not known, so only the whole school's readers may look
    verb = Verb.READ_EVIDENCE if original.type == "visit" else Verb.READ_CASE
    access.require(ask.actor, verb, subject)
    confidential = Confidential(Answers(console.school, console.wiring.clock))
    if seal.record is None or confidential.is_told(conn, seal.record):
        written = Subject(original.case or "", written_by=frozenset({original.author}))
        access.require(ask.actor, Verb.READ_RESTRICTED, written)
