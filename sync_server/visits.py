"""One visit as the school reads it: every version with its answers, photos and signature, its evidence and its seal."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from casebook.errors import FormBroken, FormUnknown, NoSuchFile, NoSuchVisit
from casebook.kinds.visit import is_guardians
from casebook.records import Attachment, Record
from casebook.rules.evidence import Part
from casebook.wording import Wording
from sync_server.access import Subject
from sync_server.answers import Answers, Reading, fellow_names
from sync_server.captures import PAPER, PHOTO, SIGNATURE, SOUND, evidence, plain_answers, sighting
from sync_server.seals import Examined, Seals
from sync_server.store import accounts, files, originals, rows, visits
from sync_server.store.blobs import Blobs
from sync_server.store.engine import Connection
from sync_server.store.originals import Original
from sync_server.store.visits import VisitRow

LONGEST_NAME = 120
DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class Review:
    """A decision about one version: by whom (staff id), when, with which remark."""

    decision: str
    author: str
    at: str
    remark: str


@dataclass(frozen=True)
class Evidence:
    """A file of a version: `here` once it is complete; `altered` when the school's copy has another hash.

    `kept_back` when only few may see it; `name` and `length_ms` are what its original said about itself.
    """

    attachment: Attachment
    here: bool
    altered: bool
    content: bytes | None = None
    kept_back: bool = False
    name: str = ""
    length_ms: int = 0


@dataclass(frozen=True)
class Signature:
    """Who signed how, the strokes file, and the text that was shown, with its hash checked. `question` asked for it."""

    question: str | None
    signer: str
    relation: str
    mode: str
    read_aloud: bool
    text: str
    text_intact: bool
    strokes: Evidence | None

    @property
    def guardians(self) -> bool:
        """Whether it is the guardian's."""
        return is_guardians(self.question)


@dataclass(frozen=True)
class Found:
    """A file of a visit; `role` is empty where the record's seal is broken."""

    file: files.CompleteFile
    role: str
    name: str


@dataclass(frozen=True)
class Version:
    """One version of a visit. `record` is None when the seal is broken; `unreadable` says why answers are missing."""

    number: int
    seal: Examined
    reading: Reading
    unreadable: str | None
    photos: tuple[Evidence, ...]
    sounds: tuple[Evidence, ...]
    papers: tuple[Evidence, ...]
    signatures: tuple[Signature, ...]
    sign_mode: str
    review: Review | None

    @property
    def rid(self) -> str:
        """The id of the version's record."""
        return self.seal.original.rid

    @property
    def record(self) -> Record | None:
        """What was sealed, if it still is."""
        return self.seal.record


@dataclass(frozen=True)
class VisitFile:
    """A visit with all its versions, oldest first; `row` is what lists show of it."""

    row: VisitRow
    subject: Subject
    versions: tuple[Version, ...]
    fellows: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def head(self) -> Version:
        """The version that counts."""
        return next((v for v in self.versions if v.rid == self.row.head), self.versions[-1])


