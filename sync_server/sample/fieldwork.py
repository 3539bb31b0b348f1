"""A sample teacher at work: fills in the real form as a phone would and seals the visit with the phone's own key."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from casebook.casefile import CaseFile
from casebook.ed25519 import Ed25519Signer
from casebook.forms import Env, FormDef, Question, Session, TableSource, extract
from casebook.records import Attachment, FormRef, Place, Record, Span, hlc_next
from casebook.sealing import Sealed, device_id, seal
from casebook.wording import Wording
from sync_server.sample.photos import photo
from sync_server.sample.strokes import STROKES_TYPE, signature

PHOTO_TYPE = "image/jpeg"
EPOCH = 1
LANGUAGE = "zh"
PER_ANSWER = dt.timedelta(seconds=20)
NOTE_TAKES_MS = 45_000
PHOTO, STROKES = "photo:", "strokes"
GUARDIAN, HANDWRITTEN = "guardian_signature", "handwritten"
# Question -> the answer that names who signs there; everywhere else it is the visitor.
WRITERS = {
    GUARDIAN: "signer", "server_2_signature": "covisitors", "letter_signature": "letter_to",
    "witness_1_signature": "witness_1_name", "witness_2_signature": "witness_2_name",
}  # fmt: skip


class StoryDoesNotFit(Exception):
    """A planned visit and the published form disagree; the text says where."""


@dataclass
class SampleTelephone:
    """A member of staff's telephone: its key, its chain of records, its wrong clock."""

    account: str
    school: str
    roles: tuple[str, ...]
    owner: str
    offset: dt.timedelta
    signer: Ed25519Signer
    hlc: tuple[int, int] = (0, 0)
    seq: int = 0
    head: str = ""

    @property
    def dev(self) -> str:
        """The device's id."""
        return device_id(self.signer.public_key)

    def note(
        self, kind: str, at: dt.datetime, body: Mapping[str, object], case: str | None = None,
        amends: tuple[str, ...] = (),
    ) -> Sealed:  # fmt: skip
        """Seals a record without a form, such as a headcount, that was written at `at`."""
        shown = at + self.offset
        text, ms = shown.isoformat(timespec="seconds"), int(shown.timestamp() * 1000)
        return self.seal(Record(
            type=kind, school=self.school, author=self.account, dev=self.dev, ep=EPOCH, seq=self.seq + 1,
            prev=self.head, hlc=hlc_next(self.hlc, ms), at=Span(text, text, text[-6:], NOTE_TAKES_MS), case=case,
            amends=amends, body=body,
        ))  # fmt: skip

    def seal(self, record: Record) -> Sealed:
        """Seals the next record of this telephone's chain."""
        sealed = seal(record, self.signer)
        self.seq, self.head, self.hlc = record.seq, sealed.rid, record.hlc
        return sealed


@dataclass(frozen=True)
class Assignment:
    """Whom a visit is for, with which form, and what the teacher will find."""

    case: CaseFile
    row: Mapping[str, str]
    form: FormDef
    ref: FormRef
    purposes: tuple[str, ...]
    answers: Mapping[str, str]
    usual: Mapping[str, str]
    started: dt.datetime
    minutes: int
    place: Place
    wording: Wording


@dataclass
class Outing:
    """A visit under way: its session, its clock, and the files made so far by their hash."""

    assignment: Assignment
    session: Session
    now: dt.datetime
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)
    signatures: list[dict[str, object]] = field(default_factory=list)


@dataclass(frozen=True)
class SealedVisit:
    """A sealed visit and the files that belong to it (hash -> type and content)."""

    visit: str
    sealed: Sealed
    files: Mapping[str, tuple[str, bytes]]


def go(telephone: SampleTelephone, assignment: Assignment) -> SealedVisit:
    """Makes the visit. Raises StoryDoesNotFit when an answer is never asked for or the form is not satisfied."""
    outing = _set_out(telephone, assignment)
    unused = _answer_everything(outing)
    problems = [(problem.ref, problem.kind) for problem in outing.session.problems()]
    if unused or problems:
        raise StoryDoesNotFit(f"{assignment.ref.id}: never asked {sorted(unused)}, still open {problems}")
    outing.now = assignment.started + dt.timedelta(minutes=assignment.minutes)
    outing.session.finalize()
    visit = uuid.uuid4().hex
    return SealedVisit(visit, telephone.seal(_record(telephone, outing, visit)), outing.files)


def _set_out(telephone: SampleTelephone, assignment: Assignment) -> Outing:
    """Opens the form at the family's door; the session's clock is the outing's."""
    outings: list[Outing] = []
    env = Env(
        now=lambda: outings[0].now if outings else assignment.started,
        uuid=lambda: str(uuid.uuid4()),
        random=lambda: 0.5,
        username=telephone.owner,
        deviceid=telephone.dev,
    )
    prefill = {"case": assignment.row["name"], "visitor": telephone.owner, "role": telephone.roles[0]}
    lists = {"cases": TableSource([assignment.row])}
    session = Session(assignment.form, lists, env, language=LANGUAGE, prefill=prefill, wording=assignment.wording)
    outings.append(Outing(assignment, session, assignment.started))
    return outings[0]


