"""Turns a finished draft into a sealed record: draft gone, record there, chain advanced, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from casebook.casefile import Entry
from casebook.errors import VisitUnfinished
from casebook.kinds.visit import is_guardians
from casebook.policies import Policy, policy_of
from casebook.records import Attachment, Place, Record
from fieldapp.capture import ink, photo
from fieldapp.capture.place import Fix, NoFix, fix_of
from fieldapp.caselist import CaseList
from fieldapp.filling import CASES, answer_named, attachments_asked, readback_of, text_of
from fieldapp.sealing import seal_own, unsealed
from fieldapp.store import forms, uploads
from fieldapp.store.drafts import Carried, DraftRow, InkRow
from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from casebook.forms import Problem, Session
    from fieldapp.store.store import Database

_Any = TypeVar("_Any")
OUTDATED = "signature_outdated"
CAMERA_CLAIMS, FILE_FACTS = "camera_claims", "file_facts"
ACKNOWLEDGED = "OK"


def open_problems(work: Workspace, row: DraftRow, session: Session) -> list[Problem]:
    """What stands in the way of sealing: open questions, and a guardian's signature under words that changed since.

    In a supplement the guardian's signature may be older than the words: it stays bound to what was shown then.
    """
    from casebook.forms import Problem

    found = list(session.problems())
    shown = text_of(readback_of(session))
    inks = work.books.drafts.ink(work.db, row.id)
    for page in session.pages():
        for question in session.questions(page.ref):
            drawn = inks.get(question.ref)
            if drawn and question.value and outdated(question.ref, drawn, shown):
                found.append(Problem(question.ref, page.ref, question.label, OUTDATED, work.words("desk.sign_again")))
    order = {page.ref: page.index for page in session.pages()}
    return sorted(found, key=lambda problem: order.get(problem.page_ref, 0))


def outdated(ref: str, drawn: InkRow, shown: str) -> bool:
    """Whether a guardian's signature stands under other words than those `shown` now."""
    return is_guardians(ref) and drawn.shown != shown


def seal_visit(work: Workspace, row: DraftRow, session: Session) -> str:
    """Seals the draft; the record's rid. Raises VisitUnfinished, NotEnrolled, RecordTooLarge, StorageFull."""
    problems = open_problems(work, row, session)
    if problems:
        raise VisitUnfinished(count=len(problems))
    session.finalize()
    visit = _Finished(work, row, session)

    def replace_draft(db: Database, rid: str, record: Record) -> None:
        uploads.name_files(db, rid, record.att)
        work.books.drafts.delete(db, row.id)

    with work.books.store.filing:
        rid = seal_own(work, visit.record(), replace_draft)
    work.books.drop_unnamed_files()
    return rid


def kept_place(work: Workspace, draft_id: str) -> tuple[Fix | None, str | None]:
    """The position kept in a draft, or the reason why there is none."""
    place, reason = work.books.drafts.place(work.db, draft_id)
    return (fix_of(Place(**place)) if place else None), reason


def still_carried(session: Session, carried: Carried) -> Carried:
    """The carried answers that nobody has touched since; only relevant ones go into the record."""
    return {
        ref: origin
        for ref, origin in carried.items()
        if session.answered.get(ref) == origin["at"] and session.value(ref) == origin["value"] != ""
    }


def _as_sent(session: Session, found: Mapping[str, _Any]) -> dict[str, _Any]:
    """By the references of the sealed instance: hidden instances of repeats are left out, later ones move up."""
    sent = ((session.sent_ref(ref), one) for ref, one in found.items())
    return {ref: one for ref, one in sent if ref is not None}


