"""What could be filled in next at the same door: the other children of the family, other forms for this child."""

from __future__ import annotations

from fieldapp import outings
from fieldapp.agenda import Agenda, forms_for
from fieldapp.cards import NextVisit, OutingCard, StopCard, TaskCard
from fieldapp.outings import Stop
from fieldapp.platform.clock import instant
from fieldapp.store import forms
from fieldapp.store.forms import PublishedForm
from fieldapp.workspace import Workspace

ATTEMPT, ROUTINE = "attempt", "routine"
NOT_AT_DOOR = frozenset({"call", "spot_check"})  # purposes nobody has at a family's door


def outing_card(work: Workspace, student_id: str) -> OutingCard | None:
    """The going to this family's door that is not long ago; None when there is none."""
    found = outings.current(work, student_id)
    if not found:
        return None
    filled = {(stop.case, stop.form.id) for stop in found}
    return OutingCard(
        id=found[0].outing,
        arrived=min(stop.arrived for stop in found),
        stops=[_stop_card(work, stop) for stop in found],
        next_visits=_next_visits(work, student_id, found, filled),
        forms=[
            form for form in forms_for(work, student_id)
            if (student_id, form.form_id) not in filled and form.purpose not in NOT_AT_DOOR
        ],
    )


def _stop_card(work: Workspace, stop: Stop) -> StopCard:
    student = work.books.roster.student(stop.case) or {}
    form = forms.by_hash(work.db, stop.form.sha256)
    title = form.title(work.words.locale) if form else stop.form.id
    return StopCard(stop.case, str(student.get("name", "")), title, instant(stop.touched), stop.draft_id)


def _next_visits(
    work: Workspace, student_id: str, found: list[Stop], filled: set[tuple[str, str]]
) -> list[NextVisit]:
    """One for each child that lacks its visit, this child first; those that a task asks for before the others."""
    offered, last = forms.offered(work.db), found[0]
    visits = []
    for case in outings.household(work, student_id):
        student = work.student(case)
        chosen, task = _right_form(work, case, offered, last, seen=any(stop.case == case for stop in found))
        if chosen and (case, chosen.form_id) not in filled:
            names = (str(student.get("name", "")), str(student.get("class_name", "")))
            title = chosen.title(work.words.locale)
            visits.append(NextVisit(case, *names, chosen.form_id, title, task.kind if task else None))
    return sorted(visits, key=lambda visit: visit.task is None)


def _right_form(
    work: Workspace, case: str, offered: list[PublishedForm], last: Stop, *, seen: bool
) -> tuple[PublishedForm | None, TaskCard | None]:
    """What a task asks for; a shut door is shut for all; else the routine visit, or what was just used.

    A child that has been `seen` to on this outing is offered only what a task still asks for.
    """
    by_id = {form.form_id: form for form in offered}
    task = next((task for task in Agenda(work).cards(case, everybodys=True) if task.form_id in by_id), None)
    last_form = by_id.get(last.form.id)
    if last_form and ATTEMPT in last_form.purposes:
        return (None, None) if seen else (last_form, task)
    if task and task.form_id:
        return by_id[task.form_id], task
    if seen:
        return None, None
    return next((form for form in offered if ROUTINE in form.purposes), last_form), None
