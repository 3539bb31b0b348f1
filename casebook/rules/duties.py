"""What is to be done, by whom and until when: derived from deadlines and states, never stored (issue C, tasks)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from casebook.casefile import CaseFile
from casebook.kinds.review import RETURNED
from casebook.rules.absence import PRESENT, World
from casebook.rules.aid import asked
from casebook.rules.deadlines import deadlines
from casebook.rules.due import MET, MET_LATE, URGENCIES, Deadline, urgency_of
from casebook.rules.facts import BY_THE_WAY, Contact, Deed
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.reckoning import Because
from casebook.rules.replay import Unmet
from casebook.rules.school_deadlines import daily_reports, monthly_reports
from casebook.rules.service import DEFECTIVE, SERVED
from casebook.rules.states import AID_OFFICER, CLASS_TEACHER, DIRECTOR, ENDED, NONE, OFFICE, PRINCIPAL, REGISTRAR
from casebook.rules.termstart import class_survey

VISITOR, SERVERS, LEADER = "visitor", "servers", "area_leader"
_HOPEFUL = ("promised", "not_found")  # a shut door does not undo a promise
_STRONG = "strong"
_SERVED = "notice_served"
_SIGNS = ("slight", _STRONG)


@dataclass(frozen=True)
class Duty:
    """One thing to do for `subject` (a child, a class or a month): who, until when, by which rule, and why.

    `roles` are those whose duty it is, the first one first; `source` is the record that calls for it; `because` says
    how its day was counted, where a deadline set it.
    """

    kind: str
    subject: str
    due: dt.date | None
    urgency: str
    roles: tuple[str, ...]
    clause: str
    source: str = ""
    at: dt.datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    because: tuple[Because, ...] = ()


# What an open deadline asks of people. What happens by the calendar alone asks nothing.
_OF_DEADLINES: dict[str, tuple[str, tuple[str, ...]]] = {
    "same_day_visit": ("visit_today", (CLASS_TEACHER, VISITOR)),
    "confirm_propose": ("propose_confirmation", (OFFICE,)),
    "national_mark": ("enter_mark", (REGISTRAR,)),
    "notice_issue": ("issue_notice", (REGISTRAR,)),
    "notice_service": ("serve_notice", (SERVERS, CLASS_TEACHER)),
    "failed_decision": ("decide_failed", (PRINCIPAL,)),
    "gov_report": ("report_failure", (OFFICE, PRINCIPAL)),
    "return_report": ("report_return", (OFFICE,)),
    "return_second_person": ("confirm_return", (DIRECTOR, OFFICE)),
    "followups": ("follow_up", (CLASS_TEACHER,)),
    "followups_monthly": ("follow_up", (CLASS_TEACHER,)),
    "exemption_recheck": ("recheck_exemption", (REGISTRAR,)),
    "entry_collect": ("remind_entry", (LEADER, OFFICE)),
    "leave_verify": ("check_leave", (CLASS_TEACHER,)),
    "police_report": ("tell_police", (PRINCIPAL, CLASS_TEACHER)),
    "daily_report_am": ("headcount", (CLASS_TEACHER, DIRECTOR)),
    "daily_report_noon": ("headcount", (CLASS_TEACHER, DIRECTOR)),
    "daily_report_pm": ("headcount", (CLASS_TEACHER, DIRECTOR)),
    "term_key_visits": ("key_visits", (CLASS_TEACHER, LEADER)),
    "class_survey": ("survey", (CLASS_TEACHER, DIRECTOR)),
    "monthly_report": ("report_month", (OFFICE, PRINCIPAL)),
}
_FOLLOW_UP_AHEAD = dt.timedelta(days=7)


def child_duties(life: Lifecycle, dues: Iterable[Deadline] | None = None) -> list[Duty]:
    """Everything to be done for one child, the most urgent first; `dues` are its deadlines, when they are known."""
    known = deadlines(life) if dues is None else dues
    found = [duty for due in known if _asks(due, life) for duty in _of_deadline(due, life.world)]
    found += [duty for rule in CHILD_DUTIES for duty in rule(life)]
    return _sorted([_for_another(duty, life) for duty in found])


def class_duties(class_id: str, day: dt.date, world: World) -> list[Duty]:
    """What a class owes today: its headcount, an answer where heads do not agree (R20, R19, R24), and in the first week
    of a term, or since, its survey (R43).
    """
    dues = (*daily_reports(class_id, day, world), *class_survey(class_id, world))
    found = [duty for due in dues for duty in _of_deadline(due, world)]
    found += [
        Duty("check_heads", class_id, day, urgency_of(day, world.today), (CLASS_TEACHER, DIRECTOR), "R19", one.source,
             facts={"code": one.code, "class_heads": one.class_heads, "other_heads": one.other_heads})
        for one in world.attendance.discrepancies(class_id, day)
    ]  # fmt: skip
    return _sorted(found)


def school_duties(world: World, deeds: Sequence[Deed]) -> list[Duty]:
    """What the whole school owes: the month's report, also a zero report."""
    return _sorted([duty for due in monthly_reports(world, deeds) for duty in _of_deadline(due, world)])


