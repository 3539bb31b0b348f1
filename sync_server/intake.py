"""Takes records in: checks the seal, judges, files, folds into the index and answers with a signed receipt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from casebook.errors import CasebookError, UnknownKey
from casebook.feeds import STUDENTS
from casebook.kinds import check_kind
from casebook.kinds.headcount import LESSON
from casebook.merging import Judgement, Known, Standing, Verdict, classify
from casebook.policies import is_of_home
from casebook.protocol import (
    Outcome,
    PushReply,
    PushRequest,
    Receipt,
    SealedWire,
    make_receipt,
    sealed_from_wire,
)
from casebook.records import Record, rid_of
from casebook.sealing import Sealed, Signer, Verifier, unseal
from sync_server import access
from sync_server.access import Subject, Verb
from sync_server.actverbs import VERB_OF_ACT
from sync_server.lives import Lives
from sync_server.logs import trace
from sync_server.store import accounts, archive, devices, facts, forms, homes, index, rooms, rows, schools, visits
from sync_server.store.accounts import Account
from sync_server.store.archive import Filed
from sync_server.store.devices import Device
from sync_server.store.engine import Connection, Store
from sync_server.treelog import TreeLog

log = structlog.get_logger()

#: State of a child that left the school for good (domain 4.12): what phones still send waits for a person.
CLOSED_STATE = "C8"
#: A clock that is off by less is as good as right: the way to the school takes its time as well.
CLOCK_TOLERANCE_SECONDS = 30
#: A device clock further ahead than this is testimony, but does not drag the school's clock along.
MAX_CLOCK_LEAD = dt.timedelta(hours=24)


@dataclass(frozen=True)
class Arrival:
    """A record as it came in: readable and properly sealed, or the code of what can never be right about it."""

    rid: str
    sealed: Sealed | None = None
    record: Record | None = None
    refusal: str | None = None


@dataclass(frozen=True)
class SchoolLog:
    """Whose log a batch goes into, in which life of the store, when it came, and how far its clock was ahead."""

    school: str
    gen: str
    received_at: str
    clock_offset: int = 0


class Intake:
    """The only door through which records enter the archive."""

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

    def push(self, device: Device, request: PushRequest, arrived: dt.datetime | None = None) -> PushReply:
        """Files a batch in one transaction; one outcome per record, in the order sent.

        `arrived` is when the request began to arrive, if not now: what the device's own clock is compared with.
        Acknowledged means committed and synced. Pushing again gives the very same receipts.
        """
        arrivals = self._read(device.school, request.records)
        ahead = _seconds_ahead(request.sent_at, arrived or self._clock())

        def work(conn: Connection) -> PushReply:
            log_of = replace(self._log_of(conn, device.school), clock_offset=ahead)
            outcomes = [self._file_alone(conn, log_of, arrival) for arrival in arrivals]
            told = self._tree.told(conn, device.school, self._tree.checkpoint(conn, device.school), request.wm)
            return PushReply(outcomes, log_of.gen, schools.size(conn, device.school), *told)

        return self._store.run_tx(work)

    def file(self, conn: Connection, school: str, sealed: Sealed) -> Outcome:
        """Files one record inside the caller's transaction; used for what the school's own office writes."""
        signers = devices.by_ids(conn, school, [sealed.keyid])
        arrival = self._open(sealed, signers)
        return self._file(conn, self._log_of(conn, school), arrival)

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
        try:
            signer = signers.get(sealed.keyid)
            if signer is None:
                raise UnknownKey()
            record = unseal(sealed, signer.public_key, self._verifier)
            check_kind(record)
        except CasebookError as error:
            return Arrival(sealed.rid, refusal=error.code)
        return Arrival(sealed.rid, sealed, record)

    def _log_of(self, conn: Connection, school: str) -> SchoolLog:
        return SchoolLog(school, schools.gen_of(conn, school), self._clock().isoformat(timespec="seconds"))

    def _file_alone(self, conn: Connection, log_of: SchoolLog, arrival: Arrival) -> Outcome:
        """One record in its own savepoint: if it fails for a reason nobody foresaw, the rest still goes in."""
        try:
            with conn.begin_nested():
                return self._file(conn, log_of, arrival)
        except (ValueError, KeyError, TypeError, LookupError) as error:
            log.error("record not filed", rid=arrival.rid, **trace(error))
            return Outcome(arrival.rid, Verdict.REFUSED, "server_fault")

    def _file(self, conn: Connection, log_of: SchoolLog, arrival: Arrival) -> Outcome:
        if arrival.record is None or arrival.sealed is None:
            log.info("record", rid=arrival.rid, verdict="refused", code=arrival.refusal)
            return Outcome(arrival.rid, Verdict.REFUSED, arrival.refusal)
        held = archive.receipt(conn, log_of.school, arrival.rid)
        judgement = classify(arrival.record, self._known(conn, log_of.school, arrival.record, held is not None))
        log.info("record", rid=arrival.rid, type=arrival.record.type, verdict=judgement.verdict, code=judgement.code)
        if held is not None:
            sseq, code, receipt = held
            return Outcome(arrival.rid, Verdict.DUPLICATE, code, sseq, receipt)
        if judgement.verdict is Verdict.REFUSED:
            return Outcome(arrival.rid, judgement.verdict, judgement.code)
        return self._add(conn, log_of, arrival.sealed, arrival.record, judgement)

    def _add(
        self, conn: Connection, log_of: SchoolLog, sealed: Sealed, record: Record, judgement: Judgement
    ) -> Outcome:
        school, verdict, sseq = log_of.school, judgement.verdict, schools.take(conn, log_of.school)
        said = Receipt(school, sealed.rid, sseq, log_of.gen, log_of.received_at, str(verdict))
        receipt = make_receipt(said, self._signer)
        flags = _flags(conn, school, sealed.rid, record)
        filed = Filed(sealed, record, sseq, log_of.received_at, verdict, judgement.code, receipt, flags)
        archive.add(conn, school, filed)
        self._tree.append(conn, school, sealed)
        archive.close_gap(conn, school, filed.rid, record)
        self._keep_clock(conn, school, record)
        if log_of.clock_offset:
            facts.keep_offset(conn, school, filed.rid, log_of.clock_offset)
        if verdict is Verdict.STORED:
            index.apply(conn, school, filed.entry)
            facts.note(conn, school, filed.rid, record)
            if record.case and any(map(is_of_home, record.set)):
                homes.share(conn, school, record.case, log_of.received_at)
            visit = archive.visit_of(record)
            if visit is not None:
                visits.refresh(conn, school, visit)
        return Outcome(filed.rid, verdict, judgement.code, sseq, receipt)

    def _known(self, conn: Connection, school: str, record: Record, stored: bool) -> Known:
        """What the school knows about the key, the child and the author of an arriving record."""
        known = Known(stored, _standing(conn, school, record.dev))
        if record.case is not None:
            here = rows.class_of(conn, school, record.case) is not None
            known = replace(known, case_known=here, case_open=not here or self._is_open(conn, school, record.case))
        if record.type not in ("act", "leave", "headcount"):
            return known
        author = accounts.by_id(conn, school, record.author)
        known = replace(known, roles=frozenset(author.roles if author else ()))
        if record.type == "headcount":
            may_count, names_own = _may_count(conn, school, record, author), _names_own(conn, school, record)
            return replace(known, may_count=may_count, names_own=names_own)
        return replace(known, may_act=_may_act(conn, school, record, author))

    def _is_open(self, conn: Connection, school: str, case: str) -> bool:
        """Working the state out is worth it only for a case that was closed at some time."""
        return not facts.closed_once(conn, school, case) or self._lives.of(conn, case).state != CLOSED_STATE

    def _keep_clock(self, conn: Connection, school: str, record: Record) -> None:
        latest = self._clock() + MAX_CLOCK_LEAD
        if record.hlc[0] <= latest.timestamp() * 1000:
            schools.keep_clock(conn, school, record.hlc)


def _may_count(conn: Connection, school: str, record: Record, author: Account | None) -> bool:
    """Whether the author may count the class: by the table of roles (R18), and a lesson who teaches there (R19)."""
    room = Subject("", str(record.body.get("class")))
    if author is None or not rooms.is_class(conn, school, room.class_id):
        return False
    taught = record.body.get("session") == LESSON and access.allows(author, Verb.LIST_STUDENTS, room)
    return taught or access.allows(author, Verb.ENTER_HEADCOUNT, room)


def _names_own(conn: Connection, school: str, record: Record) -> bool:
    """Whether every child named belongs to the class, or once did: a phone may not have heard yet that it has left."""
    class_id, named = str(record.body.get("class")), {one["student"] for one in record.body["absent"]}
    known = rows.of_feed(conn, school, STUDENTS, named) if named else {}
    places = {id: {row.get("class_id"), *(stay[0] for stay in row.get("stays", ()))} for id, row in known.items()}
    return all(class_id in places.get(student, ()) for student in named)


def _may_act(conn: Connection, school: str, record: Record, author: Account | None) -> bool:
    """Whether the author reaches the child with this step or leave (domain §1); whether its time has come say the
    rules.
    """
    class_id = rows.class_of(conn, school, record.case) if record.case else ""
    child = Subject(record.case or "", class_id or "")
    verb = Verb.KEEP_LEAVE if record.type == "leave" else VERB_OF_ACT[str(record.body.get("act"))]
    return author is not None and access.allows(author, verb, child)


def _seconds_ahead(sent_at: str | None, arrived: dt.datetime) -> int:
    """How far the device's clock was ahead, 0 when it was about right or did not say: such phones are served too."""
    try:
        said = dt.datetime.fromisoformat(sent_at or "")
        ahead = round((said - arrived).total_seconds())
    except (ValueError, TypeError):  # nothing said, no time, or one without its zone
        return 0
    return ahead if abs(ahead) > CLOCK_TOLERANCE_SECONDS else 0


def _standing(conn: Connection, school: str, dev: str) -> Standing | None:
    """Whose key it is; a key whose owner has left the school may speak no longer."""
    signer = devices.by_id(conn, school, dev)
    if signer is None or signer.office or accounts.is_active(conn, school, signer.account):
        return signer.standing if signer else None
    return replace(signer.standing, active=False)


def _flags(conn: Connection, school: str, rid: str, record: Record) -> tuple[str, ...]:
    """What a person who looks at the record should be told; none of it keeps the record out."""
    chain = archive.chain_flag(conn, school, rid, record)
    form = record.form
    known = form is None or forms.sha256_of(conn, school, form.id, form.version) == form.sha256
    return tuple(flag for flag in (chain, None if known else "form_unknown") if flag)
