"""Keeps the newest signed state of the school's log, and notices when the log is no longer what it was.

A log that does not continue what this phone has seen was restored from a copy, or rewritten: nothing here is ever
deleted for that. The phone reads from the start, offers again what the school lacks, and keeps the state that the
log does not continue as evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casebook.errors import CasebookError
from casebook.protocol import HelloReply, PullReply, PushReply, Watermark, unb64
from casebook.translog.checkpoints import Checkpoint, glance, open_checkpoint, origin_of
from casebook.translog.tree import extends
from fieldapp.cards import Anew
from fieldapp.sync.anew import begin_again
from fieldapp.sync.exchange import Exchange

if TYPE_CHECKING:
    from fieldapp.store.store import Database

EVIDENCE_KEPT = 20


def watermark(exchange: Exchange) -> Watermark | None:
    """The newest state of the log that this phone has accepted."""
    known = _known(exchange)
    return Watermark(known.gen, known.size, known.root.hex()) if known else None


def keep(exchange: Exchange, db: Database, reply: HelloReply | PushReply | PullReply) -> None:
    """Keeps the checkpoint of an answer; one that the school has not signed is noted and changes nothing."""
    if reply.checkpoint is None:
        return
    try:
        newest = open_checkpoint(reply.checkpoint, exchange.school, exchange.server_key, exchange.verifier)
        proof = [unb64(one) for one in reply.consistency or []]
    except CasebookError as error:
        exchange.note(error)
        return
    settings, known = exchange.books.settings, _known(exchange)
    if known and not (known.gen == newest.gen and extends(known.tree, newest.tree, proof)):
        evidence = [*settings.get(db, "unextended", []), settings.get(db, "checkpoint")]
        settings.put(db, unextended=evidence[-EVIDENCE_KEPT:])
        exchange.begins_anew(Anew.FORKED if known.gen == newest.gen else Anew.RESTORED)
        begin_again(exchange, db)
    settings.put(db, checkpoint=reply.checkpoint)


def _known(exchange: Exchange) -> Checkpoint | None:
    """The checkpoint of this school that was kept last; it was opened before it was kept."""
    note = exchange.books.settings.get(exchange.books.store.db, "checkpoint")
    known = glance(note) if note else None
    return known if known and known.origin == origin_of(exchange.school) else None
