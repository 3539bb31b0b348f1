"""The school's transparency log: records go in, signed checkpoints and proofs come out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from casebook.errors import LookupFailed, RequestMalformed, StorageFull, StoreDamaged
from casebook.protocol import Watermark, b64
from casebook.sealing import Sealed, Signer
from casebook.translog import tree as trees
from casebook.translog.checkpoints import Checkpoint, glance, origin_of, sign_checkpoint
from casebook.translog.tree import Frontier, Part, leaf_hash
from sync_server.store import schools, tree
from sync_server.store.engine import Connection, Store
from sync_server.store.tree import Kept

if TYPE_CHECKING:
    from sync_server.wiring import Wiring

Name = TypeVar("Name", str, int)


@dataclass(frozen=True)
class Inclusion:
    """That a record is leaf `index` of the tree of `size` records: the hashes that lead to its root."""

    index: int
    size: int
    proof: list[bytes]


class TreeLog:
    """Keeps one tree per school; signs with the key that phones know from enrolment."""

    def __init__(self, signer: Signer, clock: Callable[[], dt.datetime]) -> None:
        self._signer = signer
        self._clock = clock

    def append(self, conn: Connection, school: str, *filed: Sealed) -> None:
        """Adds records in their order, in the very transaction that files them."""
        tree.append(conn, school, [(sealed.rid, leaf_hash(sealed.payload + sealed.signature)) for sealed in filed])

    def checkpoint(self, conn: Connection, school: str) -> str:
        """The log as it stands, signed; the same note as long as nothing is added. Needs a write transaction."""
        frontier = tree.frontier(conn, school, lock=True)
        gen = schools.gen_of(conn, school)
        newest = tree.newest(conn, school, gen)
        if newest is not None and newest.size == frontier.size:
            return newest.note
        return self._sign(conn, school, gen, frontier)

    def newest(self, conn: Connection, school: str) -> str | None:
        """The same without signing anything: None when what was added last is not signed yet."""
        newest = tree.newest(conn, school, schools.gen_of(conn, school))
        current = newest is not None and newest.size == tree.frontier(conn, school).size
        return newest.note if newest is not None and current else None

    def given(self, store: Store, school: str) -> str | None:
        """The log as it stands, signed now if need be; None when the disk is full."""
        with store.read() as conn:
            note = self.newest(conn, school)
        try:
            return note or store.run_tx(lambda conn: self.checkpoint(conn, school))
        except StorageFull:
            return None

    def told(
        self, conn: Connection, school: str, note: str | None, wm: Watermark | None
    ) -> tuple[str | None, list[str] | None]:
        """What a device that knows `wm` is told of the checkpoint `note`: it, and the proof that it continues `wm`.

        Nothing when it knows exactly this state; no proof when there can be none.
        """
        if note is None or wm is None:
            return note, None
        newest = glance(note)
        if (wm.gen, wm.size, wm.root) == (newest.gen, newest.size, newest.root.hex()):
            return None, None
        if wm.gen != newest.gen or not 0 <= wm.size <= newest.size:
            return note, None
        proof = self.consistencies(conn, school, [wm.size], newest.size).get(wm.size)
        return note, None if proof is None else [b64(one) for one in proof]

    def close_day(self, conn: Connection, school: str) -> bool:
        """Signs the first checkpoint of a day even if nothing was added; whether it did. Needs a write transaction."""
        frontier = tree.frontier(conn, school, lock=True)
        gen, now = schools.gen_of(conn, school), self._clock()
        newest = tree.newest(conn, school, gen)
        if newest is not None and dt.datetime.fromisoformat(newest.at).astimezone(now.tzinfo).date() >= now.date():
            return False
        self._sign(conn, school, gen, frontier)
        return True

    def inclusion(self, conn: Connection, school: str, rid: str, size: int | None = None) -> Inclusion:
        """The proof that a record is in the log when it had `size` records (as it stands). Raises LookupFailed."""
        found = self.inclusions(conn, school, [rid], size)
        if rid not in found:
            raise LookupFailed()
        return found[rid]

    def inclusions(
        self, conn: Connection, school: str, rids: Iterable[str], size: int | None = None
    ) -> dict[str, Inclusion]:
        """The same for many records; those that are not in that log are left out."""
        size = tree.frontier(conn, school).size if size is None else size
        leaves = {rid: n for rid, n in tree.leaves_of(conn, school, rids).items() if n < size}
        proofs = _proofs(conn, school, {rid: trees.inclusion_path(n, size) for rid, n in leaves.items()})
        return {rid: Inclusion(leaves[rid], size, proof) for rid, proof in proofs.items()}

    def consistency(self, conn: Connection, school: str, old: int, size: int | None = None) -> list[bytes]:
        """The proof that the log of `size` records (as it stands) begins with that of `old`.

        Raises RequestMalformed when the log was never that long, StoreDamaged when the tree is no longer whole.
        """
        found = self.consistencies(conn, school, [old], size)
        if old not in found:
            raise StoreDamaged()
        return found[old]

    def consistencies(
        self, conn: Connection, school: str, olds: Iterable[int], size: int | None = None
    ) -> dict[int, list[bytes]]:
        """The same for many; what cannot be proven any more is left out. Raises RequestMalformed."""
        size = tree.frontier(conn, school).size if size is None else size
        try:
            paths = {old: trees.consistency_path(old, size) for old in olds}
        except ValueError as error:
            raise RequestMalformed(field="old") from error
        return _proofs(conn, school, paths)

    def _sign(self, conn: Connection, school: str, gen: str, frontier: Frontier) -> str:
        at = self._clock().isoformat(timespec="seconds")
        note = sign_checkpoint(Checkpoint(origin_of(school), frontier.size, frontier.root, at, gen), self._signer)
        tree.keep(conn, school, gen, Kept(frontier.size, at, note))
        return note


def close_day(wiring: Wiring) -> Mapping[str, object]:
    """The nightly checkpoint, which the backup after it takes along."""
    return {"signed": wiring.store.run_tx(lambda conn: wiring.tree.close_day(conn, wiring.school.id))}


def _proofs(conn: Connection, school: str, paths: dict[Name, list[Part]]) -> dict[Name, list[bytes]]:
    """The proofs along these paths, as far as the tree's rows are there; all hashes they need are read at once.

    A tree with holes must never keep a record from being taken in: then there is a checkpoint, and no proof.
    """
    needed = {name: {subtree for part in path for subtree in part} for name, path in paths.items()}
    known = tree.hashes(conn, school, set().union(*needed.values()))
    whole = [name for name in paths if needed[name] <= known.keys()]
    return {name: trees.hashes(paths[name], known.__getitem__) for name in whole}