class Visits:
    """Opens visits of one school."""

    def __init__(self, school: str, seals: Seals, answers: Answers, blobs: Blobs) -> None:
        self._school, self._seals, self._answers, self._blobs = school, seals, answers, blobs

    def subject(self, conn: Connection, visit: str) -> tuple[VisitRow, Subject]:
        """The visit's row, and whom permissions are asked about. Raises NoSuchVisit."""
        row = visits.one(conn, self._school, visit)
        if row is None:
            raise NoSuchVisit()
        written, joined = set[str](), set[str]()
        for seal in self._seals.open_all(conn, self._versions(conn, visit)):
            written.add(seal.original.author)
            joined |= set(fellow_names(plain_answers(seal.record))) if seal.record else set()
        ids = accounts.names(conn, self._school)
        went_along = frozenset(account for account, name in ids.items() if name in joined)
        class_id = rows.class_of(conn, self._school, row.case) or ""
        return row, Subject(row.case, class_id, frozenset(written), went_along)

    def first_record(self, conn: Connection, visit: str) -> Record | None:
        """What the first version of a visit says; None when there is none or its seal is broken."""
        return next((self._seals.open(conn, original).record for original in self._versions(conn, visit)), None)

    def open(self, conn: Connection, visit: str, wording: Wording, proofs: bool = False) -> VisitFile:
        """Everything about a visit; `proofs` for few are not kept back. Raises NoSuchVisit.

        Who may see it is for the caller to ask first.
        """
        row, subject = self.subject(conn, visit)
        reviews = self._reviews(conn, visit)
        found = self._versions(conn, visit)
        versions = tuple(
            self._version(conn, number, original, reviews.get(original.rid), wording, proofs)
            for number, original in enumerate(found, 1)
        )
        head = next((v.record for v in versions if v.rid == row.head), None)
        fellows = fellow_names(plain_answers(head)) if head else ()
        return VisitFile(row, subject, versions, fellows, self._parts(conn, row, versions))

    def file(self, conn: Connection, visit: str, sha256: str) -> Found | None:
        """A file that a version of this visit brought; None when it is not here. Its bytes are for `checked`."""
        by = files.brought_by(conn, self._school, sha256)
        theirs = [original for original in self._versions(conn, visit) if original.author == by]
        named = [original for original in theirs if sha256 in files.of_record(conn, self._school, original.rid)]
        file = files.one(conn, self._school, sha256) if named else None
        if file is None:
            return None
        record = self._seals.open(conn, named[-1]).record
        role = next((a.role for a in record.att if a.sha256 == sha256), "") if record else ""
        return Found(file, role, said_of(record, sha256)[0] if record else "")

    def checked(self, sha256: str) -> bytes:
        """The bytes of a file, checked against its hash. Raises NoSuchFile when it is gone or altered."""
        content = self._bytes(sha256)
        if content is None or _hash(content) != sha256:
            raise NoSuchFile()
        return content

    def faces(self, conn: Connection, ids: Collection[str]) -> dict[str, str]:
        """Of each visit the hash of its first photo that everybody may see who may see the visit."""
        found: dict[str, str] = {}
        for visit, sha256 in visits.whole_photos(conn, self._school, ids):
            if visit not in found and not self.kept_back(conn, visit, sha256):
                found[visit] = sha256
        return found

    def kept_back(self, conn: Connection, visit: str, sha256: str = "", proofs: bool = False) -> bool:
        """Whether only few may see this file of the visit; without a hash: any. `proofs` are not for so few."""
        for original in self._versions(conn, visit):
            record = self._seals.open(conn, original).record
            found = self._answers.kept_back_files(conn, record, proofs) if record else frozenset()
            if sha256 in found or (found and not sha256):
                return True
        return False

    def parts_of(self, conn: Connection, ids: Collection[str], cases: Iterable[str]) -> dict[str, tuple[Part, ...]]:
        """Evidence parts of several visits, each seen beside its child's other visits and those with its photos."""
        neighbours = [row.visit for row in visits.listed(conn, self._school, cases=set(cases), limit=1000)]
        by_visit: dict[str, list[tuple[Record, str | None]]] = {}
        alike = visits.sharing_photos(conn, self._school, ids)
        found = originals.of_visits(conn, self._school, {*ids, *neighbours, *alike})
        for seal in self._seals.open_all(conn, [original for original in found if original.type == "visit"]):
            if seal.record is not None:
                by_visit.setdefault(str(seal.original.visit), []).append((seal.record, seal.original.received_at))
        seen = {visit: sighting(visit, versions) for visit, versions in by_visit.items()}
        beside: dict[str, set[str]] = {}  # of the same child, or with the same photo
        for visit, one in seen.items():
            for link in one.links:
                beside.setdefault(link, set()).add(visit)
        return {
            visit: evidence(seen[visit], [seen[other] for link in seen[visit].links for other in beside[link]])
            for visit in ids if visit in seen
        }  # fmt: skip

    def _parts(self, conn: Connection, row: VisitRow, versions: tuple[Version, ...]) -> tuple[Part, ...]:
        if any(version.record is None for version in versions):
            return ()
        return self.parts_of(conn, [row.visit], [row.case]).get(row.visit, ())

    def _versions(self, conn: Connection, visit: str) -> list[Original]:
        """The visit's own records in the order they were written: by the device's chain, not by arrival."""
        found = [o for o in originals.of_visits(conn, self._school, [visit]) if o.type == "visit"]
        return sorted(found, key=lambda original: (original.ep, original.seq, original.sseq))

    def _reviews(self, conn: Connection, visit: str) -> dict[str, Review]:
        """The newest decision about each version."""
        decided = {}
        for original in originals.of_visits(conn, self._school, [visit]):
            record = self._seals.open(conn, original).record if original.type == "review" else None
            if record is not None:
                body = record.body
                decided[body["version"]] = Review(body["decision"], record.author, record.at.ended, body["remark"])
        return decided

    def _version(
        self, conn: Connection, number: int, original: Original, review: Review | None, wording: Wording, proofs: bool
    ) -> Version:
        seal = self._seals.explain(conn, original)
        record = seal.record
        if record is None:
            return Version(number, seal, Reading(), "broken", (), (), (), (), "", review)
        try:
            reading, unreadable = self._answers.read(conn, record, wording), None
        except (FormUnknown, FormBroken) as error:
            reading, unreadable = Reading(), error.code
        complete = files.among(conn, self._school, [a.sha256 for a in record.att])
        kept_back = self._answers.kept_back_files(conn, record, proofs)
        found = [self._evidence(record, a, a.sha256 in complete, a.sha256 in kept_back) for a in record.att]
        by_role = {role: tuple(e for e in found if e.attachment.role == role) for role in (PHOTO, SOUND, PAPER)}
        return Version(
            number, seal, reading, unreadable, by_role[PHOTO], by_role[SOUND], by_role[PAPER],
            _signatures(record, {e.attachment.sha256: e for e in found}),
            plain_answers(record).get("sign_mode", ""), review,
        )  # fmt: skip

    def _evidence(self, record: Record, attachment: Attachment, noted: bool, kept_back: bool) -> Evidence:
        content = self._bytes(attachment.sha256) if noted else None
        altered = content is not None and _hash(content) != attachment.sha256
        kept = content if attachment.role == SIGNATURE and not altered else None
        name, length_ms = said_of(record, attachment.sha256)
        return Evidence(attachment, content is not None, altered, kept, kept_back, name, length_ms)

    def _bytes(self, sha256: str) -> bytes | None:
        try:
            return b"".join(self._blobs.files.read(sha256))
        except OSError:
            return None


def said_of(record: Record, sha256: str) -> tuple[str, int]:
    """Name and length in ms of a file, as the record has them; nothing else than that is believed."""
    said = record.body.get("file_facts")
    facts = said.get(sha256) if isinstance(said, dict) else None
    if not isinstance(facts, dict):
        return "", 0
    name, long = facts.get("name"), facts.get("length_ms")
    seen = "".join(sign for sign in name if sign.isprintable()) if isinstance(name, str) else ""
    return seen[:LONGEST_NAME], long if type(long) is int and 0 < long < DAY_MS else 0


def _signatures(record: Record, evidences: dict[str, Evidence]) -> tuple[Signature, ...]:
    return tuple(
        Signature(
            question=signed["question"] if isinstance(signed.get("question"), str) else None,
            signer=str(signed.get("signer") or ""), relation=str(signed.get("relation") or ""),
            mode=str(signed.get("mode") or ""), read_aloud=signed.get("read_aloud") is True,
            text=str(signed.get("text") or ""),
            text_intact=_hash(str(signed.get("text") or "").encode()) == signed.get("text_sha256"),
            strokes=evidences.get(str(signed.get("sha256"))),
        )
        for signed in record.body.get("signatures", ())
    )  # fmt: skip


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
