"""What is to be done: task cards, draft cards, and the first screen."""

from __future__ import annotations

from typing import Any

from casebook.rules.tasks import OPEN_STATES, URGENCIES, Task
from fieldapp.cards import DraftCard, FormChoice, TaskCard, Today
from fieldapp.store import forms, uploads
from fieldapp.store.drafts import DraftRow
from fieldapp.store.forms import PublishedForm
from fieldapp.workspace import Workspace

ABSENCE, PERSUADE = "absence", "persuade"
RETURNED_VISIT, SAME_DAY_VISIT = "returned_visit", "same_day_visit"


def today(work: Workspace) -> Today:
    """Everything due, most urgent first; drafts, newest first; what the school still lacks."""
    drafts, offered = work.books.drafts.all(work.db), forms.offered(work.db)
    cards = [card for case in work.cases.cases() for card in _task_cards(work, case, offered, drafts)]
    cards.sort(key=lambda card: (URGENCIES.index(card.urgency), str(card.due_text_facts["due"] or "~"), card.case))
    unsent, waiting = len(work.books.records.unsent(work.db)), uploads.waiting(work.db)
    return Today(
        work.today().isoformat(), cards, [draft_card(work, row) for row in drafts], unsent, waiting.photos
    )


def task_cards(work: Workspace, student_id: str) -> list[TaskCard]:
    """The tasks of one child; none when the child is not on this phone's roster."""
    return _task_cards(work, student_id, forms.offered(work.db), work.books.drafts.all(work.db))


def draft_card(work: Workspace, row: DraftRow) -> DraftCard:
    """A draft as the lists show it."""
    student = work.books.roster.student(row.case) or {}
    form = forms.find(work.db, row.form.id, row.form.version, row.form.sha256)
    return DraftCard(
        draft_id=row.id,
        case=row.case,
        student_name=str(student.get("name", "")),
        class_name=str(student.get("class_name", "")),
        form_id=row.form.id,
        form_title=form.title(work.words.locale) if form else row.form.id,
        started_at=row.started_at,
        changed_at=row.changed_at,
        page_title=row.page_title,
        amends=row.amends,
    )


def suggested_forms(work: Workspace, student_id: str) -> set[str]:
    """The forms that open tasks of a child ask for."""
    offered = forms.offered(work.db)
    return {form for task in work.tasks(student_id) if (form := _form_for(work, task, offered))}


def forms_for(work: Workspace, student_id: str) -> list[FormChoice]:
    """The forms that can be started for a child, those that a task asks for first. Raises NoSuchCase."""
    work.student(student_id)
    suggested, locale = suggested_forms(work, student_id), work.words.locale
    choices = [
        FormChoice(
            form_id=form.form_id,
            version=form.version,
            title=form.title(locale),
            purpose=next(iter(form.purposes), ""),
            suggested=form.form_id in suggested,
        )
        for form in forms.offered(work.db)
    ]
    return sorted(choices, key=lambda choice: not choice.suggested)


def _task_cards(
    work: Workspace, student_id: str, offered: list[PublishedForm], drafts: list[DraftRow]
) -> list[TaskCard]:
    student = work.books.roster.student(student_id)
    if student is None:
        return []
    own = [row for row in drafts if row.case == student_id]
    tasks = work.tasks(student_id)
    return [_task_card(work, task, student, _form_for(work, task, offered), own) for task in tasks]


def _form_for(work: Workspace, task: Task, offered: list[PublishedForm]) -> str | None:
    """The form that answers a task: persuasion in an open case, else the absence visit."""
    if task.kind == RETURNED_VISIT:
        return None
    state = work.case_file(task.case).text("state")
    purpose = PERSUADE if state in OPEN_STATES and task.kind != SAME_DAY_VISIT else ABSENCE
    return next((form.form_id for form in offered if purpose in form.purposes), None)


def _task_card(
    work: Workspace, task: Task, student: dict[str, Any], form_id: str | None, drafts: list[DraftRow]
) -> TaskCard:
    if task.visit:
        draft = next((row for row in drafts if row.visit == task.visit and row.amends), None)
    else:
        draft = next((row for row in drafts if row.form.id == form_id and row.amends is None), None)
    return TaskCard(
        kind=task.kind,
        case=task.case,
        student_name=str(student.get("name", "")),
        class_name=str(student.get("class_name", "")),
        village_name=str(student.get("village_name", "")),
        due_text_facts={**task.facts, "due": task.due.isoformat() if task.due else None},
        urgency=task.urgency,
        clause=task.clause,
        visit=task.visit,
        draft_id=draft.id if draft else None,
        form_id=form_id,
    )
