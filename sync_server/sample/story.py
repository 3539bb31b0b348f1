"""What happened at the sample school lately: planned events of a few children, in school days from today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casebook.rules.calendar import SchoolCalendar
from sync_server.registry import Guardian, Student, Village
from sync_server.sample.words import word_list

DAY = dt.timedelta(days=1)
LATEST = dt.timedelta(minutes=2)
PARENTS = ("51", "52")
SIBLING_OF = "sibling_of"  # names the story of a brother or sister told before


@dataclass(frozen=True)
class Moment:
    """`day` 0 is today, -1 the school day before, 1 the next one; `at` is the time of day."""

    day: int
    at: str


@dataclass(frozen=True)
class Absence:
    """The child does not come to school."""

    moment: Moment


@dataclass(frozen=True)
class CaseStep:
    """The office opens the case or moves it to another state."""

    moment: Moment
    by: str
    act: str
    state: str
    rule: str
    remark: str


@dataclass(frozen=True)
class PlannedVisit:
    """A home visit; `by` is a login, `sync` when the telephone reached the school. Answers by question name."""

    moment: Moment
    label: str
    minutes: int
    by: str
    form: str
    answers: Mapping[str, str]
    sync: Moment


@dataclass(frozen=True)
class PlannedReview:
    """The principal's decision about the child's visit with that label."""

    moment: Moment
    visit: str
    decision: str
    remark: str


Event = Absence | CaseStep | PlannedVisit | PlannedReview


@dataclass(frozen=True)
class ChildStory:
    """The events around one child; `key` names it, `who` says which child of the class it is about.

    `assigned_to` is the login of a teacher who answers for the child besides its class teacher.
    """

    key: str
    class_id: str
    who: Mapping[str, str]
    events: tuple[Event, ...]
    assigned_to: str = ""


def stories() -> tuple[ChildStory, ...]:
    """The planned history, in the order in which children are looked for."""
    return tuple(
        ChildStory(
            child["key"], child["class"], child["who"], tuple(_event(event) for event in child["events"]),
            child.get("assigned_to", ""),
        )
        for child in word_list("history")["children"]
    )


def usual_answers() -> Mapping[str, str]:
    """Answers to questions a story says nothing about, given where they are asked."""
    found: Mapping[str, str] = word_list("history")["usual"]
    return found


def choose_children(
    told: Iterable[ChildStory], students: Sequence[Student], villages: Iterable[Village]
) -> dict[str, Student]:
    """Story key -> the first child of its class that fits. Raises LookupError when nobody fits."""
    signals = {village.code: village.signal for village in villages}
    chosen: dict[str, Student] = {}
    for story in told:
        taken = {student.id for student in chosen.values()}
        sibling = chosen.get(story.who.get(SIBLING_OF, ""))
        fitting = (
            student
            for student in students
            if student.class_id == story.class_id
            and student.id not in taken
            and (sibling is None or student.id in sibling.siblings)
            and _fits(student, story.who, signals[student.village])
        )
        found = next(fitting, None)
        if found is None:
            raise LookupError(f"no child for the story {story.key}")
        chosen[story.key] = found
    return chosen


def caretaker_of(student: Student) -> Guardian:
    """The adult who looks after the child."""
    return next(guardian for guardian in student.guardians if guardian.caretaker)


class Days:
    """Turns planned moments into instants. Nothing is planned later than shortly before `now`."""

    def __init__(self, calendar: SchoolCalendar, now: dt.datetime) -> None:
        self._calendar = calendar
        self._now = now

    def day(self, offset: int) -> dt.date:
        """The school day `offset` school days from today; beyond the known terms weekdays count."""
        day, step = self._now.date(), DAY if offset > 0 else -DAY
        for _ in range(abs(offset)):
            day += step
            while not self._is_school_day(day):
                day += step
        return day

    def instant(self, moment: Moment) -> dt.datetime:
        """When it was, in the school's zone."""
        time = dt.time.fromisoformat(moment.at)
        planned = dt.datetime.combine(self.day(moment.day), time, self._now.tzinfo)
        return min(planned, self._now.replace(microsecond=0) - LATEST)

    def _is_school_day(self, day: dt.date) -> bool:
        terms = self._calendar.terms
        if terms and terms[0].first <= day <= terms[-1].last:
            return self._calendar.is_school_day(day)
        return day.weekday() < 5


def _event(event: Mapping[str, Any]) -> Event:
    moment = Moment(event["day"], event["at"])
    match event["do"]:
        case "absent":
            return Absence(moment)
        case "case":
            by = event.get("by", "office")
            return CaseStep(moment, by, event["act"], event["state"], event["rule"], event["remark"])
        case "visit":
            sync, by = Moment(**event["sync"]), event.get("by", "")
            return PlannedVisit(moment, event["label"], event["minutes"], by, event["form"], event["answers"], sync)
        case "review":
            return PlannedReview(moment, event["visit"], event["decision"], event["remark"])
        case other:
            raise ValueError(other)


def _fits(student: Student, who: Mapping[str, str], signal: str) -> bool:
    caretaker = caretaker_of(student)
    facts = {
        "gender": student.gender,
        "signal": signal,
        "surname": student.name[0],
        "relation": caretaker.relation,
        "caretaker": "parent" if caretaker.relation in PARENTS else "grandparent",
        "can_read": caretaker.can_read,
        "away": "yes" if "FM11" in student.family_flags else "no",
    }
    if "key_flag" in who and who["key_flag"] not in student.key_flags:
        return False
    wanted = {name: value for name, value in who.items() if name not in ("key_flag", SIBLING_OF)}
    return bool(caretaker.phone) and all(facts[name] == value for name, value in wanted.items())
