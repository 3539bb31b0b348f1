"""Students as the teacher looks them up: the list, and the page of one child."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from casebook import feeds
from casebook.casefile import CaseFile, Entry, Shown
from casebook.policies import is_of_home
from casebook.rules.words import event_key
from fieldapp.agenda import COMPLETE_VISIT, Agenda, draft_card
from fieldapp.cards import (
    ContactValue,
    Contested,
    Found,
    GuardianCard,
    Promise,
    StudentPage,
    StudentRow,
    TimelineItem,
)
from fieldapp.caselist import CONTACT_COLUMNS, CaseList, age_on, contact_of, day_in_words, outcome_of
from fieldapp.household import outing_card
from fieldapp.outbox import state_of
from fieldapp.standings import standing_card
from fieldapp.store import forms, uploads
from fieldapp.store.records import OwnRecord
from fieldapp.store.uploads import NO_FILES, FileCount
from fieldapp.workspace import Workspace

OPEN, PASSED = "open", "passed"


def students(work: Workspace, query: str, limit: int) -> Found:
    """The first `limit` students that match every word of `query`, and how many match."""
    rows, total = work.books.roster.search(query, limit)
    agenda = Agenda(work)
    return Found([_row(agenda, row) for row in rows], total)


def student_page(work: Workspace, student_id: str) -> StudentPage:
    """All the phone knows about one child. Raises NoSuchCase."""
    student, case = work.student(student_id), work.case_file(student_id)
    known = CaseList(work).row(student)
    agenda = Agenda(work)
    tasks = agenda.cards(student_id)
    siblings = [work.books.roster.student(sibling) for sibling in _list(student, "siblings")]
    texts = ("name", "gender", "birth", "class_name", "village_name", "signal", "id_masked")
    return StudentPage(
        id=student_id,
        **{name: str(student.get(name) or "") for name in texts},
        age=age_on(str(student.get("birth") or ""), work.today()),
        home_address=known["home_address"],
        home_landmark=known["home_landmark"],
        key_flags=tuple(_list(student, "key_flags")),
        family_flags=tuple(_list(student, "family_flags")),
        standing=standing_card(work, student_id) if agenda.bearer.follows(student) else None,
        guardians=[_guardian(guardian) for guardian in _list(student, "guardians")],
        siblings=[_row(agenda, row) for row in siblings if row],
        contacts=_contacts(work, case),
        conflicts=_conflicts(work, case, known),
        timeline=_timeline(work, case),
        promises=_promises(work, case),
        tasks=tasks,
        drafts=[draft_card(work, row) for row in agenda.drafts if row.case == student_id],
        returned=[task for task in tasks if task.kind == COMPLETE_VISIT],
        outing=outing_card(work, student_id),
        pairs=tuple(_list(work.books.roster.row(feeds.PAIRS, student_id) or {}, "teachers")),
    )


def _list(row: dict[str, Any], name: str) -> list[Any]:
    return list(row.get(name) or [])


def _row(agenda: Agenda, student: dict[str, Any]) -> StudentRow:
    task = next(iter(agenda.duties(student["id"])), None)
    return StudentRow(
        id=student["id"],
        name=str(student.get("name") or ""),
        class_name=str(student.get("class_name") or ""),
        village_name=str(student.get("village_name") or ""),
        key_flags=tuple(_list(student, "key_flags")),
        open_task=task.kind if task else None,
        urgency=task.urgency if task else "",
    )


def _guardian(guardian: dict[str, Any]) -> GuardianCard:
    texts = {name: str(guardian.get(name) or "") for name in ("id", "name", "relation", "phone", "can_read")}
    return GuardianCard(**texts, legal=bool(guardian.get("legal")), caretaker=bool(guardian.get("caretaker")))


def _contacts(work: Workspace, case: CaseFile) -> list[ContactValue]:
    """Contact data that visits have found out, where it is settled."""
    conflicts = case.conflicts()
    shown = [case.value(prop) for prop in CONTACT_COLUMNS if prop not in conflicts]
    return [_contact(work, value) for value in shown if value]


def _conflicts(work: Workspace, case: CaseFile, known: Mapping[str, str]) -> list[Contested]:
    """Contact values of the home that stand side by side; `known` is what everybody goes on using."""
    return [
        Contested(prop, tuple(_contact(work, value) for value in values), known.get(prop, ""))
        for prop, values in case.conflicts().items()
        if is_of_home(prop)
    ]


def _contact(work: Workspace, shown: Shown) -> ContactValue:
    name, mine = work.books.roster.staff_name(shown.author), shown.author == work.account().get("id")
    return ContactValue(shown.prop, str(shown.value), shown.at, name, mine)


def _promises(work: Workspace, case: CaseFile) -> list[Promise]:
    """Days of return that were promised, newest first; a later version of a visit replaces what it amends."""
    today = work.today().isoformat()
    found = []
    for visit in case.visits:
        date = str(visit.head.record.set.get("promise_date") or "")[:10]
        if date:
            status = OPEN if date >= today else PASSED
            found.append(Promise(date, visit.versions[0].record.at.started, visit.head.rid, status))
    return found


def _timeline(work: Workspace, case: CaseFile) -> list[TimelineItem]:
    """The child's records, newest first."""
    own = {record.rid: record for record in work.books.records.own(work.db) if record.case == case.case}
    counts = uploads.counts(work.db) if own else {}
    entries = reversed(case.timeline())
    return [_event(work, case, entry, own.get(entry.rid), counts.get(entry.rid, NO_FILES)) for entry in entries]