class _Finished:
    """A draft that is ready to be sealed; `record` writes it down, still without its place in the chain."""

    def __init__(self, work: Workspace, row: DraftRow, session: Session) -> None:
        self._work, self._row, self._session = work, row, session
        self._inks = work.books.drafts.ink(work.db, row.id)
        self._files = {file.question: file for file in work.books.drafts.files(work.db, row.id)}
        self._amended = self._head(row.amends)
        self._signatures: list[dict[str, Any]] = []

    def record(self) -> Record:
        """The visit. Writes the strokes files; they are durable before a row names them."""
        work, row = self._work, self._row
        fix, reason = kept_place(work, row.id)
        att = self._attachments()
        sets = self._sets()
        amends = (row.amends,) if row.amends else ()
        written = unsealed(
            work, "visit", row.case, self._body(fix, reason, att), amends=amends, started=row.started_at)
        place = fix.as_place() if fix else None
        return replace(written, place=place, base=self._base(sets), set=sets, att=att, form=row.form)

    def _head(self, rid: str | None) -> Entry | None:
        timeline = self._work.case_file(self._row.case).timeline() if rid else []
        return next((entry for entry in timeline if entry.rid == rid), None)

    def _attachments(self) -> tuple[Attachment, ...]:
        """The files that the relevant questions name, in the order of the form."""
        found = []
        for question in attachments_asked(self._session):
            drawn, file = self._inks.get(question.ref), self._files.get(question.ref)
            if drawn and question.value:
                found.append(self._drawn(question.ref, drawn))
            elif file and question.value:
                found.append(replace(file, question=self._session.sent_ref(question.ref)))
                self._carry_signature(file)
        return tuple(found)

    def _drawn(self, ref: str, drawn: InkRow) -> Attachment:
        sha256, sent = self._work.books.store.files.put(drawn.strokes), self._session.sent_ref(ref)
        signature: dict[str, Any] = {"question": sent, "sha256": sha256, "mode": "handwritten"}
        if is_guardians(ref):
            signature |= self._guardian(drawn.shown)
        self._signatures.append(signature)
        signed_at = self._session.answered.get(ref)
        return Attachment("signature", sha256, len(drawn.strokes), ink.TYPE, sent, signed_at, "drawn")

    def _guardian(self, shown: str) -> dict[str, Any]:
        """Who signed, how, and the very text that was read out or shown."""
        session = self._session
        return {
            "signer": answer_named(session, "signer"),
            "relation": answer_named(session, "signer_relation"),
            "mode": answer_named(session, "sign_mode"),
            "read_aloud": answer_named(session, "read_aloud") == ACKNOWLEDGED,
            "text_sha256": hashlib.sha256(shown.encode()).hexdigest(),
            "text": shown,
        }

    def _carry_signature(self, file: Attachment) -> None:
        """A signature kept from the version before stays bound to the words of that version."""
        former = self._amended.record.body.get("signatures", []) if self._amended else []
        self._signatures += [signature for signature in former if signature.get("sha256") == file.sha256]

    def _body(self, fix: Fix | None, reason: str | None, att: tuple[Attachment, ...]) -> dict[str, Any]:
        work, row, session = self._work, self._row, self._session
        form = forms.find(work.db, row.form.id, row.form.version, row.form.sha256)
        body: dict[str, Any] = {
            "visit": row.visit,
            "purposes": list(form.purposes) if form else [],
            "instance": session.to_xml(),
            "language": session.language or "",
            "answered": _as_sent(session, session.answered),
            "signatures": self._signatures,
            "outing": row.outing,
            "arrived": row.arrived,
        }
        carried = _as_sent(session, still_carried(session, work.books.drafts.carried(work.db, row.id)))
        if carried:
            origin = ("visit", "answered")
            body["carried"] = {ref: {name: one[name] for name in origin} for ref, one in carried.items()}
        if fix is None:
            body["no_place"] = reason or NoFix.SKIPPED.value
        return body | self._said(att)

    def _said(self, att: tuple[Attachment, ...]) -> dict[str, Any]:
        """What the originals of the files said about themselves: cameras where, sounds how long, papers their names."""
        said = self._work.books.drafts.claims(self._work.db, self._row.id)
        found: dict[str, Any] = {}
        for file in att:
            if file.sha256 in said:
                name = CAMERA_CLAIMS if file.role == photo.ROLE else FILE_FACTS
                found.setdefault(name, {})[file.sha256] = said[file.sha256]
        return found

    def _sets(self) -> dict[str, str]:
        """What the visit says about the case. Contact data counts only where it changed; the office's is not ours."""
        from casebook.forms import extract

        said: dict[str, str] = {}
        for operation in extract(self._session):
            if operation.dataset == CASES and operation.id == self._row.case:
                said |= operation.properties
        known = CaseList(self._work).row(self._work.student(self._row.case))
        return {prop: value for prop, value in said.items() if value and self._counts(prop, value, known)}

    def _counts(self, prop: str, value: str, known: Mapping[str, str]) -> bool:
        policy = policy_of(prop)
        if policy is Policy.CONTACT:
            return value != known.get(prop) or prop in self._former()
        return policy is not Policy.OFFICE

    def _former(self) -> Mapping[str, Any]:
        """What the version that this one amends had set."""
        return self._amended.record.set if self._amended else {}

    def _base(self, sets: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """The records whose values this one replaces: those its author saw, and all that the amended version set.

        Of a property whose values all stay (needs), only the amended version's own is replaced.
        """
        seen = self._work.books.drafts.seen(self._work.db, self._row.id)
        amended = {self._row.amends} if self._row.amends else set()
        base = {}
        for prop in {*sets, *self._former()}:
            replaced = amended if prop in self._former() else set()
            if prop in sets and policy_of(prop) is not Policy.APPEND:
                replaced = replaced | set(seen.get(prop, ()))
            if replaced:
                base[prop] = tuple(sorted(rid for rid in replaced if rid))
        return base
