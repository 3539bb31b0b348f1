"""Sealed records on the phone: this device's own and those that came down, exactly as they were signed.

`verdict` of an own record is empty until a signed receipt (or a refusal) for its id has been kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook.casefile import Entry
from casebook.merging import Verdict
from casebook.records import Record, recall
from casebook.sealing import ChainHead, Sealed
from fieldapp.store.store import insert, next_revision
from fieldapp.store.vault import Vault

if TYPE_CHECKING:
    from fieldapp.store.store import Database

AT_SCHOOL = (Verdict.STORED, Verdict.DUPLICATE, Verdict.QUARANTINED)  # verdicts of records the school keeps
AT_SCHOOL_SQL = ", ".join(f"'{verdict}'" for verdict in AT_SCHOOL)
NOT_TAKEN = (Verdict.REFUSED, Verdict.QUARANTINED)  # verdicts of own records that are no facts at school
NOT_TAKEN_SQL = ", ".join(f"'{verdict}'" for verdict in NOT_TAKEN)
_SEALED = "rid, payload, sig, keyid"


@dataclass(frozen=True)
class ChainState:
    """The end of this device's chain: the newest record of its epoch and the newest hybrid clock it has seen.

    An epoch is one unbroken counting: a phone that finds another writer with its key, or itself set back, begins anew.
    """

    ep: int
    seq: int
    rid: str
    hlc: tuple[int, int]

    @classmethod
    def new_epoch(cls, hlc: tuple[int, int] = (0, 0)) -> ChainState:
        """A chain without a record yet."""
        return cls(secrets.randbelow(2**31) + 1, 0, "", hlc)

    @property
    def head(self) -> ChainHead:
        """The newest record of the epoch (seq 0: none yet)."""
        return ChainHead(self.ep, self.seq, self.rid)


@dataclass(frozen=True)
class OwnRecord:
    """An own record's course: what the school said about it, without its body."""

    rid: str
    type: str
    case: str
    visit: str
    sealed_at: str
    form_sha256: str
    sseq: int | None
    verdict: str | None
    code: str | None


@dataclass(frozen=True)
class Told:
    """A record as the rules read it: seconds its clock was ahead; `stands` unless the school did not take it."""

    entry: Entry
    clock_offset: int
    stands: bool


