"""A teacher's phone in a story: its own key and clock, what it has not sent yet, and what it knows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from casebook import home
from casebook.casefile import CaseFile, Entry, fold
from casebook.ed25519 import Ed25519Signer
from casebook.feeds import STUDENTS, VILLAGES
from casebook.protocol import PushRequest, sealed_from_wire, sealed_to_wire
from casebook.records import Attachment, FormRef, Place, Record, Span, decode, hlc_next
from casebook.sealing import Sealed, device_id, seal
from sync_server.play.cast import DeviceRole
from sync_server.play.stage import Stage, enrol
from sync_server.store.blobs import Announcement

EPOCH = 1
PULL_PAGE = 1000
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Written:
    """What a record is to say."""

    type: str
    body: Mapping[str, Any]
    case: str | None = None
    started: dt.datetime | None = None  # true time; now when it is not said
    ended: dt.datetime | None = None
    says: Mapping[str, Any] = field(default_factory=dict)
    amends: Sequence[str] = ()
    attachments: Sequence[Attachment] = ()
    form: FormRef | None = None
    place: Place | None = None


@dataclass
class Synced:
    """What became of a sync: verdicts by record, files that are there, bytes sent, those sent twice, files left."""

    verdicts: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0
    resent: int = 0
    waiting: int = 0

    def outline(self) -> dict[str, Any]:
        """How many records got which verdict; codes of refusals and quarantines."""
        counts: dict[str, int] = {}
        for verdict, _ in self.verdicts.values():
            counts[verdict] = counts.get(verdict, 0) + 1
        codes = sorted({code for _, code in self.verdicts.values() if code})
        return {"records": counts, "codes": codes, "files": self.files, "bytes": self.bytes, "resent": self.resent,
                "waiting": self.waiting}  # fmt: skip


class Phone:
    """One phone. Nothing leaves it but by `sync`."""

    def __init__(self, stage: Stage, role: DeviceRole) -> None:
        self._stage, self._role = stage, role
        self._signer = Ed25519Signer.generate()
        self._token = enrol(stage, role, self._signer)
        self._account = stage.account(role.of).id
        self._hlc, self._seq, self._head = (0, 0), 0, ""
        self._unsent: list[Sealed] = []
        self._files: dict[str, tuple[str, bytes]] = {}
        self._gone: dict[str, int] = {}  # bytes of a file that went so far
        self._entries: dict[str, Entry] = {}
        self._cursor = 0
        self.children: dict[str, Mapping[str, Any]] = {}
        self.villages: dict[str, Mapping[str, Any]] = {}

    @property
    def offline(self) -> bool:
        """Whether it only syncs when the story says so."""
        return self._role.offline

    @property
    def owner(self) -> str:
        """Who carries it."""
        return self._role.of

    @property
    def ahead(self) -> dt.timedelta:
        """How far its clock is ahead."""
        return dt.timedelta(seconds=self._role.ahead)

    def shown(self, moment: dt.datetime) -> dt.datetime:
        """What its clock shows at a moment."""
        return moment + self.ahead

    def write(self, said: Written, files: Mapping[str, tuple[str, bytes]] | None = None) -> str:
        """Seals the next record of its chain and keeps it until the next sync; the record's id."""
        now = self.shown(said.ended or self._stage.clock.now)
        started = self.shown(said.started) if said.started else now
        at = Span(_text(started), _text(now), _text(now)[-6:], int((now - started).total_seconds() * 1000))
        self._hlc = hlc_next(self._hlc, int(now.timestamp() * 1000))
        record = Record(
            type=said.type, school=self._stage.school, author=self._account, dev=device_id(self._signer.public_key),
            ep=EPOCH, seq=self._seq + 1, prev=self._head, hlc=self._hlc, at=at, case=said.case, place=said.place,
            base=self.file(said.case).base_for(said.says) if said.case else {}, set=said.says,
            amends=tuple(said.amends), att=tuple(said.attachments), form=said.form, body=said.body,
        )  # fmt: skip
        sealed = seal(record, self._signer)
        self._seq, self._head = record.seq, sealed.rid
        self._unsent.append(sealed)
        self._files |= files or {}
        self._entries[sealed.rid] = Entry(sealed.rid, record)
        return sealed.rid

    def file(self, case: str) -> CaseFile:
        """The case file of a child, as far as this phone knows it."""
        row = self.children.get(case, {})
        siblings = row.get("siblings", ())
        here = home.told(entry for entry in self._entries.values() if entry.record.case in siblings)
        own = (entry for entry in self._entries.values() if entry.record.case == case)
        return fold(case, own, home.read([*row.get("home", ()), *here]))

    def outline(self) -> dict[str, Any]:
        """What it shows of the children of whom it knows more than the register, by id."""
        cases = {*self.children} & {str(entry.record.case) for entry in self._entries.values()}
        cases |= {case for case, row in self.children.items() if row.get("home")}
        files = {case: self.file(case) for case in sorted(cases)}
        return {case: {
            "values": {prop: file.text(prop) for prop in file.properties()},
            "conflicts": {prop: [one.value for one in values] for prop, values in file.conflicts().items()},
        } for case, file in files.items()}  # fmt: skip

    def record(self, rid: str) -> Record | None:
        """A record that this phone holds."""
        return self._entries[rid].record if rid in self._entries else None

    def sync(self, order: Sequence[str] = (), times: int = 1, most_bytes: int | None = None) -> Synced:
        """Sends what is unsent, text first, then files up to `most_bytes`, and reads what is new.

        `order` names records to send first, or is `reversed`; with `times` all is sent that often.
        """
        found = Synced()
        device = self._stage.wiring.enrolment.device_of(self._token)
        waiting = self._ordered(order)
        for _ in range(times):
            for part in _portions(waiting):
                reply = self._stage.wiring.intake.push(device, self._request(part))
                for outcome in reply.outcomes:
                    found.verdicts[outcome.rid + "+" * (outcome.rid in found.verdicts)] = outcome.verdict, outcome.code
        self._stage.wiring.numbers.look()  # as the school does after every push
        self._unsent = []
        self._send_files(found, most_bytes)
        if self.offline:  # with signal it reads on when it needs to know
            self._read_on()
        return found

    def refresh(self) -> None:
        """Reads what is new, as a phone with signal does before it shows a child."""
        if not self.offline:
            self._read_on()

    def _request(self, part: list[Sealed]) -> PushRequest:
        wires = [sealed_to_wire(one) for one in part]
        return PushRequest(wires, sent_at=_text(self.shown(self._stage.clock.now)))

    def _ordered(self, order: Sequence[str]) -> list[Sealed]:
        if list(order) == ["reversed"]:
            return self._unsent[::-1]
        wanted = [self._stage.labels.get(label.removeprefix("@"), "") for label in order]
        place = {name: number for number, name in enumerate(wanted)}
        told = {one.rid: place.get(self._visit_of(one.rid), place.get(one.rid, len(place))) for one in self._unsent}
        return sorted(self._unsent, key=lambda one: told[one.rid])

    def _visit_of(self, rid: str) -> str:
        return str(self._entries[rid].record.body.get("visit", ""))

    def _send_files(self, found: Synced, most_bytes: int | None) -> None:
        """Announces each file and sends from the byte that the school wants, piece by piece."""
        uploads, school = self._stage.wiring.uploads, self._stage.school
        for sha256, (kind, content) in list(self._files.items()):
            at = uploads.announce(school, sha256, Announcement(len(content), kind)).offset
            while at < len(content) and (most_bytes is None or found.bytes < most_bytes):
                left = CHUNK if most_bytes is None else min(CHUNK, most_bytes - found.bytes)
                writing = uploads.open(school, sha256, at)
                writing.write(content[at : at + left])
                found.bytes += len(content[at : at + left])
                self._gone[sha256] = self._gone.get(sha256, 0) + len(content[at : at + left])
                at = writing.close().offset
            if at == len(content):
                found.resent += max(0, self._gone.pop(sha256, 0) - len(content))
                del self._files[sha256]
                found.files += 1
        found.waiting = len(self._files)

    def _read_on(self) -> None:
        device = self._stage.wiring.enrolment.device_of(self._token)
        more = True
        while more:
            page = self._stage.wiring.handout.pull(device, self._cursor, PULL_PAGE)
            for pulled in page.records:
                sealed = sealed_from_wire(pulled.sealed)
                self._entries[sealed.rid] = Entry(sealed.rid, decode(sealed.payload), pulled.received_at, pulled.sseq)
            for feed, known in ((STUDENTS, self.children), (VILLAGES, self.villages)):
                known |= {row.key: row.value for row in page.rows if row.feed == feed and row.value}
            self._cursor, more = page.next, page.more


def new_id() -> str:
    """32 hex digits for a visit or a leave."""
    return uuid.uuid4().hex


def _portions(waiting: list[Sealed], size: int = 100) -> Iterable[list[Sealed]]:
    return (waiting[start : start + size] for start in range(0, len(waiting), size))


def _text(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds")
