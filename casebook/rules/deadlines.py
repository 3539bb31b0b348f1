"""Every deadline of a child (domain 3.3): an ordered list of pure functions, each with its row and its reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import zip_longest

from casebook.rules.absence import PRESENT
from casebook.rules.due import Deadline, Kept, by_fact, deadline, since
from casebook.rules.entering import approval_recheck, entry_collect
from casebook.rules.facts import Contact, Fact, day_from
from casebook.rules.guards import MISSING_CHILD, served_on
from casebook.rules.lifecycle import Incident, Lifecycle
from casebook.rules.reckoning import Because, warn_day
from casebook.rules.service import SERVED
from casebook.rules.termstart import key_visits

_MONTHS_IN_YEAR = 12


def deadlines(life: Lifecycle) -> list[Deadline]:
    """All deadlines of a child, by day; those that were kept stay, with what kept them. Worked out once for a life."""
    if life.dues is None:
        found = [one for rule in CHILD_RULES for one in rule(life)]
        life.keep_dues(sorted(found, key=lambda one: (one.due or dt.date.max, one.key, one.source)))
    return list(life.dues or ())


def same_day_visits(life: Lifecycle) -> list[Deadline]:
    """R25 alone, out of all deadlines of a child."""
    return [one for one in deadlines(life) if one.key == "same_day_visit"]


def incident_report(life: Lifecycle) -> Iterator[Deadline]:
    """R22: who is missing is reported before the day ends; the capture time of the headcount proves it."""
    counts = life.world.attendance.missing.get(life.child.case, {})
    for incident in life.incidents:
        rule = life.world.book.on(incident.first).rule("incident_report")
        count = next((one for one in counts.get(incident.first, {}).values() if one.rid == incident.source), None)
        if count is not None:
            yield Deadline(
                rule.key, life.child.case, incident.first, (since("first_absent_day", incident.first),
                Because("same_day", {"clock": rule.value})), rule.clause, rule.source, incident.source,
                kept=by_fact(count.versions[0]),
            )  # fmt: skip


def same_day_visit(life: Lifecycle) -> Iterator[Deadline]:
    """R25: an unexcused absence is visited the same day, or its excuse proved; the capture time decides."""
    for incident, following in zip_longest(life.incidents, life.incidents[1:]):
        until = following.first if following else dt.date.max
        answers: list[Fact] = [visit for visit in life.facts.visits(incident.first)
                               if visit.is_door and visit.stamp.day < until]  # fmt: skip
        answers += [leave for leave in life.facts.leaves if leave.rid == incident.cover]
        first = min(answers, key=lambda fact: fact.order, default=None)
        yield _of_incident("same_day_visit", life, incident, by_fact(first))


def case_marks(life: Lifecycle) -> Iterator[Deadline]:
    """R27, R16, R30: the days on which a lasting absence becomes a case, is suspected, should be confirmed."""
    for incident in life.incidents:
        for key, state in (("formal_case", "C1"), ("suspect_mark", "C2"), ("confirm_propose", "C3")):
            due = _of_incident(key, life, incident)
            over = incident.cover or (incident.ended_on and due.due and due.due >= incident.ended_on)
            if not over:
                step = next((step for step in life.story.steps
                             if step.state == state and step.day >= incident.first), None)  # fmt: skip
                yield replace(due, kept=Kept(step.day, step.source) if step else None)


def national_mark(life: Lifecycle) -> Iterator[Deadline]:
    """R16: a suspected case is marked in the national system, by hand, within days."""
    step = life.entered("C2") or life.entered("C3")
    if step is not None:
        kept = by_fact(life.done("marked"))
        yield _of_case("national_mark", life, since("suspected", step.day), step.day, step.source, kept)


def notice(life: Lifecycle) -> Iterator[Deadline]:
    """R32: a confirmed case gets its notice the next school day, and the notice is served within days."""
    step, issued = life.entered("C3"), life.done("notice_issued", notice="N1")
    if step is not None:
        yield _of_case("notice_issue", life, since("confirmed", step.day), step.day, step.source, by_fact(issued))
    if issued is not None:
        served = served_on(life.seen.services)
        kept = next((Kept(served, one.source) for one in life.seen.services if served and one.outcome == SERVED), None)
        start = issued.day()
        yield _of_case("notice_service", life, since("issued", start, no=issued.text("no")), start, issued.rid, kept)


def return_by(life: Lifecycle) -> Iterator[Deadline]:
    """R32, Q4: the child is to be back so many days after service; the day of service does not count."""
    served = served_on(life.seen.services)
    if served is not None and life.entered("C4"):
        source = next(one.source for one in life.seen.services if one.served_on == served)
        yield _of_case("return_by", life, since("served", served), served, source, _back(life, served))


def failed_decision(life: Lifecycle) -> Iterator[Deadline]:
    """R34: when the day of return has passed in vain, the school decides that persuasion has failed."""
    for back_by in return_by(life):
        if back_by.due is None or life.world.today <= back_by.due or _home_before(back_by):
            continue
        decided = by_fact(life.done("ineffective"))
        if decided or not _over(life):
            start = since("return_by_passed", back_by.due)
            yield _of_case("failed_decision", life, start, back_by.due, back_by.source, decided)


def gov_report(life: Lifecycle) -> Iterator[Deadline]:
    """R34: report RC to township and county after the decision; one that nobody makes does not stop the clock."""
    decided, sent = life.done("ineffective"), by_fact(life.done("reported", report="RC"))
    if sent is None and _over(life):
        return
    if decided is not None:
        day = decided.day()
        yield _of_case("gov_report", life, since("decided", day), day, decided.rid, sent)
        return
    for due in failed_decision(life):
        if due.due is not None and life.world.today > due.due:
            yield _of_case("gov_report", life, since("decision_due", due.due), due.due, due.source, sent)


def return_steps(life: Lifecycle) -> Iterator[Deadline]:
    """R36: a return is confirmed by a second person and reported (RD) the same day, at the latest the next."""
    noted = life.done("returned")
    if noted is not None:
        start, day = since("returned", noted.day()), noted.day()
        second, report = life.done("return_confirmed"), life.done("reported", report="RD")
        yield _of_case("return_second_person", life, start, day, noted.rid, by_fact(second))
        yield _of_case("return_report", life, start, day, noted.rid, by_fact(report))


def followups(life: Lifecycle) -> Iterator[Deadline]:
    """R37: the day of return is day 1; looked after on days 3, 10 and 30, then every month until the term ends."""
    back = life.episode.returned_on if life.episode else None
    if back is None:
        return
    rule, waiting = life.rules.rule("followups"), [v for v in life.facts.visits(back) if "followup" in v.purposes]
    after = back - dt.timedelta(days=1)
    for number in rule.value:
        due = deadline(rule, life.child.case, since("returned", back), back, life.world, value=number)
        yield replace(due, kept=_next_visit(waiting, after), facts={"number": number})
        after = due.due or after
    yield from _monthly_followups(life, back, after, waiting)


def exemption_recheck(life: Lifecycle) -> Iterator[Deadline]:
    """R10: an approved exemption or suspension is looked at again before it ends."""
    closing = life.seen.done("closing")
    end = day_from(closing[-1].body.get("until")) if closing and life.state == "C8" else None
    if end is not None:
        due = _of_case("exemption_recheck", life, since("approval_ends", end), end, closing[-1].rid, None)
        looked = life.facts.visits(due.warn_on or due.due)  # a look long before says nothing of its end
        yield replace(due, kept=by_fact(next((visit for visit in looked if "verify" in visit.purposes), None)))


def leave_verify(life: Lifecycle) -> Iterator[Deadline]:
    """R17: the leave of a key student is checked by a call, or it does not stand after a day."""
    for leave in life.facts.leaves if life.child.key else ():
        rule = life.world.book.on(leave.first).rule("leave_verify")
        kept = Kept(leave.verified.date(), leave.rid) if leave.verified else None
        start = leave.stamp.at
        due = deadline(rule, life.child.case, since("leave_written", start.date()), start.date(), life.world,
                       source=leave.rid, kept=kept)  # fmt: skip
        yield replace(due, at=start + dt.timedelta(hours=rule.value))


def police_report(life: Lifecycle) -> Iterator[Deadline]:
    """R39: of a child whom nobody can find, the police know within a day."""
    lost = [contact for contact in life.contacts if contact.text("whereabouts") == MISSING_CHILD]
    if lost and (life.missing or life.done("police_report")):
        rule, start = life.rules.rule("police_report"), lost[0].stamp.at
        due = deadline(rule, life.child.case, since("lost", start.date()), start.date(), life.world,
                       source=lost[0].rid, kept=by_fact(life.done("police_report")))  # fmt: skip
        yield replace(due, at=start + dt.timedelta(hours=rule.value))


CHILD_RULES: tuple[Callable[[Lifecycle], Iterator[Deadline]], ...] = (
    incident_report, same_day_visit, case_marks, national_mark, notice, return_by, failed_decision, gov_report,
    return_steps, followups, exemption_recheck, leave_verify, police_report, entry_collect, approval_recheck,
    key_visits,
)  # fmt: skip


def _of_incident(key: str, life: Lifecycle, incident: Incident, kept: Kept | None = None) -> Deadline:
    rule, start = life.world.book.on(incident.first).rule(key), since("first_absent_day", incident.first)
    return deadline(rule, life.child.case, start, incident.first, life.world, source=incident.source, kept=kept)


def _of_case(
    key: str, life: Lifecycle, start: Because, day: dt.date, source: str, kept: Kept | None
) -> Deadline:  # fmt: skip
    return deadline(life.rules.rule(key), life.child.case, start, day, life.world, source=source, kept=kept)


def _over(life: Lifecycle) -> bool:
    return life.episode is not None and life.episode.over_on is not None


def _back(life: Lifecycle, after: dt.date) -> Kept | None:
    """The first day after the service on which the child was seen in class."""
    day = next((day for day in life.days if day.day > after and day.status == PRESENT), None)
    return Kept(day.day, day.source) if day else None


def _home_before(back_by: Deadline) -> bool:
    return back_by.kept is not None and back_by.due is not None and back_by.kept.day <= back_by.due


def _next_visit(waiting: list[Contact], after: dt.date) -> Kept | None:
    """Takes the next follow-up visit after the last due day: many visits in the first week are not the later ones."""
    while waiting and waiting[0].stamp.day <= after:
        waiting.pop(0)
    return by_fact(waiting.pop(0)) if waiting else None


def _monthly_followups(
    life: Lifecycle, back: dt.date, last: dt.date, waiting: list[Contact]
) -> Iterator[Deadline]:
    """Every month after the last numbered follow-up, on a school day, until its term ends."""
    calendar, rule = life.world.calendar, life.rules.rule("followups_monthly")
    term, after = calendar.term_of(last), last
    for number in range(1, _MONTHS_IN_YEAR + 1) if term else ():
        day = _months_later(last, number * rule.value)
        day = day if calendar.is_school_day(day) else calendar.next_school_day(day) or day
        if term is None or day > term.last:
            return
        because = (since("returned", back), Because("monthly", {"from": last.isoformat(), "day": day.isoformat()}))
        yield Deadline(
            rule.key, life.child.case, day, because, rule.clause, rule.source,
            warn_on=warn_day(rule, day, calendar), kept=_next_visit(waiting, after),
        )  # fmt: skip
        after = day


def _months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or that month's last day."""
    years, month = divmod(day.month - 1 + months, _MONTHS_IN_YEAR)
    first = dt.date(day.year + years, month + 1, 1)
    length = ((first + dt.timedelta(days=31)).replace(day=1) - first).days
    return first.replace(day=min(day.day, length))
