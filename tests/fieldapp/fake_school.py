"""A school in memory: the other side of the sync conversation, honest or on purpose not."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from casebook.comparing import PREFIX, RECORDS, differing, form_mark, part_of, row_mark
from casebook.ed25519 import Ed25519Signer
from casebook.errors import CodeInvalid, FileHashWrong, NoSuchFile, OffsetWrong
from casebook.feeds import FORMS
from casebook.merging import Verdict
from casebook.packs import Pack
from casebook.protocol import (
    SERVER_MARK,
    AccountCard,
    CompareReply,
    CompareRequest,
    EnrolReply,
    EnrolRequest,
    FileOffset,
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
    Row,
    SchoolCard,
    SealedWire,
    Watermark,
    b64,
    make_receipt,
    unb64,
)
from casebook.records import Record, Span, decode, rid_of
from casebook.sealing import device_id, seal

SCHOOL = "3199000001"
TEACHER = "a" * 32
PRINCIPAL = "b" * 32
CODE = "ABCD-2345"
SINCE = "2026-11-21T08:00:00+08:00"


@dataclass
class FakeSchool:
    """Keeps records, rows and files; `mishaps` maps a call's name to what happens before it answers."""

    gen: str = "gen1"
    push_batch: int = 3
    chunk_bytes: int = 64 * 1024
    standing: str = "active"
    time: str = SINCE
    offers: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)  # records of children that this phone's owner reaches no longer
    key: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    office: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    log: list[tuple[int, str, Any]] = field(default_factory=list)  # (sseq, "record" | "row", value)
    receipts: dict[str, ReceiptWire] = field(default_factory=dict)
    payloads: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    mishaps: dict[str, Callable[[], None]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)  # how long the phone has waited between its tries
    received: int = 0
    offsets: dict[str, int] = field(default_factory=dict)  # rid -> seconds its device's clock was ahead
    verdict: Callable[[str], tuple[Verdict, str | None]] = lambda rid: (Verdict.STORED, None)
    _office_seq: int = 0
    _office_prev: str = ""

    # -- the conversation

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        self._called("enrol")
        if request.code != CODE:
            raise CodeInvalid()
        return EnrolReply(
            token="t" * 43, device=device_id(unb64(request.public_key)), school=SchoolCard(SCHOOL, "示例中学"),
            account=AccountCard(TEACHER, "示例老师", ["class_teacher"]), server_key=b64(self.key.public_key),
            gen=self.gen, time=SINCE,
        )  # fmt: skip

    def hello(self, wm: Watermark | None = None) -> HelloReply:
        self._called("hello")
        return HelloReply(
            server=SERVER_MARK, version=1, oldest_version=1, school=SCHOOL, gen=self.gen,
            size=self.log[-1][0] if self.log else 0, time=self.time, standing=self.standing,
            push_batch=self.push_batch, chunk_bytes=self.chunk_bytes, offers=self.offers,
        )  # fmt: skip

    def push(self, request: PushRequest) -> PushReply:
        self._called("push")
        return PushReply([self._take(wire) for wire in request.records], self.gen, len(self.payloads))

    def pull(self, after: int, limit: int, wm: Watermark | None = None) -> PullReply:
        self._called("pull")
        page = [entry for entry in self.log if entry[0] > after][:limit]
        records = [PulledRecord(sseq, SINCE, value, self.offsets.get(rid_of(value.payload.encode()), 0))
                   for sseq, kind, value in page if kind == "record"]  # fmt: skip
        rows = [value for _, kind, value in page if kind == "row"]
        last = page[-1][0] if page else after
        return PullReply(records, rows, last, any(sseq > last for sseq, _, _ in self.log), self.gen)

    def missing(self, request: MissingRequest) -> MissingReply:
        self._called("missing")
        rids = [rid for rid in request.rids if rid not in self.payloads]
        files = [sha for sha in request.files if sha not in self.files]
        return MissingReply(rids, [FileOffset(sha, len(self.parts.get(sha, b""))) for sha in files])

    def compare(self, request: CompareRequest) -> CompareReply:
        self._called("compare")
        rows = {(row.feed, row.key): row for _, kind, row in self.log if kind == "row"}
        marks: dict[str, list[str]] = defaultdict(list)
        for row in (row for row in rows.values() if row.value is not None):
            form = row.value if row.feed == FORMS else None
            marks[row.feed].append(form_mark(form["id"], form["version"], form["sha256"]) if form
                                   else row_mark(row.key, row.value))
        shown = [rid for rid in self.payloads if rid not in self.hidden]
        ours = [part_of(RECORDS, shown), *(part_of(feed, listed) for feed, listed in marks.items())]
        found = differing(ours, request.parts)
        named = [rid[:PREFIX] for rid in shown] if any(part.name == RECORDS for part in found) else None
        return CompareReply(self.gen, self.log[-1][0] if self.log else 0, found, named)

    def file_offset(self, sha256: str, size: int, type: str) -> int:
        self._called("file_offset")
        if sha256 in self.files:
            return size
        return len(self.parts.setdefault(sha256, b""))

    def send_chunk(self, sha256: str, offset: int, size: int, chunk: bytes) -> int:
        self._called("send_chunk")
        if sha256 not in self.parts:
            raise NoSuchFile()
        if offset != len(self.parts[sha256]):
            raise OffsetWrong(offset=len(self.parts[sha256]))
        self.parts[sha256] += chunk
        self.received += len(chunk)
        kept = len(self.parts[sha256])
        if kept == size:
            self._complete(sha256)
        self._called("chunk_answer")  # the bytes have arrived, the answer has not
        return kept

    def pack_offset(self, pack: Pack) -> int:
        self._called("file_offset")
        offset = 0
        for file in pack.files:
            have = file.size if file.sha256 in self.files else len(self.parts.setdefault(file.sha256, b""))
            offset += have
            if have < file.size:
                break
        return offset

    def send_pack(self, pack: Pack, offset: int, pieces: Iterable[bytes], fresh: bool) -> int:
        if fresh:
            self.pack_offset(pack)
        for piece in pieces:
            self._called("send_chunk")
            for file, at, size in pack.spread(offset, len(piece)):
                self._take_piece(file.sha256, file.size, at, piece[:size])
                offset, piece = offset + size, piece[size:]
        self._called("chunk_answer")
        return offset

    def fetch_file(self, sha256: str, size: int) -> bytes:
        self._called("fetch_file")
        if sha256 not in self.files:
            raise NoSuchFile()
        return self.files[sha256]

    def close(self) -> None:
        """Nothing to close."""

    # -- what the school does by itself

    def publish(self, feed: str, key: str, value: dict[str, Any] | None) -> None:
        """A row for every phone."""
        self.log.append((self._next(), "row", Row(feed, key, value)))

    def decide(self, type: str, case: str | None, body: dict[str, Any], **parts: Any) -> str:
        """A record of the office; its rid."""
        self._office_seq += 1
        record = Record(
            type=type, school=SCHOOL, author=PRINCIPAL, dev=device_id(self.office.public_key), ep=1,
            seq=self._office_seq, prev=self._office_prev, hlc=(1_760_000_000_000, self._office_seq),
            at=Span(SINCE, SINCE, "+08:00", 0), case=case, body=body,
        )  # fmt: skip
        sealed = seal(replace(record, **parts), self.office)
        self._office_prev = sealed.rid
        self._store(SealedWire(sealed.payload.decode(), b64(sealed.signature), sealed.keyid))
        return sealed.rid

    def headcount(
        self, day: str, absent: dict[str, str] | None = None, *, class_id: str = "8-2", session: str = "am",
        time: str = "07:50", expected: int = 54, **parts: Any,
    ) -> str:  # fmt: skip
        """A class is counted; `absent` is child -> kind of absence. The rid."""
        names = [{"student": child, "kind": kind} for child, kind in (absent or {}).items()]
        at = f"{day}T{time}:00+08:00"
        body = {"class": class_id, "day": day, "session": session, "expected": expected, "source": "roll",
                "present": expected - len(names), "absent": names}  # fmt: skip
        return self.decide("headcount", None, body, at=Span(at, at, "+08:00", 0), **parts)

    def record(self, rid: str) -> Record:
        """A record in the log."""
        return decode(self.payloads[rid])

    def restore_old_backup(self, rids: int) -> None:
        """Forgets everything after the first `rids` records, and all files; a new generation begins."""
        kept = dict(list(self.payloads.items())[:rids])
        self.payloads = kept
        self.receipts = {rid: receipt for rid, receipt in self.receipts.items() if rid in kept}
        self.log = [e for e in self.log if e[1] == "row" or rid_of(e[2].payload.encode()) in kept]
        self.files, self.parts, self.gen = {}, {}, self.gen + "+"

    def _take_piece(self, sha256: str, size: int, at: int, piece: bytes) -> None:
        self.received += len(piece)
        if sha256 in self.files:
            return
        have = len(self.parts.setdefault(sha256, b""))
        if at > have:
            raise OffsetWrong(offset=have)
        self.parts[sha256] += piece[have - at :]
        if len(self.parts[sha256]) == size:
            self._complete(sha256)

    def _complete(self, sha256: str) -> None:
        whole = self.parts.pop(sha256)
        if hashlib.sha256(whole).hexdigest() != sha256:
            raise FileHashWrong(sha256=sha256)
        self.files[sha256] = whole

    def _take(self, wire: SealedWire) -> Outcome:
        rid = rid_of(wire.payload.encode())
        verdict, code = self.verdict(rid)
        if verdict is Verdict.REFUSED:
            return Outcome(rid, verdict, code)
        if rid in self.receipts:
            return Outcome(rid, Verdict.DUPLICATE, None, None, self.receipts[rid])
        sseq = self._store(wire)
        receipt = Receipt(SCHOOL, rid, sseq, self.gen, SINCE, verdict)
        self.receipts[rid] = make_receipt(receipt, self.key)
        return Outcome(rid, verdict, code, sseq, self.receipts[rid])

    def _store(self, wire: SealedWire) -> int:
        sseq = self._next()
        self.payloads[rid_of(wire.payload.encode())] = wire.payload.encode()
        self.log.append((sseq, "record", wire))
        return sseq

    def _next(self) -> int:
        return self.log[-1][0] + 1 if self.log else 1

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name in self.mishaps:
            self.mishaps[name]()


def fails(error: Exception, times: int = 10**9) -> Callable[[], None]:
    """A mishap that happens `times` times."""
    left = [times]

    def mishap() -> None:
        if left[0] > 0:
            left[0] -= 1
            raise error

    return mishap
