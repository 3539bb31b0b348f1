"""Begins visits: a fresh one for a child, or a supplement to one that is sealed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from casebook.casefile import CaseFile, Visit
from casebook.errors import FormUnknown, NoSuchVisit
from casebook.records import Attachment, FormRef
from fieldapp.answers import leaves
from fieldapp.filling import open_session
from fieldapp.platform.clock import instant
from fieldapp.store import forms, uploads
from fieldapp.store.drafts import DraftRow
from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from casebook.forms import Session


def start(work: Workspace, student_id: str, form_id: str) -> str:
    """A draft of the newest version of a form; the one that is already being written, if there is one.

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
    session = open_session(work, form.sha256, prefill=prefill)
    reference = FormRef(form.form_id, form.version, form.sha256)
    return _keep(work, _new_row(work, student_id, uuid.uuid4().hex, reference, None), session, ())


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
    session = open_session(work, form.sha256, draft=_as_draft(visit, form))
    row = _new_row(work, student_id, visit_id, form, visit.head.rid)
    return _keep(work, row, session, _still_answers(session, visit))


def discard(work: Workspace, draft_id: str) -> None:
    """Deletes a draft with the files nothing else names. Raises NoSuchDraft."""
    with work.books.store.write() as db:
        work.books.drafts.delete(db, draft_id)
    work.books.drop_unnamed_files()


def _new_row(work: Workspace, case: str, visit: str, form: FormRef, amends: str | None) -> DraftRow:
    now = instant(work.clock.now())
    return DraftRow(uuid.uuid4().hex, case, visit, form, amends, now, now)


def _keep(work: Workspace, row: DraftRow, session: Session, files: Iterable[Attachment]) -> str:
    seen = _seen(work.case_file(row.case))
    with work.books.store.filing, work.books.store.write() as db:
        work.books.drafts.add(db, row, session.draft(), seen)
        for file in files:
            work.books.drafts.put_file(db, row.id, file)
            if not work.books.store.files.has(file.sha256):  # recorded on another phone: the school has it
                uploads.keep_arrived(db, [file.sha256])
    return row.id


def _seen(case: CaseFile) -> dict[str, list[str]]:
    """The records whose values the author sees now: only these may be replaced by what is going to be written."""
    return {prop: list(rids) for prop, rids in case.base_for(case.properties()).items()}


def _as_draft(visit: Visit, form: FormRef) -> dict[str, object]:
    """The sealed answers in the shape of a draft, so that nothing is asked or stamped anew."""
    body = visit.head.record.body
    return {
        "form_id": form.id,
        "version": form.version,
        "language": body.get("language") or None,
        "xml": body["instance"],
        "kept": [],
        "answered": dict(body.get("answered", {})),
    }


def _still_answers(session: Session, visit: Visit) -> list[Attachment]:
    """The files of the visit that the answers still name."""
    named = dict(leaves(session.to_xml(drop_irrelevant=False)))
    return [file for file in visit.head.record.att if named.get(file.question or "", "").startswith(file.sha256)]
