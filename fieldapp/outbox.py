"""Where each visit of this phone is on its way: draft, sealed, text sent, photos, received, returned or accepted."""

from __future__ import annotations

from casebook.casefile import Entry, Visit
from casebook.errors import by_code
from casebook.kinds.review import ACCEPTED, RETURNED
from casebook.merging import Verdict
from fieldapp.agenda import draft_card
from fieldapp.cards import OutboxItem, OutboxState
from fieldapp.store import forms, uploads
from fieldapp.store.drafts import DraftRow
from fieldapp.store.records import OwnRecord
from fieldapp.store.uploads import NO_FILES, FileCount
from fieldapp.workspace import Workspace

REVIEWED = {ACCEPTED: OutboxState.ACCEPTED, RETURNED: OutboxState.RETURNED}


def outbox(work: Workspace) -> list[OutboxItem]:
    """Drafts first, then the newest version of every visit this phone has sealed, newest first."""
    drafts = work.books.drafts.all(work.db)
    counts = uploads.counts(work.db)
    items = [_draft_item(work, row) for row in drafts]
    shown: set[str] = set()
    for own in work.books.records.own(work.db):
        if own.type == "visit" and own.visit not in shown:
            shown.add(own.visit)
            items.append(_sealed_item(work, own, counts.get(own.rid, NO_FILES), drafts))
    return items


def state_of(own: OwnRecord, files: FileCount, visit: Visit | None) -> OutboxState:
    """How far a sealed visit has come. A review counts only when it is about this very version."""
    if own.verdict is None:
        return OutboxState.SEALED
    if own.verdict == Verdict.REFUSED:
        return OutboxState.REFUSED
    if own.verdict == Verdict.QUARANTINED:
        return OutboxState.QUARANTINED
    if visit and visit.head.rid == own.rid and visit.status in REVIEWED:
        return REVIEWED[visit.status]
    if files.files_arrived == files.files:
        return OutboxState.RECEIVED
    return OutboxState.PHOTOS if files.files_arrived else OutboxState.TEXT_SENT


def returned_to_me(work: Workspace) -> list[Entry]:
    """Visits of this teacher that wait for a supplement: the version that was returned."""
    tasks = [task for case in work.cases.cases() for task in work.tasks(case) if task.visit]
    visits = [work.case_file(task.case).visit(task.visit or "") for task in tasks]
    return [visit.head for visit in visits if visit]


def _draft_item(work: Workspace, row: DraftRow) -> OutboxItem:
    card = draft_card(work, row)
    visit = work.case_file(row.case).visit(row.visit) if row.amends else None
    return OutboxItem(
        state=OutboxState.DRAFT,
        case=row.case,
        student_name=card.student_name,
        form_title=card.form_title,
        at=row.changed_at,
        visit=row.visit,
        draft_id=row.id,
        version=len(visit.versions) + 1 if visit else 1,
    )


def _sealed_item(work: Workspace, own: OwnRecord, files: FileCount, drafts: list[DraftRow]) -> OutboxItem:
    student = work.books.roster.student(own.case) or {}
    visit = work.case_file(own.case).visit(own.visit)
    form = forms.by_hash(work.db, own.form_sha256)
    versions = [entry.rid for entry in visit.versions] if visit else [own.rid]
    return OutboxItem(
        state=state_of(own, files, visit),
        case=own.case,
        student_name=str(student.get("name", "")),
        form_title=form.title(work.words.locale) if form else "",
        at=own.sealed_at,
        visit=own.visit,
        rid=own.rid,
        draft_id=next((row.id for row in drafts if row.amends == own.rid), None),
        photos_sent=files.photos_arrived,
        photos_total=files.photos,
        files_sent=files.files_arrived,
        files_total=files.files,
        receipt_no=own.sseq if own.verdict else None,
        remark=visit.review.record.body.get("remark") if visit and visit.review else None,
        problem=by_code(own.code) if own.code else None,
        version=versions.index(own.rid) + 1 if own.rid in versions else len(versions),
    )
