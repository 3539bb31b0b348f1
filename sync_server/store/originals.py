"""Records as they lie in the archive, read even when somebody altered them: what the seal is checked against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from casebook.protocol import ReceiptWire, b64
from casebook.sealing import Sealed
from sync_server.store import schema as t
from sync_server.store.archive import COUNTS, flags_of_all

r = t.record.c


@dataclass(frozen=True)
class Original:
    """One row of the archive, its bytes not yet believed. `rid`, `dev`, `seq` are what was noted on arrival."""

    rid: str
    sseq: int
    sealed: Sealed
    type: str
    case: str | None
    visit: str | None
    author: str
    dev: str
    ep: int
    seq: int
    prev: str
    received_at: str
    verdict: str
    code: str | None
    receipt: ReceiptWire
    flags: tuple[str, ...]


def one(conn: Connection, school: str, rid: str) -> Original | None:
    """The record with this id."""
    return next(iter(_read(conn, r.school == school, r.rid == rid)), None)


def of_visits(conn: Connection, school: str, visits: Iterable[str]) -> list[Original]:
    """Versions and reviews of these visits, in the order of arrival."""
    return _read(conn, r.school == school, r.visit.in_(list(visits)), COUNTS)


def of_case(conn: Connection, school: str, case: str) -> list[Original]:
    """Every record that counts for one child, in the order of arrival."""
    return _read(conn, r.school == school, r.case == case, COUNTS)


def after(conn: Connection, school: str, sseq: int, limit: int) -> list[Original]:
    """The next records of the log after a place, in the order of arrival."""
    upto = select(r.sseq).where(r.school == school, r.sseq > sseq).order_by(r.sseq).limit(limit).subquery()
    last = conn.execute(select(func.max(upto.c.sseq))).scalar()
    return _read(conn, r.school == school, r.sseq > sseq, r.sseq <= last) if last else []


def held(conn: Connection, school: str, limit: int = 200) -> list[Original]:
    """Records in quarantine, which a person must look at, the newest first."""
    return _read(conn, r.school == school, r.verdict == "quarantined")[: -limit - 1 : -1]


def before(conn: Connection, school: str, original: Original) -> list[str]:
    """Ids of the records that the same device numbered one lower; more than one after a fork."""
    chain = (r.school == school, r.dev == original.dev, r.ep == original.ep, r.seq == original.seq - 1)
    return list(conn.execute(select(r.rid).where(*chain).order_by(r.sseq)).scalars())


def _read(conn: Connection, *conditions: Any) -> list[Original]:
    rows = conn.execute(select(t.record).where(*conditions)).all()
    flags = flags_of_all(conn, *conditions) if rows else {}
    return [_original(row, flags.get(row.rid, ())) for row in sorted(rows, key=lambda row: row.sseq)]


def _original(row: Row[Any], flags: tuple[str, ...]) -> Original:
    return Original(
        rid=row.rid, sseq=row.sseq, sealed=Sealed(row.payload, row.signature, row.keyid), type=row.type,
        case=row.case, visit=row.visit, author=row.author, dev=row.dev, ep=row.ep, seq=row.seq, prev=row.prev,
        received_at=row.received_at, verdict=row.verdict, code=row.code,
        receipt=ReceiptWire(row.receipt.decode(errors="replace"), b64(row.receipt_signature)),
        flags=flags,
    )  # fmt: skip