class Records:
    """Sealed records; bodies pass through the vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def add_own(self, db: Database, sealed: Sealed, record: Record, sealed_at: str) -> None:
        """Keeps a record this device has just sealed."""
        insert(db, "record", self._row(sealed, record, next_revision(db)) | {"own": 1, "sealed_at": sealed_at})

    def add_pulled(
        self, db: Database, sealed: Sealed, record: Record, sseq: int, received_at: str, clock_offset: int = 0,
        copy_of: str | None = None,
    ) -> bool:  # fmt: skip
        """Keeps a record from the school's log, or where an own one has its place there; whether it was new.

        `clock_offset`: how many seconds its device's clock was ahead of the school's. `copy_of`: the id of the record
        where only a copy without its confidential parts was given.
        """
        rid = copy_of or sealed.rid
        place = {"sseq": sseq, "received_at": received_at, "clock_offset": clock_offset}
        row = self._row(sealed, record, next_revision(db), rid) | {"own": 0} | place
        new = not db.execute("SELECT 1 FROM record WHERE rid = ?", [rid]).fetchone()
        if new:
            insert(db, "record", row)
        else:
            db.execute(
                "UPDATE record SET sseq = ?, received_at = ?, clock_offset = ?, rev = ? WHERE rid = ?",
                [sseq, received_at, clock_offset, row["rev"], rid],
            )
        return new

    def settle(self, db: Database, rid: str, verdict: str | None, code: str | None, place: dict[str, Any]) -> None:
        """Keeps what the school said about a record (no verdict: it will be offered again).

        `place`: sseq, received_at, receipt and receipt_sig, where they are certified.
        """
        row = {"verdict": verdict, "code": code, "rev": next_revision(db)} | place
        db.execute(f"UPDATE record SET {' = ?, '.join(row)} = ? WHERE rid = ?", [*row.values(), rid])

    def sealed(self, db: Database, rid: str) -> Sealed | None:
        """One sealed record."""
        row = db.execute(f"SELECT {_SEALED} FROM record WHERE rid = ?", [rid]).fetchone()
        return self._sealed(row) if row else None

    def unsent(self, db: Database) -> list[str]:
        """Ids of records the school has not answered for, oldest first."""
        rows = db.execute(
            "SELECT rid FROM record WHERE (own = 1 AND verdict IS NULL) OR (sseq IS NULL AND verdict IS NULL)"
            " ORDER BY own DESC, rowid"
        )
        return [rid for (rid,) in rows]

    def own(self, db: Database) -> list[OwnRecord]:
        """This device's records, newest first."""
        names = "rid, type, case_id, visit, sealed_at, form_sha256, sseq, verdict, code"
        rows = db.execute(f"SELECT {names} FROM record WHERE own = 1 ORDER BY rowid DESC").fetchall()
        return [OwnRecord(*row) for row in rows]

    def changed_cases(self, db: Database, since: int) -> tuple[set[str], int]:
        """Cases with records that changed after revision `since`, and the revision reached."""
        rows = db.execute("SELECT case_id, max(rev) FROM record WHERE rev > ? GROUP BY case_id", [since]).fetchall()
        return {case for case, _ in rows if case}, max((rev for _, rev in rows), default=since)

    def of_case(self, db: Database, case: str) -> list[Entry]:
        """The records of a child."""
        rows = db.execute("SELECT rid, payload, received_at, sseq FROM record WHERE case_id = ?", [case]).fetchall()
        return [Entry(rid, recall(self._open(rid, payload)), at, sseq) for rid, payload, at, sseq in rows]

    def of_no_case(self, db: Database, since: int, *types: str) -> tuple[list[Told], int]:
        """Records of these kinds that belong to no single child and changed after a revision, and the one reached."""
        names, wanted = "rid, payload, received_at, sseq, clock_offset, verdict, rev", ", ".join("?" * len(types))
        rows = db.execute(
            f"SELECT {names} FROM record WHERE rev > ? AND case_id IS NULL AND type IN ({wanted})", [since, *types]
        ).fetchall()
        told = [Told(Entry(rid, recall(self._open(rid, payload)), at, sseq), offset, verdict not in NOT_TAKEN)
                for rid, payload, at, sseq, offset, verdict, _ in rows]  # fmt: skip
        return told, max((row[-1] for row in rows), default=since)

    def asides(self, db: Database, case: str) -> tuple[dict[str, int], set[str]]:
        """What is to be minded about a child's records: clock offsets in seconds, and those the school did not take."""
        rows = db.execute(
            "SELECT rid, clock_offset, verdict FROM record WHERE case_id = ?"
            f" AND (clock_offset <> 0 OR verdict IN ({NOT_TAKEN_SQL}))", [case],
        ).fetchall()  # fmt: skip
        offsets = {rid: offset for rid, offset, _ in rows if offset}
        return offsets, {rid for rid, _, verdict in rows if verdict in NOT_TAKEN}

    def of_type(self, db: Database, type: str) -> list[Entry]:
        """The records of one kind, of all children and of none."""
        rows = db.execute("SELECT rid, payload, received_at, sseq FROM record WHERE type = ?", [type]).fetchall()
        return [Entry(rid, recall(self._open(rid, payload)), at, sseq) for rid, payload, at, sseq in rows]

    def cases(self, db: Database) -> list[str]:
        """Every child with a record."""
        return [case for (case,) in db.execute("SELECT DISTINCT case_id FROM record WHERE case_id IS NOT NULL")]

    def at_school(self, db: Database) -> list[str]:
        """Records that the school has and counts, as far as this phone knows."""
        taken = f"(verdict IS NULL OR verdict NOT IN ({NOT_TAKEN_SQL}))"
        return [rid for (rid,) in db.execute(f"SELECT rid FROM record WHERE sseq IS NOT NULL AND {taken}")]

    def ids(self, db: Database) -> list[str]:
        """Every record on this phone that could be shown to the school again, oldest first: copies have no seal."""
        return [rid for (rid,) in db.execute("SELECT rid FROM record WHERE keyid <> '' ORDER BY rowid")]

    def offer_again(self, db: Database, rids: Iterable[str]) -> None:
        """The school lacks these records (a restored backup): they are unsent once more."""
        revision = next_revision(db)
        db.conn.executemany(
            "UPDATE record SET verdict = NULL, code = NULL, sseq = NULL, rev = ? WHERE rid = ?",
            [(revision, rid) for rid in rids],
        )

    def chain(self, db: Database, dev: str) -> ChainState | None:
        """The end of the device's chain."""
        row = db.execute("SELECT ep, seq, rid, hlc_ms, hlc_n FROM chain WHERE dev = ?", [dev]).fetchone()
        if row is None:
            return None
        ep, seq, rid, ms, n = row
        return ChainState(ep, seq, rid, (ms, n))

    def put_chain(self, db: Database, dev: str, state: ChainState) -> None:
        """Advances the chain; in the same transaction as the record that advances it."""
        db.execute(
            "INSERT OR REPLACE INTO chain (dev, ep, seq, rid, hlc_ms, hlc_n) VALUES (?, ?, ?, ?, ?, ?)",
            [dev, state.ep, state.seq, state.rid, *state.hlc],
        )

    def batches(self, db: Database, rids: Sequence[str], most: int, most_bytes: int) -> Iterator[list[Sealed]]:
        """Sealed records in batches of at most `most` records and about `most_bytes`, in the order given."""
        batch: list[Sealed] = []
        size = 0
        for rid in rids:
            sealed = self.sealed(db, rid)
            if sealed is None:
                continue
            if batch and (len(batch) >= most or size + len(sealed.payload) > most_bytes):
                yield batch
                batch, size = [], 0
            batch.append(sealed)
            size += len(sealed.payload)
        if batch:
            yield batch

    def _row(self, sealed: Sealed, record: Record, revision: int, copy_of: str = "") -> dict[str, Any]:
        rid = copy_of or sealed.rid
        body_visit = record.body.get("visit") if record.type == "visit" else None
        return {
            "rid": rid, "type": record.type, "case_id": record.case,
            "visit": body_visit if isinstance(body_visit, str) else None,
            "payload": self._vault.seal(f"record:{rid}", sealed.payload),
            "sig": sealed.signature, "keyid": sealed.keyid,
            "form_sha256": record.form.sha256 if record.form else None, "rev": revision,
        }  # fmt: skip

    def _sealed(self, row: tuple[str, bytes, bytes, str]) -> Sealed:
        rid, payload, signature, keyid = row
        return Sealed(self._open(rid, payload), bytes(signature), keyid)

    def _open(self, rid: str, payload: bytes) -> bytes:
        return self._vault.open(f"record:{rid}", bytes(payload))
