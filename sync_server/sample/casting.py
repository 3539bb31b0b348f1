"""Which child of the sample school each story is about, and on which day its moments fall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from casebook.rules.calendar import SchoolCalendar
from sync_server.registry import Guardian, Student, Village
from sync_server.sample.story import ChildStory, Moment

DAY = dt.timedelta(days=1)
LATEST = dt.timedelta(minutes=2)
PARENTS = ("51", "52")
SIBLING_OF = "sibling_of"  # names the story of a brother or sister told before


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
        "key": "yes" if student.key_flags else "no",
    }
    if "key_flag" in who and who["key_flag"] not in student.key_flags:
        return False
    wanted = {name: value for name, value in who.items() if name not in ("key_flag", SIBLING_OF)}
    return bool(caretaker.phone) and all(facts[name] == value for name, value in wanted.items())
