"""Takes records in: checks the seal, judges, files, folds into the index and answers with a signed receipt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from casebook.errors import CasebookError, UnknownKey
from casebook.kinds import check_kind
from casebook.merging import Judgement, Verdict, classify
from casebook.policies import is_of_home
from casebook.protocol import (
    Outcome,
    PushReply,
    PushRequest,
    Receipt,
    SealedWire,
    Watermark,
    make_receipt,
    sealed_from_wire,
)
from casebook.records import rid_of
from casebook.sealing import Sealed, Signer, Verifier, unseal
from sync_server.batch import Arrival, Batch
from sync_server.lives import Lives
from sync_server.logs import trace
from sync_server.store import archive, devices, facts, homes, index, schools, visits
from sync_server.store.archive import Filed
from sync_server.store.devices import Device
from sync_server.store.engine import Connection, Store
from sync_server.together import Steps, Together, at_once
from sync_server.treelog import TreeLog

log = structlog.get_logger()

#: A clock that is off by less is as good as right: the way to the school takes its time as well.
CLOCK_TOLERANCE_SECONDS = 30
#: A device clock further ahead than this is testimony, but does not drag the school's clock along.
MAX_CLOCK_LEAD = dt.timedelta(hours=24)
#: What a record that nobody foresaw may raise while it is filed.
UNFORESEEN = (ValueError, KeyError, TypeError, LookupError)


@dataclass(frozen=True)
class SchoolLog:
    """Whose log a batch goes into, in which life of the store, when it came, and how far its clock was ahead."""

    school: str
    gen: str
    received_at: str
    clock_offset: int = 0


@dataclass
class _Push:
    """What one phone hands over, and, once it is committed, what it is told."""

    arrivals: list[Arrival]
    clock_offset: int
    wm: Watermark | None
    reply: PushReply | None = None


class Intake:
    """The only door through which records enter the archive of a school."""

    def __init__(
        self, store: Store, signer: Signer, verifier: Verifier, clock: Callable[[], dt.datetime], lives: Lives,
        tree: TreeLog,
    ) -> None:  # fmt: skip
        self._store = store
        self._tree = tree
        self._lives = lives
        self._signer = signer
        self._verifier = verifier
        self._clock = clock
        self._together: dict[str, Together[_Push]] = {}

    def push(self, device: Device, request: PushRequest, arrived: dt.datetime | None = None) -> PushReply:
        """What `pushing` returns, without letting others in."""
        return at_once(self.pushing(device, request, arrived))

    def pushing(
        self, device: Device, request: PushRequest, arrived: dt.datetime | None = None
    ) -> Steps[PushReply]:  # fmt: skip
        """Files a batch in one transaction; one outcome per record, in the order sent.

        `arrived` is when the request began to arrive, if not now: what the device's own clock is compared with.
        Acknowledged means committed and synced. Pushing again gives the very same receipts. Phones that come while
        others are being filed share the next transaction.
        """
        arrivals = self._read(device.school, request.records)
        push = _Push(arrivals, _seconds_ahead(request.sent_at, arrived or self._clock()), request.wm)
        together = self._together.setdefault(
            device.school, Together(lambda pushes: self._file_pushes(device.school, pushes))
        )
        yield from together.doing(push)
        assert push.reply is not None
        for arrival, outcome in zip(arrivals, push.reply.outcomes, strict=True):
            _tell(arrival, outcome)
        return push.reply

    def file(self, conn: Connection, school: str, sealed: Sealed) -> Outcome:
        """Files one record inside the caller's transaction; used for what the school's own office writes."""
        signers = devices.by_ids(conn, school, [sealed.keyid])
        arrival = self._open(sealed, signers)
        (outcome,) = self._file_batch(conn, self._log_of(conn, school), [arrival])
        _tell(arrival, outcome)
        return outcome

    def _file_pushes(self, school: str, pushes: list[_Push]) -> None:
        def work(conn: Connection) -> None:
            log_of = self._log_of(conn, school)
            filed = [self._file_or_spare(conn, replace(log_of, clock_offset=one.clock_offset), one.arrivals)
                     for one in pushes]  # fmt: skip
            note, size = self._tree.checkpoint(conn, school), schools.size(conn, school)
            for push, outcomes in zip(pushes, filed, strict=True):
                told = self._tree.told(conn, school, note, push.wm)
                push.reply = PushReply(outcomes, log_of.gen, size, *told)

        self._store.run_tx(work)

    def _read(self, school: str, wires: list[SealedWire]) -> list[Arrival]:
        """Everything that needs no lock: signatures and formats are checked before the transaction begins."""
        with self._store.read() as conn:
            signers = devices.by_ids(conn, school, [wire.keyid for wire in wires])
        return [self._open_wire(wire, signers) for wire in wires]

    def _open_wire(self, wire: SealedWire, signers: dict[str, Device]) -> Arrival:
        try:
            sealed = sealed_from_wire(wire)
        except CasebookError as error:
            return Arrival(rid_of(wire.payload.encode(errors="surrogatepass")), refusal=error.code)
        return self._open(sealed, signers)

    def _open(self, sealed: Sealed, signers: dict[str, Device]) -> Arrival:
        rid = sealed.rid
        try:
            signer = signers.get(sealed.keyid)
            if signer is None:
                raise UnknownKey()
            record = unseal(sealed, signer.public_key, self._verifier)
            check_kind(record)
        except CasebookError as error:
            return Arrival(rid, refusal=error.code)
        return Arrival(rid, sealed, record)

    def _log_of(self, conn: Connection, school: str) -> SchoolLog:
        return SchoolLog(school, schools.gen_of(conn, school), self._clock().isoformat(timespec="seconds"))

    def _file_or_spare(self, conn: Connection, log_of: SchoolLog, arrivals: list[Arrival]) -> list[Outcome]:
        """All at once; if that fails for a reason nobody foresaw, one by one, so that the others still go in."""
        try:
            with conn.begin_nested():
                return self._file_batch(conn, log_of, arrivals)
        except UNFORESEEN:
            return [self._file_alone(conn, log_of, arrival) for arrival in arrivals]

    def _file_alone(self, conn: Connection, log_of: SchoolLog, arrival: Arrival) -> Outcome:
        try:
            with conn.begin_nested():
                return self._file_batch(conn, log_of, [arrival])[0]
        except UNFORESEEN as error:
            log.error("record not filed", rid=arrival.rid, **trace(error))
            return Outcome(arrival.rid, Verdict.REFUSED, "server_fault")

    def _file_batch(self, conn: Connection, log_of: SchoolLog, arrivals: list[Arrival]) -> list[Outcome]:
        batch = Batch(conn, log_of.school, arrivals, self._lives)
        outcomes = [self._file(conn, log_of, batch, arrival) for arrival in arrivals]
        self._tree.append(conn, log_of.school, *batch.added)
        self._keep_clock(conn, log_of.school, arrivals, {sealed.rid for sealed in batch.added})
        return outcomes

    def _file(self, conn: Connection, log_of: SchoolLog, batch: Batch, arrival: Arrival) -> Outcome:
        if arrival.record is None or arrival.sealed is None:
            return Outcome(arrival.rid, Verdict.REFUSED, arrival.refusal)
        judgement = classify(arrival.record, batch.known(arrival.rid, arrival.record))
        if arrival.rid in batch.held:
            sseq, code, receipt = batch.held[arrival.rid]
            return Outcome(arrival.rid, Verdict.DUPLICATE, code, sseq, receipt)
        if judgement.verdict is Verdict.REFUSED:
            return Outcome(arrival.rid, judgement.verdict, judgement.code)
        filed = self._filed(conn, log_of, batch, arrival, judgement)
        archive.add(conn, log_of.school, filed)
        if log_of.clock_offset:
            facts.keep_offset(conn, log_of.school, filed.rid, log_of.clock_offset)
        if judgement.verdict is Verdict.STORED:
            _show(conn, log_of, filed)
        batch.add(filed.sealed, filed.record, (filed.sseq, filed.code, filed.receipt))
        return Outcome(filed.rid, judgement.verdict, judgement.code, filed.sseq, filed.receipt)

    def _filed(
        self, conn: Connection, log_of: SchoolLog, batch: Batch, arrival: Arrival, judgement: Judgement
    ) -> Filed:
        assert arrival.sealed is not None and arrival.record is not None
        sseq = schools.take(conn, log_of.school)
        said = Receipt(log_of.school, arrival.rid, sseq, log_of.gen, log_of.received_at, str(judgement.verdict))
        return Filed(
            arrival.sealed, arrival.record, sseq, log_of.received_at, judgement.verdict, judgement.code,
            make_receipt(said, self._signer), batch.flags(arrival.rid, arrival.record), arrival.rid,
        )  # fmt: skip

    def _keep_clock(self, conn: Connection, school: str, arrivals: list[Arrival], added: set[str]) -> None:
        latest = (self._clock() + MAX_CLOCK_LEAD).timestamp() * 1000
        read = [one.record.hlc for one in arrivals if one.record is not None and one.rid in added]
        newest = max((hlc for hlc in read if hlc[0] <= latest), default=None)
        if newest is not None:
            schools.keep_clock(conn, school, newest)


def _show(conn: Connection, log_of: SchoolLog, filed: Filed) -> None:
    """What the office sees of a record, in the commit that acknowledges it."""
    school, record = log_of.school, filed.record
    index.apply(conn, school, filed.entry)
    facts.note(conn, school, filed.rid, record)
    if record.case and any(map(is_of_home, record.set)):
        homes.share(conn, school, record.case, log_of.received_at)
    visit = archive.visit_of(record)
    if visit is not None:
        visits.refresh(conn, school, visit, filed.entry)


def _tell(arrival: Arrival, outcome: Outcome) -> None:
    kind = arrival.record.type if arrival.record else None
    log.info("record", rid=arrival.rid, type=kind, verdict=str(outcome.verdict), code=outcome.code)


def _seconds_ahead(sent_at: str | None, arrived: dt.datetime) -> int:
    """How far the device's clock was ahead, 0 when it was about right or did not say: such phones are served too."""
    try:
        said = dt.datetime.fromisoformat(sent_at or "")
        ahead = round((said - arrived).total_seconds())
    except (ValueError, TypeError):  # nothing said, no time, or one without its zone
        return 0
    return ahead if abs(ahead) > CLOCK_TOLERANCE_SECONDS else 0
