"""The archive: every record as its exact bytes, in the order of arrival, added once and never changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, and_, bindparam, delete, func, insert, select

from casebook.casefile import Entry
from casebook.merging import Verdict
from casebook.protocol import ReceiptWire, b64, unb64
from casebook.records import Record, decode, intact
from casebook.sealing import ChainHead, Sealed, chain_finding
from sync_server.store import schema as t
from sync_server.store.direct import Among, Direct

r = t.record.c
flag, named = t.record_flag.c, t.record_file.c

# What runs for every record is built once: making a statement costs more than running it.
IN_SCHOOL = r.school == bindparam("of_school")
IN_CHAIN = and_(IN_SCHOOL, r.dev == bindparam("of_dev"), r.ep == bindparam("of_ep"))
SEQ: BindParameter[int] = bindparam("of_seq")
RID: BindParameter[str] = bindparam("of_rid")
RECEIPTS = Among(
    lambda rids: select(r.rid, r.sseq, r.code, r.receipt, r.receipt_signature).where(IN_SCHOOL, r.rid.in_(rids))
)
FILES_NAMED = Among(
    lambda rids: select(named.sha256).distinct().where(named.school == bindparam("of_school"), named.rid.in_(rids))
)
ADD, ADD_FLAGS, ADD_FILES = Direct(insert(t.record)), Direct(insert(t.record_flag)), Direct(insert(t.record_file))
NEAR_IN_CHAIN = Direct(select(r.rid, r.seq).where(IN_CHAIN, r.rid != RID, r.seq >= SEQ - 1, r.seq <= SEQ + 1))
#: What counts, as a condition that no index can serve: nearly all records count, and an index over that finds nothing.
COUNTS = r.verdict != str(Verdict.QUARANTINED)
ENTRY = select(r.rid, r.payload, r.received_at, r.sseq)
OF_VISIT = ENTRY.where(IN_SCHOOL, r.visit == bindparam("of_visit"), COUNTS)
OTHERS_OF_VISIT = Direct(select(r.rid).where(IN_SCHOOL, r.visit == bindparam("of_visit"), r.rid != RID).limit(1))
CLOSE_GAP = Direct(
    delete(t.record_flag).where(
        flag.school == bindparam("of_school"), flag.flag == "gap",
        flag.rid.in_(select(r.rid).where(IN_CHAIN, r.seq == SEQ + 1, r.prev == RID)),
    )
)  # fmt: skip

Held = tuple[int, str | None, ReceiptWire]  # sequence number, code and receipt, as they were answered the first time


@dataclass(frozen=True)
class Filed:
    """A record in the archive with what the school noted when it arrived."""

    sealed: Sealed
    record: Record
    sseq: int
    received_at: str
    verdict: Verdict
    code: str | None
    receipt: ReceiptWire
    flags: tuple[str, ...]
    rid: str

    @property
    def entry(self) -> Entry:
        """The record as a case file takes it."""
        return Entry(self.rid, self.record, self.received_at, self.sseq)


@dataclass(frozen=True)
class Kept:
    """What lies under a record's id, nothing of it looked at: it may be damaged."""

    rid: str
    sealed: Sealed
    receipt: ReceiptWire
    flags: tuple[str, ...]

    @property
    def record(self) -> Record | None:
        """The record, if these are still its bytes."""
        return intact(self.rid, self.sealed.payload)


def add(conn: Connection, school: str, filed: Filed) -> None:
    """Adds a record, its flags and the files it names. The log is `school`'s, whatever the record itself says."""
    record, rid = filed.record, filed.rid
    row = {
        "school": school, "rid": rid, "sseq": filed.sseq, "payload": filed.sealed.payload,
        "signature": filed.sealed.signature, "keyid": filed.sealed.keyid, "type": record.type, "case": record.case,
        "visit": visit_of(record), "author": record.author, "dev": record.dev, "ep": record.ep, "seq": record.seq,
        "prev": record.prev, "received_at": filed.received_at, "verdict": str(filed.verdict), "code": filed.code,
        "receipt": filed.receipt.payload.encode(), "receipt_signature": unb64(filed.receipt.sig),
    }  # fmt: skip
    ADD.run(conn, **row)
    ADD_FLAGS.run_all(conn, [{"school": school, "rid": rid, "flag": flag} for flag in filed.flags])
    files = {(att.role, att.sha256): att for att in record.att}.values()
    shared = {"school": school, "rid": rid, "visit": visit_of(record)}
    shown = [shared | {"sha256": a.sha256, "role": a.role, "type": a.type, "size": a.size} for a in files]
    ADD_FILES.run_all(conn, shown)


