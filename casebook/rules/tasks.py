"""What is to be done for one child: derived from the case file, never stored as truth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from casebook.casefile import CaseFile, Visit
from casebook.kinds.review import RETURNED
from casebook.rules.calendar import SchoolCalendar
from casebook.rules.due import URGENCIES as URGENCIES
from casebook.rules.due import urgency_of

OPEN_STATES = ("C1", "C2", "C3", "C4", "C5")
BY_THE_WAY = frozenset({"attempt", "census", "spot_check"})  # nobody was met about the matter: it settles nothing


@dataclass(frozen=True)
class Task:
    """A thing to do. `due` is a day; `clause` is the rule it comes from; `source` the record that calls for it."""

    kind: str
    case: str
    due: dt.date | None
    urgency: str
    source: str
    clause: str
    visit: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def todo(case: CaseFile, calendar: SchoolCalendar, today: dt.date) -> list[Task]:
    """All open tasks of a child, the most urgent first. Pure: the same file, calendar and day give the same list."""
    found = [task for rule in RULES for task in rule(case, calendar, today)]
    return sorted(found, key=lambda task: (URGENCIES.index(task.urgency), task.due or dt.date.max, task.kind))


def same_day_visit(case: CaseFile, calendar: SchoolCalendar, today: dt.date) -> Iterator[Task]:
    """R25: an unexcused absence is visited the same day, before 24:00, by the capture start time."""
    for entry in case.incidents:
        absent_on = dt.date.fromisoformat(entry.record.body["absent_on"])
        if not any(_day_of(visit) >= absent_on for visit in case.visits if visit.purposes & {"absence", "persuade"}):
            facts = {"absent_on": absent_on.isoformat()}
            urgency = urgency_of(absent_on, today)
            yield Task("same_day_visit", case.case, absent_on, urgency, entry.rid, "R25", facts=facts)


def persuasion_visit(case: CaseFile, calendar: SchoolCalendar, today: dt.date) -> Iterator[Task]:
    """R27/R31: an open case demands a visit at the door; due the school day after it was opened."""
    state, opened = case.value("state"), case.value("case_opened_on")
    if state is None or opened is None or state.value not in OPEN_STATES:
        return
    opened_on = dt.date.fromisoformat(opened.value)
    if any(_day_of(visit) >= opened_on for visit in case.visits if "persuade" in visit.purposes):
        return
    due = calendar.next_school_day(opened_on)
    facts = {"state": state.value, "opened_on": opened.value}
    yield Task("persuasion_visit", case.case, due, urgency_of(due, today), opened.rid, "R27", facts=facts)


def returned_visit(case: CaseFile, calendar: SchoolCalendar, today: dt.date) -> Iterator[Task]:
    """R28: a visit the principal returned is answered with a supplement."""
    for visit in case.visits:
        if visit.review is not None and visit.status == RETURNED:
            facts = {"remark": visit.review.record.body["remark"]}
            yield Task("returned_visit", case.case, today, "today", visit.review.rid, "R28", visit.visit, facts)


def promise_due(case: CaseFile, calendar: SchoolCalendar, today: dt.date) -> Iterator[Task]:
    """R31: a promised return is checked on its day; a visit since then has settled it. A shut door does not undo it."""
    task = _dated(case, "promise_date", "promise_due", today)
    if task is not None and case.text("outcome") in ("promised", "not_found"):
        yield task


def next_step(case: CaseFile, calendar: SchoolCalendar, today: dt.date) -> Iterator[Task]:
    """R39: every open case has a next action with a date."""
    task = _dated(case, "next_date", "next_step", today)
    if task is not None:
        yield task


RULES: tuple[Callable[[CaseFile, SchoolCalendar, dt.date], Iterator[Task]], ...] = (
    same_day_visit, persuasion_visit, returned_visit, promise_due, next_step,
)  # fmt: skip


def _dated(case: CaseFile, prop: str, kind: str, today: dt.date) -> Task | None:
    """A task for the day that property `prop` names, unless a visit on or after that day has settled it."""
    shown = case.value(prop)
    if shown is None or not shown.value:
        return None
    due = dt.date.fromisoformat(str(shown.value)[:10])
    if any(_day_of(visit) >= due and not visit.purposes <= BY_THE_WAY for visit in case.visits):
        return None
    facts = {"due": due.isoformat(), "action": case.text("next_action")}
    clause = "R31" if kind == "promise_due" else "R39"
    return Task(kind, case.case, due, urgency_of(due, today), shown.rid, clause, facts=facts)


def _day_of(visit: Visit) -> dt.date:
    """The local day on which the visit began: its first version counts, whenever it was synced."""
    return dt.date.fromisoformat(visit.versions[0].record.at.started[:10])
