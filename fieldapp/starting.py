"""Begins visits: a fresh one for a child, or a supplement to one that is sealed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from casebook.casefile import CaseFile, Visit
from casebook.errors import FormUnknown, NoSuchVisit
from casebook.kinds.visit import arrived_of, carried_of, outing_of
from casebook.records import Attachment, FormRef, Place
from casebook.rules.standing import standing
from fieldapp import outings
from fieldapp.answers import leaves
from fieldapp.capture.place import fix_of
from fieldapp.carrying import Carried, carry
from fieldapp.filling import open_session
from fieldapp.outings import Stop, as_draft
from fieldapp.platform.clock import instant
from fieldapp.remembering import last_saved
from fieldapp.store import forms, uploads
from fieldapp.store.drafts import DraftRow
from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from casebook.forms import Session

NOTICE_QUESTION = "doc_no"


@dataclass
class _Luggage:
    """What a new draft brings along: answers carried by reference, files, and the position fix."""

    carried: dict[str, Carried] = field(default_factory=dict)
    files: Iterable[Attachment] = ()
    place: Place | None = None


def start(work: Workspace, student_id: str, form_id: str, outing: str | None = None) -> str:
    """A draft of the newest version of a form; the one that is already being written, if there is one.

    `outing` names an outing that goes on: what it told about the way and the meeting is carried over.
    Raises NoSuchCase, FormUnknown, StorageFull.
    """
    work.student(student_id)
    for row in work.books.drafts.all(work.db):
        if (row.case, row.form.id, row.amends) == (student_id, form_id, None):
            return row.id
    form, account = forms.newest(work.db, form_id), work.account()
    roles = account.get("roles", [])
    prefill = {
        "case": student_id,
        "visitor": str(account.get("name", "")),
        "role": " ".join(roles) if isinstance(roles, list) else "",
    }
    before = last_saved(work, student_id, "", form.form_id)
    session = open_session(work, form.sha256, prefill=prefill, last_saved=before)
    reference = FormRef(form.form_id, form.version, form.sha256)
    row = _new_row(work, student_id, uuid.uuid4().hex, reference, None)
    _name_notice(work, session, student_id)
    found = outings.of_outing(work, student_id, outing)
    if found:
        row = replace(row, outing=found[0].outing, arrived=min(stop.arrived for stop in found))
    return _keep(work, row, session, _from_outing(work, session, student_id, found))


def supplement(work: Workspace, student_id: str, visit_id: str) -> str:
    """A draft that amends a sealed visit, with its answers and files; the one already being written, if there is one.

    It asks with the form version of the visit. Raises NoSuchVisit, FormUnknown, StorageFull.
    """
    visit = work.case_file(student_id).visit(visit_id)
    if visit is None:
        raise NoSuchVisit(visit=visit_id)
    for row in work.books.drafts.all(work.db):
        if row.visit == visit_id and row.amends == visit.head.rid:
            return row.id
    record = visit.head.record
    form = record.form
    if form is None or forms.find(work.db, form.id, form.version, form.sha256) is None:
        raise FormUnknown(form_id=form.id if form else "")
    session = open_session(work, form.sha256, draft=as_draft(visit.head, form))
    row = _new_row(work, student_id, visit_id, form, visit.head.rid)
    row = replace(row, outing=outing_of(record), arrived=arrived_of(record))
    return _keep(work, row, session, _Luggage(_still_carried(session, visit), _still_answers(session, visit)))


def discard(work: Workspace, draft_id: str) -> None:
    """Deletes a draft with the files nothing else names. Raises NoSuchDraft."""
    with work.books.store.write() as db:
        work.books.drafts.delete(db, draft_id)
    work.books.drop_unnamed_files()


def _new_row(work: Workspace, case: str, visit: str, form: FormRef, amends: str | None) -> DraftRow:
    now = instant(work.clock.now())
    return DraftRow(uuid.uuid4().hex, case, visit, form, amends, now, now, outing=visit, arrived=now)


def _name_notice(work: Workspace, session: Session, student_id: str) -> None:
    """Where a form serves a notice, the number that the registrar gave it; the teacher compares it with the paper."""
    number, ref = standing(work.life(student_id))["notice_no"], session.ref_of(NOTICE_QUESTION)
    if number and ref:
        session.set(ref, number)


def _from_outing(work: Workspace, session: Session, student_id: str, found: list[Stop]) -> _Luggage:
    """Answers about the way and the meeting, and the position while it is fresh."""
    carried = carry(session, outings.told(work, student_id, found))
    fix, ref = outings.fix_of_outing(work, found), session.ref_of("place")
    if fix is None or ref is None:
        return _Luggage(carried)
    place, visit = fix
    session.set(ref, fix_of(place).as_answer())
    carried[ref] = Carried(visit, place.fixed_at, session.answered[ref], session.question(ref).value)
    return _Luggage(carried, place=place)


def _keep(work: Workspace, row: DraftRow, session: Session, luggage: _Luggage) -> str:
    seen = _seen(work.case_file(row.case))
    carried = {ref: asdict(origin) for ref, origin in luggage.carried.items()}
    with work.books.store.filing, work.books.store.write() as db:
        work.books.drafts.add(db, row, session.draft(), seen, carried)
        if luggage.place:
            work.books.drafts.put_place(db, row.id, asdict(luggage.place), None)
        for file in luggage.files:
            work.books.drafts.put_file(db, row.id, file)
            if not work.books.store.files.has(file.sha256):  # recorded on another phone: the school has it
                uploads.keep_arrived(db, [file.sha256])
    return row.id


def _seen(case: CaseFile) -> dict[str, list[str]]:
    """The records whose values the author sees now: only these may be replaced by what is going to be written."""
    return {prop: list(rids) for prop, rids in case.base_for(case.properties()).items()}


def _still_carried(session: Session, visit: Visit) -> dict[str, Carried]:
    """What the version before had carried over stays marked until it is answered anew."""
    origins = carried_of(visit.head.record)
    kept = {ref: at for ref, at in session.answered.items() if ref in origins}
    return {
        ref: Carried(origins[ref]["visit"], origins[ref]["answered"], at, session.question(ref).value)
        for ref, at in kept.items()
    }


def _still_answers(session: Session, visit: Visit) -> list[Attachment]:
    """The files of the visit that the answers still name."""
    named = dict(leaves(session.to_xml(drop_irrelevant=False)))
    return [file for file in visit.head.record.att if named.get(file.question or "", "").startswith(file.sha256)]
