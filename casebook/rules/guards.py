"""The evidence that steps of a case demand: one small question for each code (domain 3.2, guards)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from casebook.rules.absence import ABSENT, PRESENT, Day
from casebook.rules.calendar import SchoolCalendar
from casebook.rules.facts import Chronicle, Contact, Deed, day_from
from casebook.rules.reckoning import reckon
from casebook.rules.rulebook import Rules
from casebook.rules.service import SERVED, Bench, Service, issued, services

MISSING_CHILD, UNCLEAR = "D12", "D99"
_ONLY_OF = {"failure_first": "RC", "return_first": "RD"}  # what only one kind of report demands


@dataclass(frozen=True)
class Person:
    """Who wants to do a step: id, the role in which, and the name by which forms know co-visitors."""

    id: str
    role: str
    name: str = ""


@dataclass(frozen=True)
class Situation:
    """A case at one moment, seen by a person who wants to do a step with this `body`.

    `facts` and `accepted` hold only what had happened by then; `accepted` are the acts that counted, `since` is the
    first absent day of the episode.
    """

    state: str
    moment: dt.datetime
    since: dt.date | None
    facts: Chronicle
    rules: Rules
    calendar: SchoolCalendar
    accepted: Sequence[Deed] = ()
    days: Mapping[dt.date, Day] = field(default_factory=dict)
    person: Person = field(default_factory=lambda: Person("", ""))
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def role(self) -> str:
        """The role in which the person acts."""
        return self.person.role

    @property
    def contacts(self) -> list[Contact]:
        """Visits and calls of this episode."""
        return self.facts.visits(self.since)

    @property
    def door_visits(self) -> list[Contact]:
        """Visits of this episode at the door that were not only to serve a notice."""
        return [contact for contact in self.contacts if contact.is_door]

    def done(self, *acts: str) -> list[Deed]:
        """Accepted acts of this episode with one of these names, oldest first; a refuted closing proves no more."""
        refuted = max((place for place, deed in enumerate(self.accepted) if deed.act == "refuted"), default=-1)
        return [deed for place, deed in enumerate(self.accepted)
                if deed.act in acts and (self.since is None or deed.day() >= self.since)
                and (deed.act != "closing" or place > refuted)]  # fmt: skip

    def named(self, act: str) -> Deed | None:
        """The accepted act of this episode and of this name that the body names by its record."""
        rid = self.body.get(act)
        return next((deed for deed in self.done(act) if deed.rid == rid), None)

    @cached_property
    def services(self) -> list[Service]:
        """All attempts at serving a notice in this episode, judged."""
        found = services(self.facts, Bench(self.rules, issued(self.done("notice_issued"))))
        return [one for one in found if self.since is None or (one.served_on or one.receipt.on) >= self.since]

    @property
    def returned_on(self) -> dt.date | None:
        """The day of coming back, as last noted by roll call."""
        noted = self.done("returned")
        return noted[-1].day() if noted else None


def whereabouts(contacts: Sequence[Contact]) -> str:
    """The newest code of where the child is; empty when nobody asked."""
    return next((code for contact in reversed(contacts) if (code := contact.text("whereabouts"))), "")


def is_missing(situation: Situation) -> bool:
    """Whether nobody can find the child (R39): so it was told since it was last seen in class, and nothing better.

    That somebody else knows nothing either (D99) does not find it; nor does a case that was opened after the search.
    """
    today = situation.moment.date()
    seen = max((day.day for day in situation.days.values() if day.status == PRESENT and day.day <= today), default=None)
    told = [contact for contact in situation.facts.visits(seen) if contact.text("whereabouts") != UNCLEAR]
    return whereabouts(told) == MISSING_CHILD


def missing_papers(situation: Situation) -> list[str]:
    """Papers that the closing code demands and that were not named."""
    body = situation.body if "papers" in situation.body else getattr(situation.named("closing"), "body", {})
    return [paper for paper in situation.rules.codes(f"papers.{body.get('code', '')}")
            if paper not in body.get("papers", ())]  # fmt: skip


def return_by(situation: Situation) -> dt.date | None:
    """The last day to come back after the notice was served (Q4)."""
    served = served_on(situation.services)
    rule = situation.rules.rule("return_by")
    return reckon(rule, served, situation.calendar).day if served else None


def served_on(found: Sequence[Service]) -> dt.date | None:
    """The day of service: the first valid one of the newest notice; serving the same paper again gains no time."""
    first: dict[str, dt.date] = {}
    for one in found:
        if one.outcome == SERVED and one.served_on:
            number = one.receipt.doc_no
            first[number] = min(one.served_on, first.get(number, one.served_on))
    return max(first.values(), default=None)


def _proof(situation: Situation) -> bool:
    by_visit = any(c.text("excuse") not in ("", "none") and c.text("proof") for c in situation.contacts)
    return by_visit or any(situation.since is None or leave.last >= situation.since for leave in situation.facts.leaves)


def _reason(situation: Situation) -> bool:
    asked = ("reasons_guardian", "reasons_student", "reasons_judged", "teacher_reason")
    return any(contact.text(name) for contact in situation.contacts for name in asked)


def _whereabouts(situation: Situation) -> bool:
    """Known; or openly unclear, with a next step and its day (R39)."""
    return bool(whereabouts(situation.contacts)) and _next_step(situation)


def _next_step(situation: Situation) -> bool:
    """Where it is unclear where the child is, somebody has said what is done next, and when (R39)."""
    planned = any(contact.text("next_action") and contact.text("next_date") for contact in situation.contacts)
    return planned or whereabouts(situation.contacts) != UNCLEAR


def _basis(situation: Situation) -> bool:
    """The confirmation names at least one visit of this episode."""
    known = {name for contact in situation.contacts for name in (contact.visit, contact.rid)}
    return bool(known & set(situation.body.get("basis", ())))


def _other_person(situation: Situation) -> bool:
    """Nobody confirms what rests on his own visit or his own proposal alone (domain 1)."""
    me = situation.person
    others = [c for c in situation.door_visits if c.author != me.id and me.name not in c.fellows]
    proposed = [deed for deed in situation.done("proposed") if deed.text("what") == "confirmed"]
    return bool(others) and all(deed.author != me.id for deed in proposed)


def _number_free(situation: Situation) -> bool:
    number = situation.body.get("no")
    return all(deed.text("no") != number for deed in situation.done("notice_issued"))


def _deadline_or_attempts(situation: Situation) -> bool:
    due = return_by(situation)
    passed = due is not None and situation.moment.date() > due
    phone = sum(contact.is_phone for contact in situation.contacts)
    enough = phone >= situation.rules.number("attempts_phone")
    return passed or (enough and len(situation.door_visits) >= situation.rules.number("attempts_door"))


def _village_letter(situation: Situation) -> bool:
    by_form = any(contact.day_said("village_letter_on") for contact in situation.contacts)
    return by_form or bool(situation.done("letter")) or not situation.rules.on("escalation_needs_letter")


def _roll_call(situation: Situation) -> bool:
    """A headcount of that very day shows the child in class."""
    noted = situation.named("returned")
    if noted is None and "returned" in situation.body:
        return True  # nothing to look up: `return_noted` says so
    on = noted.day() if noted else day_from(situation.body.get("on"))
    day = situation.days.get(on) if on else None
    return day is not None and day.status == PRESENT and bool(day.source)


def _second_person(situation: Situation) -> bool:
    firsts = (situation.named("returned"), situation.named("closing"))
    return all(first is None or first.author != situation.person.id for first in firsts)


def _attendance(situation: Situation) -> bool:
    """In class since the return, for as many days as the county wants to see, and never away without leave."""
    back, today = situation.returned_on, situation.moment.date()
    since = [day for day in situation.days.values() if back and back <= day.day <= today]
    seen = sum(day.status == PRESENT for day in since)
    return seen >= situation.rules.number("strike_off_days") and all(day.status != ABSENT for day in since)


def _followup(situation: Situation) -> bool:
    back = situation.returned_on
    seen = any("followup" in contact.purposes and contact.text("in_class") != "no"
               for contact in situation.facts.visits(back)) if back else False  # fmt: skip
    return seen or not situation.rules.on("strike_off_needs_followup")


def _return_report(situation: Situation) -> bool:
    back = situation.returned_on
    return any(deed.text("report") == "RD" and (back is None or deed.day() >= back)
               for deed in situation.done("reported"))  # fmt: skip


def is_about(code: str, situation: Situation) -> bool:
    """Whether this evidence is demanded of the very report that somebody writes."""
    return _ONLY_OF.get(code) in (None, situation.body.get("report"))


def _reported_on(situation: Situation) -> dt.date:
    return day_from(situation.body.get("on")) or situation.moment.date()


def _failure_first(situation: Situation) -> bool:
    """RC tells that persuasion has failed: it was decided so, or the day of return has passed in vain (R34)."""
    if not is_about("failure_first", situation):
        return True
    day, due = _reported_on(situation), return_by(situation)
    return (due is not None and day > due) or any(deed.day() <= day for deed in situation.done("ineffective"))


def _return_first(situation: Situation) -> bool:
    """RD tells that the child is back: its return was noted, of that day or before (R36)."""
    back = situation.returned_on
    return not is_about("return_first", situation) or (back is not None and back <= _reported_on(situation))


def _report_kind(situation: Situation) -> bool:
    """The county wants this kind of report (Q5)."""
    rules = situation.rules
    return situation.body.get("report") in (*rules.codes("case_reports"), *rules.codes("school_reports"))


GUARDS: dict[str, Callable[[Situation], bool]] = {
    "proof": _proof,
    "contact": lambda situation: bool(situation.contacts),
    "declaration_counts": lambda situation: situation.rules.on("suspect_on_declaration"),
    "door_visit": lambda situation: bool(situation.door_visits),
    "reason": _reason,
    "whereabouts": _whereabouts,
    "mark": lambda situation: bool(situation.done("marked")) or not situation.rules.on("confirm_needs_mark"),
    "basis": _basis,
    "other_person": _other_person,
    "number_free": _number_free,
    "notice": lambda situation: bool(issued(situation.done("notice_issued"))),
    "valid_service": lambda situation: any(one.outcome == SERVED for one in situation.services),
    "deadline_or_attempts": _deadline_or_attempts,
    "village_letter": _village_letter,
    "roll_call": _roll_call,
    "return_noted": lambda situation: situation.named("returned") is not None,
    "second_person": _second_person,
    "visit_before_return": lambda situation: bool(situation.door_visits)
    or not situation.rules.on("return_needs_visit"),
    "attendance": _attendance,
    "followup": _followup,
    "return_report": _return_report,
    "report_kind": _report_kind,
    "next_step": _next_step,
    "failure_first": _failure_first,
    "return_first": _return_first,
    "closing_noted": lambda situation: situation.named("closing") is not None,
    "papers": lambda situation: not missing_papers(situation),
    "not_missing": lambda situation: not is_missing(situation),
}