def file_duties(file: CaseFile, today: dt.date) -> list[Duty]:
    """What the case file itself asks: a returned visit to complete (R28), values side by side to decide about (R44).

    Brothers and sisters share a conflict about their home: it is asked once, of the child whose record is the newest.
    """
    returned = [visit for visit in file.visits if visit.status == RETURNED]
    found = [Duty("complete_visit", file.case, today, "today", (VISITOR,), "R28", visit.head.rid,
                  facts={"visit": visit.visit, "remark": visit.review.record.body["remark"]})
             for visit in returned if visit.review]  # fmt: skip
    found += [Duty("answer_conflict", file.case, None, "soon", (OFFICE,), "R44", values[0].rid,
                   facts={"property": prop}) for prop, values in file.conflicts().items()
              if file.is_own(values[0])]  # fmt: skip
    return _sorted(found)


def contact_today(life: Lifecycle) -> Iterator[Duty]:
    """R31: while the case is looked into, at least one attempt at contact every school day."""
    today = life.world.today
    tried = any(contact.is_attempt for contact in life.facts.visits(today))
    if life.state == "C1" and life.world.calendar.is_school_day(today) and not tried:
        yield _duty(life, "contact_today", today, (CLASS_TEACHER, VISITOR), "R31")


def visit_after_calls(life: Lifecycle) -> Iterator[Duty]:
    """R31: so many calls in vain on one day, and somebody goes there."""
    today = life.world.today
    of_today = life.facts.visits(today)
    failed = [contact for contact in of_today if contact.is_phone and not contact.reached]
    needed = life.rules.number("calls_failed_before_visit")
    if len(failed) >= needed and not any(contact.is_door for contact in of_today):
        yield _duty(life, "visit_after_calls", today, (CLASS_TEACHER, VISITOR), "R31", failed[-1].rid)


def serve_again(life: Lifecycle) -> Iterator[Duty]:
    """R32: a service with a defect is no service."""
    found = life.seen.services
    if life.state == "C3" and found and found[-1].outcome == DEFECTIVE:
        last = found[-1]
        yield _duty(life, "serve_again", life.world.today, (SERVERS, CLASS_TEACHER), "R32", last.source,
                    defects=last.defects)  # fmt: skip


def village_letter(life: Lifecycle) -> Iterator[Duty]:
    """R33: with the notice goes the letter to the village of the registered home."""
    sent = life.done("letter") or any(contact.day_said("village_letter_on") for contact in life.contacts)
    served = [one for one in life.seen.services if one.outcome == SERVED]
    if life.state in ("C4", "C5") and served and not sent:
        yield _duty(life, "village_letter", served[0].served_on, (REGISTRAR, LEADER), "R33", served[0].source)


def note_return(life: Lifecycle) -> Iterator[Duty]:
    """R36: a child of an open case was counted in class, and nobody has noted the return."""
    last = life.days[-1] if life.days else None
    if life.is_open and last and last.status == PRESENT and (life.seen.returned_on or dt.date.min) < last.day:
        yield _duty(life, "note_return", last.day, (CLASS_TEACHER,), "R36", last.source)


