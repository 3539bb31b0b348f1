"""Every class's headcounts of the sample's past: who is missing as the stories say, who comes late by chance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from casebook.kinds.headcount import AWAY_KINDS
from sync_server.registry import Student
from sync_server.sample.casting import Days
from sync_server.sample.story import ChildStory, Correction, Moment, RollCalls

MORNING, LESSON = "am", "lesson"
HOME_TEACHING, HOME_TAUGHT, LATE = "home_teaching", "home_taught", "late"
# When the first class of a session is counted, and when all counts but the late ones are at school.
FIRST_CALLS, SENT_AT = {"am": dt.time(7, 50), "pm": dt.time(14, 0)}, {"am": "08:29", "pm": "14:38"}
CALLS_TAKE_MIN = 35
ONE_IN = 5  # a child comes late to every fifth headcount


@dataclass(frozen=True)
class Call:
    """A headcount to be made: by the teacher of a class, at an instant, with the body of its record."""

    class_id: str
    at: dt.datetime
    body: Mapping[str, Any]


class Caller:
    """Calls the roll of every class. `told` and `children` say who is away when, and of what kind."""

    def __init__(
        self, plan: RollCalls, days: Days, students: Sequence[Student], told: Sequence[ChildStory],
        children: Mapping[str, Student],
    ) -> None:  # fmt: skip
        self._plan, self._days = plan, days
        self._in_story = {child.id for child in children.values()}
        self._classes: dict[str, list[Student]] = {}
        for student in students:
            self._classes.setdefault(student.class_id, []).append(student)
        self._away = {
            (offset, children[story.key].id): away.kind
            for story in told for away in story.away for offset in range(away.first, away.last + 1)
        }  # fmt: skip

    def batches(self) -> Iterator[tuple[dt.datetime, list[Call]]]:
        """All headcounts that reach the school together, with the instant when they do."""
        for offset in range(1 - self._plan.days, 1):
            late = self._plan.late if offset == 0 else {}
            silent = self._plan.silent if offset == 0 else frozenset()
            prompt = [one for one in sorted(self._classes) if one not in late and one not in silent]
            for session in self._plan.sessions:
                calls = [self._call(one, offset, session) for one in prompt]
                yield self._days.instant(Moment(offset, SENT_AT[session])), calls
            for class_id, at in late.items():
                call = self._call(class_id, offset, at=at)
                yield call.at, [call]

    def lesson(self) -> Call:
        """The lesson of today whose count differs from the class's."""
        plan = self._plan.lesson
        body = dict(self._call(plan["class"], 0).body)
        present = body["present"] - plan["fewer"]
        body |= {"session": LESSON, "lesson": plan["lesson"], "present": present, "source": "monitor"}
        body |= {"reporter": plan["reporter"]}
        return Call(plan["class"], self._days.instant(Moment(0, plan["at"])), body)

    def corrected(self, child: Student, event: Correction) -> Call:
        """The headcount of a past day said again, with what the child truly was and why it is changed."""
        former = self._call(child.class_id, event.day).body
        absent = [{**one, "kind": event.kind} if one["student"] == child.id else one for one in former["absent"]]
        body = {**former, "absent": absent, "present": former["expected"] - _away(absent), "reason": event.reason}
        return Call(child.class_id, self._days.instant(event.moment), body)

    def _call(self, class_id: str, offset: int, session: str = MORNING, at: str = "") -> Call:
        day = self._days.day(offset)
        chance = Random(f"roll:{class_id}:{offset}" if session == MORNING else f"roll:{class_id}:{offset}:{session}")
        absent = [{"student": child.id, "kind": kind} for child in self._classes[class_id]
                  if (kind := self._kind(child, offset))]  # fmt: skip
        here = [child.id for child in self._classes[class_id]
                if child.id not in self._in_story and child.placement != HOME_TEACHING]  # fmt: skip
        if not chance.randrange(ONE_IN):
            absent.append({"student": chance.choice(here), "kind": LATE})
        first = FIRST_CALLS[session]
        minutes = first.minute + chance.randrange(CALLS_TAKE_MIN)
        time = at or f"{first.hour + minutes // 60:02}:{minutes % 60:02}"
        expected = len(self._classes[class_id])
        body = {
            "class": class_id, "day": day.isoformat(), "session": session, "expected": expected,
            "present": expected - _away(absent), "absent": absent, "source": "roll",
        }  # fmt: skip
        return Call(class_id, self._days.instant(Moment(offset, time)), body)

    def _kind(self, child: Student, offset: int) -> str:
        return HOME_TAUGHT if child.placement == HOME_TEACHING else self._away.get((offset, child.id), "")


def _away(absent: Sequence[Mapping[str, str]]) -> int:
    return sum(one["kind"] in AWAY_KINDS for one in absent)