def visit_of(record: Record) -> str | None:
    """The visit that a visit or review record is about."""
    visit = record.body.get("visit")
    return visit if isinstance(visit, str) else None


def held(conn: Connection, school: str, rids: Iterable[str]) -> dict[str, Held]:
    """Those of `rids` that are here, each with what was answered the first time."""
    rows = RECEIPTS.all(conn, list(rids), of_school=school)
    return {rid: (sseq, code, ReceiptWire(said.decode(), b64(signed))) for rid, sseq, code, said, signed in rows}


def one(conn: Connection, school: str, rid: str) -> Filed | None:
    """One record."""
    row = conn.execute(select(t.record).where(r.school == school, r.rid == rid)).one_or_none()
    return _filed(conn, row) if row else None


def of_case(conn: Connection, school: str, case: str) -> list[Entry]:
    """The records that count for one child (quarantined ones do not), in the order of arrival."""
    return _entries(conn, r.school == school, r.case == case, COUNTS)


def as_kept(conn: Connection, school: str, case: str) -> list[Kept]:
    """Every record of one child, quarantined ones too, as its bytes lie here, in the order of arrival."""
    rows = conn.execute(select(t.record).where(r.school == school, r.case == case).order_by(r.sseq)).all()
    flags = flags_of_all(conn, r.school == school, r.case == case)
    return [Kept(
        row.rid, Sealed(row.payload, row.signature, row.keyid),
        ReceiptWire(row.receipt.decode(errors="replace"), b64(row.receipt_signature)), flags.get(row.rid, ()),
    ) for row in rows]  # fmt: skip


def of_visit(conn: Connection, school: str, visit: str) -> list[Entry]:
    """The versions and reviews of one visit, in the order of arrival."""
    rows = conn.execute(OF_VISIT, {"of_school": school, "of_visit": visit})
    return sorted((_entry(row) for row in rows), key=lambda entry: entry.sseq or 0)


def is_alone(conn: Connection, school: str, visit: str, rid: str) -> bool:
    """Whether no other record than this one is of the visit."""
    return OTHERS_OF_VISIT.first(conn, of_school=school, of_visit=visit, of_rid=rid) is None


def in_quarantine(conn: Connection, school: str, limit: int = 200) -> list[Filed]:
    """Records that a person must look at, newest first."""
    found = select(t.record).where(r.school == school, r.verdict == str(Verdict.QUARANTINED))
    return [_filed(conn, row) for row in conn.execute(found.order_by(r.sseq.desc()).limit(limit)).all()]


def not_held(conn: Connection, school: str, rids: Iterable[str]) -> list[str]:
    """Those of `rids` the archive lacks, in their order."""
    asked = list(dict.fromkeys(rids))
    held = set(conn.execute(select(r.rid).where(r.school == school, r.rid.in_(asked))).scalars())
    return [rid for rid in asked if rid not in held]


def files_named(conn: Connection, school: str, rids: Iterable[str]) -> list[str]:
    """The hashes of all files that these records name."""
    return sorted({row[0] for row in FILES_NAMED.all(conn, list(rids), of_school=school)})


def newest_of(conn: Connection, school: str, dev: str) -> Filed | None:
    """The newest record of a device: its epoch, number and clock go on from there."""
    found = select(t.record).where(r.school == school, r.dev == dev).order_by(r.ep.desc(), r.seq.desc()).limit(1)
    row = conn.execute(found).one_or_none()
    return _filed(conn, row) if row else None


