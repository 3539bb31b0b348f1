"""Where everything this phone has written is on its way: draft, sealed, text sent, photos, received, reviewed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from casebook import feeds
from casebook.casefile import Entry, Visit
from casebook.errors import by_code
from casebook.kinds.review import ACCEPTED, RETURNED
from casebook.merging import Verdict
from casebook.records import Record, reread
from casebook.rules.words import event_key
from fieldapp.agenda import draft_card
from fieldapp.cards import OutboxItem, OutboxState
from fieldapp.caselist import day_in_words
from fieldapp.store import forms, uploads
from fieldapp.store.drafts import DraftRow
from fieldapp.store.records import OwnRecord
from fieldapp.store.uploads import NO_FILES, FileCount
from fieldapp.workspace import Workspace

TOLD_DAYS = 7
REVIEWED = {ACCEPTED: OutboxState.ACCEPTED, RETURNED: OutboxState.RETURNED}


def outbox(work: Workspace) -> list[OutboxItem]:
    """Drafts first, then what this phone has sealed, newest first: of each visit its newest version, and every
    headcount, leave and step by itself, as long as it is not at school or not older than TOLD_DAYS.
    """
    drafts = work.books.drafts.all(work.db)
    counts = uploads.counts(work.db)
    items = [_draft_item(work, row) for row in drafts]
    shown: set[str] = set()
    for own in work.books.records.own(work.db):
        if own.type == "visit" and own.visit not in shown:
            shown.add(own.visit)
            items.append(_sealed_item(work, own, counts.get(own.rid, NO_FILES), drafts))
        elif own.type in TOLD and not _is_old(work, own):
            items.append(_told_item(work, own))
    return items


def _is_old(work: Workspace, own: OwnRecord) -> bool:
    """Whether the school has taken it in and days have passed: nobody looks for the headcounts of last month here."""
    taken = own.verdict in (Verdict.STORED, Verdict.DUPLICATE)
    return taken and own.sealed_at[:10] < (work.today() - dt.timedelta(days=TOLD_DAYS)).isoformat()


def _told_item(work: Workspace, own: OwnRecord) -> OutboxItem:
    """A record that is no visit: whom it is about and what it says, in words."""
    sealed = work.books.records.sealed(work.db, own.rid)
    about, what = TOLD[own.type](work, reread(sealed.payload)) if sealed else ("", "")
    return OutboxItem(
        state=state_of(own, NO_FILES, None), case=own.case or "", student_name=about, form_title=what, at=own.sealed_at,
        visit="", rid=own.rid, receipt_no=own.sseq if own.verdict else None,
        problem=by_code(own.code) if own.code else None, kind=own.type,
    )  # fmt: skip


def _headcount_told(work: Workspace, record: Record) -> tuple[str, str]:
    body, words = record.body, work.words
    class_id = str(body["class"])
    session = words(f"headcount.session.{body['session']}", lesson=body.get("lesson", ""))
    key = "headcount.outbox.correction" if record.amends else "headcount.outbox"
    what = words(key, session=session, day=day_in_words(words, str(body["day"])), present=body["present"],
                 expected=body["expected"])
    return str((work.books.roster.row(feeds.CLASSES, class_id) or {}).get("name") or class_id), what


def _leave_told(work: Workspace, record: Record) -> tuple[str, str]:
    body = record.body
    later = next((part for part in ("withdrawn", "returned_on", "verified_at") if part in body), "asked")
    days = [day_in_words(work.words, str(body[name])) for name in ("first", "last")]
    return _name(work, record), work.words(f"leave.outbox.{later}", first=days[0], last=days[1])


def _act_told(work: Workspace, record: Record) -> tuple[str, str]:
    return _name(work, record), work.words(event_key(str(record.body["act"])))


def _name(work: Workspace, record: Record) -> str:
    return str((work.books.roster.student(record.case or "") or {}).get("name", ""))


# What the outbox says of a record that is no visit: whom it is about, and what.
TOLD: dict[str, Callable[[Workspace, Record], tuple[str, str]]] = {
    "headcount": _headcount_told, "leave": _leave_told, "act": _act_told,
}  # fmt: skip


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
    mine, files = work.account().get("id"), [work.case_file(case) for case in work.lives.told()]
    visits = [visit for file in files for visit in file.visits if visit.review and visit.status == RETURNED]
    return [visit.head for visit in visits if visit.versions[0].record.author == mine]


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
        files_sent=files.files_arrived,
        files_total=files.files,
        receipt_no=own.sseq if own.verdict else None,
        remark=visit.review.record.body.get("remark") if visit and visit.review else None,
        problem=by_code(own.code) if own.code else None,
        version=versions.index(own.rid) + 1 if own.rid in versions else len(versions),
    )