def _event(work: Workspace, case: CaseFile, entry: Entry, own: OwnRecord | None, files: FileCount) -> TimelineItem:
    record = entry.record
    facts: dict[str, Any] = {
        "author": work.books.roster.staff_name(record.author),
        "files_sent": files.files_arrived,
        "files_total": files.files,
        "number": entry.sseq,
    }
    visit_id = record.body.get("visit") if record.type in ("visit", "review") else None
    kind = record.type if record.type in _FACTS else "other"
    if kind in _FACTS:
        facts |= _FACTS[kind](work, entry)
    return TimelineItem(
        kind=record.type,
        at=record.at.started,
        title_key=f"timeline.{facts.pop('key', kind)}",
        facts=facts,
        status=_status(case, entry, own, files, visit_id),
        rid=entry.rid,
        visit=visit_id,
        own=own is not None,
    )


def _status(case: CaseFile, entry: Entry, own: OwnRecord | None, files: FileCount, visit_id: str | None) -> str:
    visit = case.visit(visit_id) if visit_id and entry.record.type == "visit" else None
    if own is not None and visit is not None:
        return state_of(own, files, visit).value
    return visit.status if visit is not None and visit.head.rid == entry.rid else ""


def _visit_facts(work: Workspace, entry: Entry) -> dict[str, Any]:
    words, record = work.words, entry.record
    form = forms.by_hash(work.db, record.form.sha256 if record.form else None)
    return {
        "key": "supplement" if record.amends else "visit",
        "title": form.title(words.locale) if form else words("desk.visit"),
        "outcome": words(f"desk.outcome.{outcome_of(entry)}"),
        "contact": words(f"desk.contact.{contact_of(entry)}"),
    }


def _incident_facts(work: Workspace, entry: Entry) -> dict[str, Any]:
    return {"day": day_in_words(work.words, str(entry.record.body.get("absent_on", "")))}


def _case_facts(work: Workspace, entry: Entry) -> dict[str, Any]:
    record, words = entry.record, work.words
    act = record.body.get("act")
    state = words(f"app.state.{record.set['state']}") if "state" in record.set else ""
    return {
        "key": f"case.{act}",
        "number": record.set.get("case_no", ""),
        "state": state,
    }


def _act_facts(work: Workspace, entry: Entry) -> dict[str, Any]:
    body = entry.record.body
    said = str(body.get("on") or body.get("because") or "")
    return {"what": work.words(event_key(str(body.get("act")))), "said": day_in_words(work.words, said)}


def _leave_facts(work: Workspace, entry: Entry) -> dict[str, Any]:
    body, words = entry.record.body, work.words
    days = {name: day_in_words(words, str(body.get(name, ""))) for name in ("first", "last")}
    return {"key": "leave.withdrawn" if body.get("withdrawn") else "leave", **days}


def _review_facts(work: Workspace, entry: Entry) -> dict[str, Any]:
    return {"key": f"review.{entry.record.body.get('decision')}", "remark": entry.record.body.get("remark", "")}


def _resolve_facts(work: Workspace, entry: Entry) -> dict[str, Any]:
    words = work.words
    return {"what": words("desk.comma").join(words(f"app.prop.{prop}") for prop in sorted(entry.record.set))}


_FACTS: dict[str, Callable[[Workspace, Entry], dict[str, Any]]] = {
    "visit": _visit_facts,
    "incident": _incident_facts,
    "case": _case_facts,
    "act": _act_facts,
    "leave": _leave_facts,
    "review": _review_facts,
    "resolve": _resolve_facts,
}