def decide_proposal(life: Lifecycle) -> Iterator[Duty]:
    """R30, R34: what somebody proposed waits for the principal, the second person; its day is that of the proposal's
    own deadline.
    """
    asked, dues = life.done("proposed", what="confirmed"), deadlines(life)
    if asked and life.state == "C2":
        due = next((one for one in dues if one.key == "confirm_propose" and one.kept is None), None)
        found = _duty(life, "confirm_dropout", due.due if due else None, (PRINCIPAL,), "R30", asked.rid)
        yield replace(found, because=due.because if due else ())
    failed = life.done("proposed", what="ineffective")
    if failed and life.state == "C4" and all(one.key != "failed_decision" for one in dues):
        yield _duty(life, "decide_failed", None, (PRINCIPAL,), "R34", failed.rid)


def close_case(life: Lifecycle) -> Iterator[Duty]:
    """R14: a closing waits for the principal; R36: a return that was reported waits for the county."""
    closing = life.done("closing")
    if life.is_open and closing:
        yield _duty(life, "close_case", None, (PRINCIPAL,), "R14", closing.rid)
    report = life.done("reported", report="RD")
    if life.state == "C6" and report:
        yield _duty(life, "strike_off", None, (REGISTRAR,), "R36", report.rid)


def watch_roll(life: Lifecycle) -> Iterator[Duty]:
    """R15: a child in another school stays on watch until the roll has moved."""
    if life.on_watch:
        yield _duty(life, "watch_roll", None, (REGISTRAR,), "R15")


def unmet_acts(life: Lifecycle) -> Iterator[Duty]:
    """A step that was written and does not count must be completed, or it stays without effect; a service with a
    defect is asked for again by its servers.
    """
    again = any(serve_again(life))
    for unmet in without_effect(life):
        if not (again and unmet.event == _SERVED):
            facts = {"event": unmet.event, "missing": unmet.missing}
            yield _duty(life, "unmet_act", unmet.day, (OFFICE,), "R30", unmet.rid, **facts)


def without_effect(life: Lifecycle) -> list[Unmet]:
    """What was written in this absence and does not count, unless the same step was taken since."""
    taken = {deed.act for deed in life.seen.accepted} | ({_SERVED} if life.entered("C4") else set())
    return [one for one in life.unmet if one.event not in taken and (life.since is None or one.day >= life.since)]


def promise_due(life: Lifecycle) -> Iterator[Duty]:
    """R31: a promised return is checked on its day; a visit since then, or the child in class, has settled it."""
    made = _newest(life, "promise_date")
    outcome = _newest(life, "outcome")
    if made is None or outcome is None or outcome.text("outcome") not in _HOPEFUL:
        return
    seen = any(day.status == PRESENT and day.day > made.stamp.day for day in life.days)
    if not seen:
        yield from _on_its_day(life, "promise_due", made, made.day_said("promise_date"), "R31")


def next_step(life: Lifecycle) -> Iterator[Duty]:
    """R39: what is to be done next has its day."""
    planned = _newest(life, "next_date")
    if planned is not None and life.state != "C8":
        yield from _on_its_day(life, "next_step", planned, planned.day_said("next_date"), "R39")


def settle_aid(life: Lifecycle) -> Iterator[Duty]:
    """R53: what a survey found that the child should get is granted or refused, or another survey finds it paid."""
    found = asked(life.facts)
    if found is not None and found.open:
        facts = {"gap": found.open, "survey": found.survey.visit}
        yield _duty(life, "settle_aid", None, (AID_OFFICER,), "R53", found.survey.rid, **facts)