def chain_flag(conn: Connection, school: str, rid: str, record: Record) -> str | None:
    """What the device's chain says about a record that is about to be added: None, gap, fork or swapped.

    If it fills a hole, its device's next one, which was waiting for it, is no longer flagged.
    """
    place = {"of_school": school, "of_dev": record.dev, "of_ep": record.ep, "of_seq": record.seq, "of_rid": rid}
    near = NEAR_IN_CHAIN.all(conn, **place)
    if any(seq > record.seq for _, seq in near):
        CLOSE_GAP.run(conn, **place)
    if any(seq == record.seq for _, seq in near):
        return "fork"
    before = [other for other, seq in near if seq < record.seq]  # several after a fork: one of them is the right one
    previous = record.prev if record.prev in before else next(iter(before), None)
    head = ChainHead(record.ep, record.seq - 1, previous) if previous else None
    return chain_finding(record, head)


def flags_of(conn: Connection, school: str, rid: str) -> tuple[str, ...]:
    """What a look at the record should mention, sorted."""
    found = select(flag.flag).where(flag.school == school, flag.rid == rid).order_by(flag.flag)
    return tuple(conn.execute(found).scalars())


def flags_of_all(conn: Connection, *conditions: Any) -> dict[str, tuple[str, ...]]:
    """The same for all records that meet the conditions, by record; who has none is left out."""
    found: dict[str, tuple[str, ...]] = {}
    flagged = select(flag.rid, flag.flag).where(flag.school == r.school, flag.rid == r.rid, *conditions)
    for row in conn.execute(flagged.order_by(flag.rid, flag.flag)):
        found[row.rid] = (*found.get(row.rid, ()), row.flag)
    return found


def count_by_verdict(conn: Connection, school: str) -> dict[str, int]:
    """Number of records per verdict."""
    counted = select(r.verdict, func.count()).where(r.school == school).group_by(r.verdict)
    return {verdict: count for verdict, count in conn.execute(counted)}


def newest_arrival(conn: Connection, school: str) -> str | None:
    """When the newest record arrived."""
    newest = select(r.received_at).where(r.school == school).order_by(r.sseq.desc()).limit(1)
    return conn.execute(newest).scalar()


def names_file(conn: Connection, school: str, sha256: str) -> bool:
    """Whether any record of the school names this file."""
    found = select(named.rid).where(named.school == school, named.sha256 == sha256).limit(1)
    return conn.execute(found).first() is not None


def naming(conn: Connection, school: str, sha256: str) -> list[Entry]:
    """The records that name a file, in the order of arrival."""
    rids = select(named.rid).where(named.school == school, named.sha256 == sha256)
    return _entries(conn, r.school == school, r.rid.in_(rids))


def after(conn: Connection, school: str, cursor: int, upto: int, limit: int, who: Any) -> list[Any]:
    """Records with cursor < sseq <= upto that `who` lets through, each with the seconds its clock was ahead."""
    found = _outgoing(school, who).where(r.sseq > cursor, r.sseq <= upto)
    return list(conn.execute(found.order_by(r.sseq).limit(limit)).all())


def visible(conn: Connection, school: str, rid: str, who: Any) -> Any | None:
    """One such row, if `who` lets it through."""
    return conn.execute(_outgoing(school, who).where(r.rid == rid)).one_or_none()


def rids(conn: Connection, school: str, who: Any) -> list[str]:
    """The ids of all records that count and that `who` lets through."""
    return list(conn.execute(select(r.rid).where(r.school == school, COUNTS, who)).scalars())


def _outgoing(school: str, who: Any) -> Any:
    ahead = t.clock_offset.c
    offset = func.coalesce(ahead.seconds, 0).label("clock_offset")
    columns = select(r.rid, r.sseq, r.received_at, r.payload, r.signature, r.keyid, offset)
    measured = columns.outerjoin_from(t.record, t.clock_offset, and_(ahead.school == r.school, ahead.rid == r.rid))
    return measured.where(r.school == school, COUNTS, who)


def _entries(conn: Connection, *conditions: Any) -> list[Entry]:
    return [_entry(row) for row in conn.execute(ENTRY.where(*conditions).order_by(r.sseq))]


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.rid, decode(row.payload), row.received_at, row.sseq)


def _filed(conn: Connection, row: Row[Any]) -> Filed:
    sealed = Sealed(row.payload, row.signature, row.keyid)
    return Filed(
        sealed, decode(row.payload), row.sseq, row.received_at,
        Verdict(row.verdict), row.code, ReceiptWire(row.receipt.decode(), b64(row.receipt_signature)),
        flags_of(conn, row.school, row.rid), sealed.rid,
    )  # fmt: skip
