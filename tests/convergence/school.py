"""A school's computer in memory: the rules of the project, the storage of a simulation. It can be copied and set back."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from casebook.kinds import check_kind
from casebook.merging import Known, Standing, Verdict, classify
from casebook.protocol import (
    SERVER_MARK,
    HelloReply,
    MissingReply,
    MissingRequest,
    Outcome,
    PulledRecord,
    PullReply,
    PushReply,
    PushRequest,
    Receipt,
    ReceiptWire,
    SealedWire,
    Watermark,
    b64,
    make_receipt,
    sealed_from_wire,
    sealed_to_wire,
)
from casebook.records import Record
from casebook.sealing import Sealed, unseal
from casebook.translog import tree as trees
from casebook.translog.checkpoints import Checkpoint, origin_of, sign_checkpoint
from casebook.translog.tree import Frontier, Subtree, leaf_hash
from tests.convergence.seals import QUICK, Seals

SCHOOL = "3199000001"
NOON = "2026-11-21T12:00:00+08:00"
Place = tuple[str, int, int]  # device, epoch, number


@dataclass
class Log:
    """All that a backup of the school holds."""

    gen: str = "g0"
    records: list[tuple[Sealed, Record]] = field(default_factory=list)
    receipts: dict[str, ReceiptWire] = field(default_factory=dict)
    places: dict[Place, str] = field(default_factory=dict)
    forks: set[Place] = field(default_factory=set)
    frontier: Frontier = field(default_factory=Frontier)
    nodes: dict[Subtree, bytes] = field(default_factory=dict)

    def backup(self) -> Log:
        """A copy that nothing changes any more."""
        return Log(self.gen, [*self.records], {**self.receipts}, {**self.places}, {*self.forks}, self.frontier,
                   {**self.nodes})  # fmt: skip


class School:
    """Answers as the real one does. `page` is how many records it hands out at a time."""

    def __init__(self, page: int = 3, push_batch: int = 3, seals: Seals = QUICK) -> None:
        self.signer, self._verifier = seals.signer("school"), seals.verifier
        self.log = Log()
        self.keys: dict[str, tuple[bytes, str]] = {}
        self.page, self.push_batch = page, push_batch
        self._notes: dict[tuple[str, int, bytes], str] = {}

    def know(self, dev: str, public_key: bytes, account: str) -> None:
        """A phone was enrolled."""
        self.keys[dev] = (public_key, account)

    def restore(self, backup: Log, gen: str | None) -> None:
        """Goes back to a backup: with a new generation by our command, without one when somebody copied files."""
        self.log = copy.copy(backup.backup())
        self.log.gen = gen or self.log.gen

    @property
    def held(self) -> dict[str, Record]:
        """Every record of the log."""
        return {sealed.rid: record for sealed, record in self.log.records}

    def hello(self, wm: Watermark | None) -> HelloReply:
        """Versions, clock, and the log where it goes beyond `wm`."""
        checkpoint, consistency = self._told(wm)
        return HelloReply(
            server=SERVER_MARK, version=1, oldest_version=1, school=SCHOOL, gen=self.log.gen, size=len(self.log.records),
            time=NOON, standing="active", push_batch=self.push_batch, checkpoint=checkpoint, consistency=consistency,
        )  # fmt: skip

    def push(self, request: PushRequest) -> PushReply:
        """Files a batch; acknowledged is what is in the log."""
        outcomes = [self._file(wire) for wire in request.records]
        return PushReply(outcomes, self.log.gen, len(self.log.records), *self._told(request.wm))

    def pull(self, after: int, limit: int, wm: Watermark | None = None) -> PullReply:
        """The records after the cursor, a page of them, and the log beyond `wm`."""
        size, upto = len(self.log.records), after + min(limit, self.page)
        found = [PulledRecord(number, NOON, sealed_to_wire(sealed))
                 for number, (sealed, _) in enumerate(self.log.records[after:upto], after + 1)]  # fmt: skip
        more = upto < size
        told = self._told(wm) if wm else ()
        return PullReply(found, [], upto if more else size, more, self.log.gen, *told)

    def missing(self, request: MissingRequest) -> MissingReply:
        """What the log lacks of these."""
        return MissingReply([rid for rid in request.rids if not self.holds(rid)], [])

    def holds(self, rid: str) -> bool:
        """Whether the record is in the log."""
        return rid in self.log.receipts

    def _file(self, wire: SealedWire) -> Outcome:
        sealed = sealed_from_wire(wire)
        public_key, account = self.keys[sealed.keyid]
        record = unseal(sealed, public_key, self._verifier)
        check_kind(record)
        stored = self.holds(sealed.rid)
        judged = classify(record, Known(stored, Standing(account, SCHOOL)))
        if judged.verdict is Verdict.STORED:
            self._add(sealed, record)
        return Outcome(sealed.rid, judged.verdict, judged.code, None, self.log.receipts[sealed.rid])

    def _add(self, sealed: Sealed, record: Record) -> None:
        log, place = self.log, (record.dev, record.ep, record.seq)
        if log.places.setdefault(place, sealed.rid) != sealed.rid:
            log.forks.add(place)
        log.records.append((sealed, record))
        log.frontier, grown = log.frontier.append(leaf_hash(sealed.payload + sealed.signature))
        log.nodes.update({one.at: one.hash for one in grown})
        said = Receipt(SCHOOL, sealed.rid, len(log.records), log.gen, NOON, str(Verdict.STORED))
        log.receipts[sealed.rid] = make_receipt(said, self.signer)

    def _told(self, wm: Watermark | None) -> tuple[str | None, list[str] | None]:
        """What a device that knows `wm` is told of the log, as `sync_server.treelog` tells it."""
        log, root = self.log, self.log.frontier.root
        size = log.frontier.size
        if wm is None:
            return self._note(size, root), None
        if (wm.gen, wm.size, wm.root) == (log.gen, size, root.hex()):
            return None, None
        if wm.gen != log.gen or wm.size > size:
            return self._note(size, root), None
        proof = trees.hashes(trees.consistency_path(wm.size, size), log.nodes.__getitem__)
        return self._note(size, root), [b64(one) for one in proof]

    def _note(self, size: int, root: bytes) -> str:
        key = (self.log.gen, size, root)
        if key not in self._notes:
            self._notes[key] = sign_checkpoint(Checkpoint(origin_of(SCHOOL), size, root, NOON, self.log.gen), self.signer)
        return self._notes[key]
