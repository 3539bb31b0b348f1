"""Seals what this phone writes: its place in the device's chain, the signature and the row, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from casebook.errors import NotEnrolled
from casebook.kinds import check_kind
from casebook.records import Record, Span, hlc_next
from casebook.sealing import device_id, seal
from casebook.translog.checkpoints import glance, origin_of
from fieldapp.platform.clock import instant, offset_text
from fieldapp.store.records import ChainState
from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from fieldapp.store.store import Database


def unsealed(
    work: Workspace, kind: str, case: str | None, body: Mapping[str, Any], *, amends: tuple[str, ...] = (),
    started: str | None = None,
) -> Record:  # fmt: skip
    """A record of this teacher, ended now and still without its place in the chain. Raises NotEnrolled."""
    account, school = work.account(), work.books.settings.get(work.db, "school", {})
    if not account or not school:
        raise NotEnrolled()
    now = instant(work.clock.now())
    return Record(
        type=kind, school=school["id"], author=str(account["id"]), dev=device_id(work.signer().public_key), ep=0, seq=0,
        prev="", hlc=(0, 0), at=Span(started or now, now, offset_text(work.clock.tz), work.clock.monotonic_ms()),
        case=case, amends=amends, body=dict(body),
    )  # fmt: skip


def seal_own(work: Workspace, record: Record, also: Callable[[Database, str, Record], object]) -> str:
    """Gives the record its place behind the newest one, signs and keeps it; its rid.

    What `also(db, rid, record)` writes is part of the same transaction. Raises NotEnrolled, RecordMalformed,
    RecordTooLarge, StorageFull.
    """
    check_kind(record)
    signer, counted = work.signer(), work.signer_store.counted()
    with work.books.store.write() as db:
        chain = work.books.records.chain(db, record.dev)
        if chain is None:
            raise NotEnrolled()
        if counted and counted[0] == chain.ep and counted[1] > chain.seq:  # the database was set back
            chain = ChainState.new_epoch(chain.hlc)
        hlc = hlc_next(chain.hlc, round(work.clock.now().timestamp() * 1000))
        seen = _seen(work, db, record.school)
        placed = replace(record, ep=chain.ep, seq=chain.seq + 1, prev=chain.rid, hlc=hlc, seen=seen)
        sealed = seal(placed, signer)
        work.books.records.add_own(db, sealed, placed, placed.at.ended)
        work.books.records.put_chain(db, record.dev, ChainState(chain.ep, placed.seq, sealed.rid, hlc))
        also(db, sealed.rid, placed)
    work.signer_store.count(placed.ep, placed.seq)
    return sealed.rid


def _seen(work: Workspace, db: Database, school: str) -> dict[str, str | int] | None:
    """The newest state of the school's log that this phone knows: the record cannot be older than that."""
    note = work.books.settings.get(db, "checkpoint")
    known = glance(note) if note else None
    return known.seen if known and known.origin == origin_of(school) else None
