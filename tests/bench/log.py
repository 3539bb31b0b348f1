"""What the transparency log costs: one more leaf, a checkpoint and a proof, in a log of 10 and of 100,000 records."""

from __future__ import annotations

import datetime as dt
import statistics
from pathlib import Path

from sqlalchemy import insert

from casebook.ed25519 import Ed25519Signer
from casebook.sealing import Sealed
from casebook.translog.tree import Frontier, leaf_hash
from sync_server.store import schema, schools
from sync_server.store.engine import Store
from sync_server.store.schools import School
from sync_server.treelog import TreeLog
from tests.bench.measure import Figure, cpu_seconds, seconds

SCHOOL, MADE_AT = "3199000001", "2025-10-01T08:00:00+08:00"
SMALL, LARGE = 10, 100_000
APPENDS, PROOFS = 400, 200
FILED = {
    "school": SCHOOL, "case": None, "payload": b"{}", "signature": b"s", "keyid": "k" * 64, "type": "observation",
    "visit": None, "author": "t", "dev": "d" * 64, "ep": 1, "prev": "", "received_at": MADE_AT,
    "verdict": "stored", "code": None, "receipt": b"r", "receipt_signature": b"r",
}  # fmt: skip


def figures(folder: Path) -> list[Figure]:
    """CPU of appending, and wall time of proofs, beside the same in a small log."""
    signer = Ed25519Signer.from_bytes(bytes(32))
    small, large = (_Bench(folder / str(size), size, signer) for size in (SMALL, LARGE))
    few, many = small.append_us(), large.append_us()
    proof, sign = large.proof_us(), large.checkpoint_us()
    raw = cpu_seconds(lambda: [signer.sign(b"x" * 200) for _ in range(200)]) / 200 * 1e6
    stored = large.bytes_per_leaf()
    for bench in (small, large):
        bench.store.close()
    return [
        Figure("one more leaf, log of 100,000", many, "µs", few, "log of 10", budget=1000, ratio_budget=1.5),
        Figure("proof of a record in a log of 100,000", proof, "µs", few, "one more leaf, log of 10", budget=10_000),
        Figure("checkpoint signed and kept", sign, "µs", raw, "an Ed25519 signature"),
        Figure("the log at school, per record", stored, "B", 64.0, "two hashes", budget=400),
    ]


class _Bench:
    """A school whose log has `size` leaves."""

    def __init__(self, folder: Path, size: int, signer: Ed25519Signer) -> None:
        folder.mkdir(parents=True)
        self._file = folder / "school.db"
        self.store = Store(f"sqlite:///{self._file}")
        self._tree = TreeLog(signer, lambda: dt.datetime.fromisoformat(MADE_AT))
        self._size = self._next = size
        schema.metadata.create_all(self.store.engine)
        self.store.run_tx(lambda conn: schools.add(conn, School(SCHOOL, "Bench", "g" * 16), MADE_AT))
        self._file_records(0, size + 2 * APPENDS)
        before = self._file.stat().st_size
        self._plant(size)
        self._grown = self._file.stat().st_size - before

    def bytes_per_leaf(self) -> float:
        return self._grown / self._size

    def append_us(self) -> float:
        """CPU microseconds of one append, many in a transaction: the commit is measured elsewhere."""
        def append(conn) -> None:  # type: ignore[no-untyped-def]
            for n in range(self._next, self._next + APPENDS // 4):
                self._tree.append(conn, SCHOOL, _sealed(n))
            self._next += APPENDS // 4

        return min(cpu_seconds(lambda: self.store.run_tx(append)) for _ in range(4)) / (APPENDS // 4) * 1e6

    def proof_us(self) -> float:
        """Median microseconds to prove one record and that the log continues an older one."""
        with self.store.read() as conn:
            rids = [_sealed(n * (self._size // PROOFS)).rid for n in range(PROOFS)]
            return statistics.median(seconds(lambda rid=rid: self._tree.inclusion(conn, SCHOOL, rid)) for rid in rids) * 1e6

    def checkpoint_us(self) -> float:
        """CPU microseconds to sign the log after something was added, in a transaction that is committed later."""
        def sign(conn) -> float:  # type: ignore[no-untyped-def]
            times = []
            for _ in range(20):
                self._tree.append(conn, SCHOOL, _sealed(self._next))
                self._next += 1
                times.append(cpu_seconds(lambda: self._tree.checkpoint(conn, SCHOOL)))
            return statistics.median(times) * 1e6

        return self.store.run_tx(sign)

    def _file_records(self, first: int, count: int) -> None:
        for start in range(first, first + count, 20_000):
            rows = [FILED | {"rid": _sealed(n).rid, "sseq": n + 1, "seq": n + 1}
                    for n in range(start, min(first + count, start + 20_000))]  # fmt: skip
            self.store.run_tx(lambda conn, rows=rows: conn.execute(insert(schema.record), rows))

    def _plant(self, size: int) -> None:
        """The tree in bulk; what it holds is what appending one by one would have left."""
        frontier, leaves, nodes = Frontier(), [], []
        for n in range(size):
            sealed = _sealed(n)
            frontier, grown = frontier.append(leaf_hash(sealed.payload + sealed.signature))
            leaves.append({"school": SCHOOL, "n": n, "rid": sealed.rid, "hash": grown[0].hash})
            nodes += [{"school": SCHOOL, "level": one.at.level, "n": one.at.n, "hash": one.hash} for one in grown[1:]]
        state = {"size": frontier.size, "peaks": b"".join(frontier.peaks)}

        def plant(conn) -> None:  # type: ignore[no-untyped-def]
            conn.execute(insert(schema.tree_leaf), leaves)
            conn.execute(insert(schema.tree_node), nodes)
            conn.execute(schema.tree.update().values(**state))

        self.store.run_tx(plant)
        with self.store.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _sealed(n: int) -> Sealed:
    return Sealed(b'{"n":%d}' % n, n.to_bytes(64), "k" * 64)