def _answer_everything(outing: Outing) -> set[str]:
    """Answers what is asked until nothing new is asked; the names of planned answers that never were.

    Signatures come last: what is signed is the text as it stands then.
    """
    planned, usual = dict(outing.assignment.answers), dict(outing.assignment.usual)
    for signing in (False, True):
        while asked := [q for q in _open_questions(outing, signing) if _name(q) in planned or _name(q) in usual]:
            for question in asked:
                if outing.session.question(question.ref).relevant:
                    name = _name(question)
                    answer = planned.pop(name, usual.get(name, ""))
                    usual.pop(name, None)
                    outing.now += PER_ANSWER
                    outing.session.set(question.ref, _answer(outing, question, answer))
    return set(planned)


def _open_questions(outing: Outing, signing: bool) -> list[Question]:
    session = outing.session
    pages = [page.ref for page in session.pages() if page.relevant]
    found = [question for page in pages for question in session.questions(page)]
    return [q for q in found if q.relevant and not q.readonly and (q.kind == "signature") == signing]


def _name(question: Question) -> str:
    return question.ref.rsplit("/", 1)[-1]


def _answer(outing: Outing, question: Question, answer: str) -> str:
    """The answer as the form takes it; pictures are made and attached."""
    if answer.startswith(PHOTO):
        return _take_photo(outing, question, answer.removeprefix(PHOTO))
    if answer == STROKES:
        return _sign(outing, question)
    return answer


def _take_photo(outing: Outing, question: Question, kind: str) -> str:
    taken = photo(kind, f"{outing.assignment.row['name']}{outing.now.isoformat()}")
    content = taken.jpeg
    sha256 = hashlib.sha256(content).hexdigest()
    outing.files[sha256] = (PHOTO_TYPE, content)
    taken_at = outing.now.isoformat(timespec="seconds")
    outing.attachments.append(
        Attachment("photo", sha256, len(content), PHOTO_TYPE, question.ref, taken_at, "camera", sha256, taken.dhash)
    )
    return f"{sha256}.jpg"


def _sign(outing: Outing, question: Question) -> str:
    """Strokes in the hand of whoever the form says signs here; the guardian's are bound to the text that was shown."""
    session, name = outing.session, _name(question)
    writer = session.value(session.ref_of(WRITERS.get(name, "visitor")) or "")
    content = signature(str(writer), outing.now.isoformat() + question.ref)
    sha256 = hashlib.sha256(content).hexdigest()
    outing.files[sha256] = (STROKES_TYPE, content)
    taken_at = outing.now.isoformat(timespec="seconds")
    outing.attachments.append(
        Attachment("signature", sha256, len(content), STROKES_TYPE, question.ref, taken_at, "drawn")
    )
    signed: dict[str, object] = {"question": question.ref, "sha256": sha256, "mode": HANDWRITTEN}
    outing.signatures.append(signed | _shown_to_guardian(session) if name == GUARDIAN else signed)
    return f"{sha256}.json"


def _shown_to_guardian(session: Session) -> dict[str, object]:
    """Who signed, and under which text."""
    answers = {name: session.value(session.ref_of(name) or "") for name in ("signer", "signer_relation", "sign_mode")}
    text = next(session.text_of(page.ref) for page in session.pages() if page.ref.endswith("/readback"))
    return {
        "signer": answers["signer"],
        "relation": answers["signer_relation"],
        "mode": answers["sign_mode"] or HANDWRITTEN,
        "read_aloud": bool(session.value(session.ref_of("read_aloud") or "")),
        "text": text,
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


def _record(telephone: SampleTelephone, outing: Outing, visit: str) -> Record:
    plan, session = outing.assignment, outing.session
    started, ended = (instant.isoformat(timespec="seconds") for instant in (plan.started, outing.now))
    says = {prop: value for op in extract(session) if op.id == plan.case.case for prop, value in op.properties.items()}
    return Record(
        type="visit", school=telephone.school, author=telephone.account, dev=telephone.dev, ep=EPOCH,
        seq=telephone.seq + 1, prev=telephone.head, hlc=hlc_next(telephone.hlc, int(outing.now.timestamp() * 1000)),
        at=Span(started, ended, started[-6:], (plan.minutes + 3) * 60_000), case=plan.case.case, place=plan.place,
        base=plan.case.base_for(says), set=says, att=tuple(outing.attachments), form=plan.ref,
        body={
            "visit": visit, "purposes": list(plan.purposes), "instance": session.to_xml(),
            "language": session.language or "", "answered": session.answered, "signatures": outing.signatures,
        },
    )  # fmt: skip