def look_into_sign(life: Lifecycle) -> Iterator[Duty]:
    """R29: a sign of leaving school, found on a child that is in class, is the grade's to follow up until somebody
    has met the family again; during an absence the absence itself asks for more.
    """
    said = _newest(life, "sign_level")
    if said is None or said.text("sign_level") not in _SIGNS or life.state not in (NONE, ENDED):
        return
    later = [contact for contact in life.facts.visits(said.stamp.day) if contact.stamp.at > said.stamp.at]
    if all(contact.purposes <= BY_THE_WAY for contact in later):
        due = said.stamp.day if said.text("sign_level") == _STRONG else None
        yield _duty(life, "look_into_sign", due, (DIRECTOR, CLASS_TEACHER), "R29", said.rid)


CHILD_DUTIES: tuple[Callable[[Lifecycle], Iterator[Duty]], ...] = (
    contact_today, visit_after_calls, serve_again, village_letter, note_return, decide_proposal, close_case, watch_roll,
    unmet_acts, promise_due, next_step, settle_aid, look_into_sign,
)  # fmt: skip
_BY_THEMSELVES = (
    "check_heads", "complete_visit", "answer_conflict", "contact_today", "visit_after_calls", "serve_again",
    "village_letter", "note_return", "confirm_dropout", "close_case", "strike_off", "watch_roll", "unmet_act",
    "promise_due", "next_step", "settle_aid", "look_into_sign", "name_director",
)  # fmt: skip
KINDS = tuple(sorted({*(kind for kind, _ in _OF_DEADLINES.values()), *_BY_THEMSELVES}))


def _duty(
    life: Lifecycle, kind: str, due: dt.date | None, roles: tuple[str, ...], clause: str, source: str = "", **facts: Any
) -> Duty:
    return Duty(kind, life.child.case, due, urgency_of(due, life.world.today), roles, clause, source, facts=facts)


def _newest(life: Lifecycle, name: str) -> Contact | None:
    """The newest visit or call that answers this question."""
    return next((contact for contact in reversed(life.facts.contacts) if contact.text(name)), None)


def _on_its_day(life: Lifecycle, kind: str, said: Contact, due: dt.date | None, clause: str) -> Iterator[Duty]:
    """A duty for the day that a contact named, unless a later visit on or after that day has settled it."""
    later = [one for one in life.facts.visits(due) if one.stamp.at > said.stamp.at] if due is not None else []
    if due is not None and all(contact.purposes <= BY_THE_WAY for contact in later):
        yield _duty(life, kind, due, (CLASS_TEACHER, VISITOR), clause, said.rid, action=said.text("next_action"))


def _of_deadline(due: Deadline, world: World) -> Iterator[Duty]:
    if due.key in _OF_DEADLINES and due.status(world.now) not in (MET, MET_LATE):
        kind, roles = _OF_DEADLINES[due.key]
        late = due.at is not None and world.now > due.at
        urgency = "overdue" if late else urgency_of(due.due, world.today)
        yield Duty(
            kind, due.subject, due.due, urgency, roles, due.clause, due.source, due.at, due.facts, due.because
        )  # fmt: skip


def _asks(due: Deadline, life: Lifecycle) -> bool:
    """Follow-ups months away are no task yet, nor is a notice of entry whose time still runs; the confirmation is
    proposed once the case is suspected, and once only; what is to be served again is asked for once.
    """
    if due.key == "notice_service":
        return not any(serve_again(life))
    if due.key in ("followups", "followups_monthly"):
        return due.due is not None and due.due <= life.world.today + _FOLLOW_UP_AHEAD
    if due.key == "entry_collect":
        return due.due is not None and due.due < life.world.today
    return due.key != "confirm_propose" or (life.state == "C2" and not life.done("proposed", what="confirmed"))


def _for_another(duty: Duty, life: Lifecycle) -> Duty:
    """R36: who noted a return does not confirm it; where a director did, the office is asked."""
    noted = life.done("returned") if duty.kind == "confirm_return" else None
    others = tuple(role for role in duty.roles if noted and role != noted.role)
    return replace(duty, roles=others) if others else duty


def _sorted(found: list[Duty]) -> list[Duty]:
    def place(duty: Duty) -> tuple[int, dt.date, str, str]:
        return URGENCIES.index(duty.urgency), duty.due or dt.date.max, duty.kind, duty.source

    return sorted(found, key=place)
