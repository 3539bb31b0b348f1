"""Sends sealed records, oldest first. A record counts as sent only by a receipt that the school's key has signed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from casebook.errors import CasebookError, InputError, SealBroken, SyncStuck
from casebook.merging import Verdict
from casebook.protocol import (
    MAX_PUSH_RECORDS,
    MissingRequest,
    Outcome,
    PushRequest,
    Receipt,
    read_receipt,
    sealed_to_wire,
)
from casebook.sealing import Sealed
from fieldapp.cards import Step
from fieldapp.store import uploads
from fieldapp.sync import checkpoints
from fieldapp.sync.exchange import ASK_AT_ONCE, Exchange

PUSH_BYTES = 512 * 1024  # a batch that is cut is sent again: keep it small

Settlement = tuple[str, str, str | None, dict[str, Any]]  # rid, verdict, code, proof


def push_records(exchange: Exchange) -> None:
    """Offers every record the school has not answered for. Raises SyncStuck when it answers for none of them."""
    books = exchange.books
    unsent = books.records.unsent(books.store.db)
    most = max(1, min(exchange.push_batch, MAX_PUSH_RECORDS))
    answered = 0
    for batch in books.records.batches(books.store.db, unsent, most, PUSH_BYTES):
        exchange.check()
        answered += _push(exchange, batch)
        exchange.show(Step.TEXTS, texts_done=exchange.shown.texts_done + len(batch))
    if unsent and not answered and not exchange.tally.notes:
        raise SyncStuck(what="texts", count=len(unsent))


def offer_again(exchange: Exchange) -> None:
    """After the school's computer was restored: asks for every record here, and offers again what it lacks.

    Of records that it has, it says by itself which files it lacks: their names need not be sent.
    """
    books = exchange.books
    ids = books.records.ids(books.store.db)
    with books.store.write() as db:
        uploads.offer_all_again(db)
    for start in range(0, len(ids), ASK_AT_ONCE):
        asked = MissingRequest(rids=ids[start : start + ASK_AT_ONCE], with_files=exchange.with_files or None)
        reply = exchange.patiently(exchange.conversation.missing, asked)
        lacking = set(reply.rids)
        with books.store.write() as db:
            books.records.offer_again(db, [rid for rid in asked.rids if rid in lacking])
            if exchange.with_files:
                held = [rid for rid in asked.rids if rid not in lacking]
                uploads.keep_arrived_but(db, held, {file.sha256 for file in reply.files})
    with books.store.write() as db:
        books.settings.put(db, offer_again=False)


def _push(exchange: Exchange, batch: list[Sealed]) -> int:
    """Pushes a batch; how many of its records are settled now. A batch refused as a whole is halved."""
    try:
        reply = exchange.patiently(lambda: exchange.conversation.push(_request(exchange, batch)))
    except InputError as error:
        if len(batch) == 1:
            return _keep_reason(exchange, batch[0].rid, error)
        middle = len(batch) // 2
        return _push(exchange, batch[:middle]) + _push(exchange, batch[middle:])
    outcomes = {outcome.rid: outcome for outcome in reply.outcomes}
    offered = [outcomes[sealed.rid] for sealed in batch if sealed.rid in outcomes]
    settled = [found for outcome in offered if (found := _settlement(exchange, outcome))]
    with exchange.books.store.write() as db:
        for settlement in settled:
            exchange.books.records.settle(db, *settlement)
        checkpoints.keep(exchange, db, reply)
    return len(settled)


def _request(exchange: Exchange, batch: list[Sealed]) -> PushRequest:
    """The batch, with what this phone's clock says as it goes out: the school measures by it how far it is off."""
    now = dt.datetime.fromtimestamp(exchange.now_ms() / 1000, dt.UTC)
    return PushRequest([sealed_to_wire(sealed) for sealed in batch], now.isoformat(timespec="seconds"),
                       wm=checkpoints.watermark(exchange))


def _settlement(exchange: Exchange, outcome: Outcome) -> Settlement | None:
    """What to keep about one record; None when its receipt proves nothing."""
    tally = exchange.tally
    if outcome.verdict == Verdict.REFUSED:
        tally.refused += 1
        return outcome.rid, Verdict.REFUSED, outcome.code, {}
    try:
        receipt = _proven(exchange, outcome)
    except CasebookError as error:
        exchange.note(error)
        return None
    tally.texts_sent += 1
    tally.quarantined += receipt.verdict == Verdict.QUARANTINED
    return outcome.rid, receipt.verdict, outcome.code, _proof(outcome, receipt)


def _proven(exchange: Exchange, outcome: Outcome) -> Receipt:
    """The receipt, if it is this school's and about this very record. Raises SealBroken, RequestMalformed."""
    if outcome.receipt is None:
        raise SealBroken(what="receipt", reason="none")
    receipt = read_receipt(outcome.receipt, exchange.server_key, exchange.verifier)
    if receipt.rid != outcome.rid or receipt.school != exchange.school:
        raise SealBroken(what="receipt", reason="of_another")
    return receipt


def _proof(outcome: Outcome, receipt: Receipt) -> dict[str, Any]:
    signed = outcome.receipt
    return {
        "sseq": receipt.sseq,
        "received_at": receipt.received_at,
        "receipt": signed.payload if signed else None,
        "receipt_sig": signed.sig if signed else None,
    }


def _keep_reason(exchange: Exchange, rid: str, error: CasebookError) -> int:
    """The request could not be taken because of this record: it stays unsent, with the reason for the outbox."""
    exchange.note(error)
    with exchange.books.store.write() as db:
        exchange.books.records.settle(db, rid, None, error.code, {})
    return 0


