"""Plays the planned history through the school's real doors, in the order and at the times in which it happened."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casebook.casefile import CaseFile, fold
from casebook.kinds.act import ACTS
from casebook.rules.calendar import SchoolCalendar
from sync_server.forms import Compiled
from sync_server.registry import Student
from sync_server.sample import fieldwork, story
from sync_server.sample.casting import Days
from sync_server.sample.doors import Doors
from sync_server.sample.errands import Errands
from sync_server.sample.fieldwork import Assignment, SampleTelephone, SealedVisit
from sync_server.sample.rollcalls import LESSON, Call, Caller
from sync_server.sample.school import SampleSchool
from sync_server.sample.story import ChildStory, Moment, RollCalls
from sync_server.settings import Settings
from sync_server.store import archive
from sync_server.wiring import Wiring, build

Going = Callable[[SampleTelephone, Assignment], SealedVisit]

BACK_AT = "08:40"
VISIT, ACT = "visit:", "act:"  # in what an act says: the id of a visit, or of an act before, by its label


@dataclass(frozen=True)
class Step:
    """One thing that happened; the smaller `order` first when two fall on the same instant."""

    at: dt.datetime
    order: int
    happen: Callable[[], None]


@dataclass(frozen=True)
class Scene:
    """The child a story is about, with the story."""

    told: ChildStory
    child: Student


class Replay:
    """The sample's recent past. `play` writes it; the school's clock is set to the time of each step."""

    def __init__(
        self, settings: Settings, school: SampleSchool, forms: Mapping[str, Compiled],
        telephones: Mapping[str, SampleTelephone], now: dt.datetime, go: Going = fieldwork.go,
    ) -> None:  # fmt: skip
        self._now, self._go = now, go
        self._wiring: Wiring = build(settings, clock=lambda: self._now)
        self._school, self._telephones = school, telephones
        self._days = Days(SchoolCalendar.from_rows(school.roster.terms), now)
        self._doors, self._errands = Doors(self._wiring), Errands(school, forms, self._days)
        self._made: dict[tuple[str, str], str] = {}  # (story, label) -> id of the visit or the act
        self._versions: dict[tuple[str, str], SealedVisit] = {}
        self._counts: dict[tuple[str, str, str], str] = {}  # (class, day, session) -> headcount

    def play(self, told: Sequence[ChildStory], children: Mapping[str, Student], calls: RollCalls) -> None:
        """Writes the stories. Raises StoryDoesNotFit or RecordNotStored when plan and program disagree."""
        caller = Caller(calls, self._days, self._school.roster.students, told, children)
        steps = list(self._roll_calls(caller))
        steps += [
            step for one in told for event in one.events
            for step in self._steps(Scene(one, children[one.key]), event, caller)
        ]  # fmt: skip
        try:
            for step in sorted(steps, key=lambda step: (step.at, step.order)):
                self._now = step.at
                step.happen()
            self._wiring.numbers.look()
        finally:
            self._wiring.close()

    def _roll_calls(self, caller: Caller) -> Iterator[Step]:
        for at, calls in caller.batches():
            yield Step(at, 0, lambda calls=calls: self._count(calls))  # type: ignore[misc]
        lesson = caller.lesson()
        yield Step(lesson.at, 1, lambda: self._count([lesson]))

    def _steps(self, scene: Scene, event: story.Event, caller: Caller) -> Iterator[Step]:
        match event:
            case story.Correction():
                yield self._step(event, 1, lambda: self._count([caller.corrected(scene.child, event)]))
            case story.PlannedLeave():
                yield from self._leave(scene, event)
            case story.PlannedAct():
                yield self._step(event, 3, lambda: self._act(scene, event))
            case story.PlannedReview():
                yield self._step(event, 4, lambda: self._review(scene, event))
            case story.PlannedVisit():
                started = self._days.instant(event.moment)
                back = started + dt.timedelta(minutes=event.minutes)
                yield Step(back, 2, lambda: self._visit(scene, event, started))
                sent = max(back, self._days.instant(event.sync))
                yield Step(sent, 3, lambda: self._synchronise(scene, event))

    def _step(self, event: Any, order: int, happen: Callable[[], None]) -> Step:
        return Step(self._days.instant(event.moment), order, happen)

    def _count(self, calls: Sequence[Call]) -> None:
        """Class teachers seal their headcounts; what reaches the school together goes in together."""
        sealed = []
        for call in sorted(calls, key=lambda call: call.at):
            key = (call.class_id, call.body["day"], call.body["session"])
            amends = (self._counts[key],) if "reason" in call.body else ()
            telephone = self._telephones[call.class_id.replace("class", "teacher")]
            sealed.append(telephone.note("headcount", call.at, call.body, amends=amends))
            if call.body["session"] != LESSON:
                self._counts[key] = sealed[-1].rid
        self._doors.push(telephone, sealed)

    def _leave(self, scene: Scene, event: story.PlannedLeave) -> Iterator[Step]:
        """The leave, then the call back, then its end: each a record that amends the one before."""
        first, last = (self._days.day(offset).isoformat() for offset in (event.first, event.last))
        body: dict[str, object] = {
            "leave": uuid.uuid4().hex, "first": first, "last": last, "kind": event.kind, "asked_by": event.asked_by,
            "reason": event.reason, "proof": event.proof,
        }  # fmt: skip
        versions = [(event.moment, body)]
        if event.verified:
            verified_at = self._days.instant(event.verified).isoformat(timespec="seconds")
            versions.append((event.verified, versions[-1][1] | {"verified_at": verified_at}))
        if event.returned is not None:
            returned_on = self._days.day(event.returned).isoformat()
            versions.append((Moment(event.returned, BACK_AT), versions[-1][1] | {"returned_on": returned_on}))
        written: list[str] = []
        for moment, said in versions:
            at = self._days.instant(moment)
            yield Step(at, 2, lambda at=at, said=said: self._note_leave(scene, at, said, written))  # type: ignore[misc]

    def _note_leave(self, scene: Scene, at: dt.datetime, body: Mapping[str, object], written: list[str]) -> None:
        telephone = self._telephone(scene)
        sealed = telephone.note("leave", at, body, scene.child.id, tuple(written[-1:]))
        written.append(sealed.rid)
        self._doors.push(telephone, [sealed])

    def _act(self, scene: Scene, event: story.PlannedAct) -> None:
        """A step in the case: teachers note theirs on the telephone, everything else is done in the console."""
        key, case = (scene.told.key, event.label), scene.child.id
        login = event.by or self._errands.teacher_of(scene.child).login
        person = self._school.staff_by_login(login)
        said = {name: self._said(scene, value) for name, value in event.says.items()}
        body = {"act": event.act, "role": person.roles[0], "name": person.name, **said}
        if not ACTS[event.act].teachers:
            self._made[key] = self._doors.decide(login, "act", case, body)
            return
        sealed = self._telephones[login].note("act", self._now, body, case)
        self._doors.push(self._telephones[login], [sealed])
        self._made[key] = sealed.rid

    def _said(self, scene: Scene, value: Any) -> Any:
        if isinstance(value, list):
            return [self._said(scene, one) for one in value]
        for mark in (VISIT, ACT):
            if value.startswith(mark):
                return self._made[scene.told.key, value.removeprefix(mark)]
        return self._errands.told(value, self._errands.papers(scene.child))

    def _review(self, scene: Scene, event: story.PlannedReview) -> None:
        key = (scene.told.key, event.visit)
        body = {
            "visit": self._made[key], "version": self._versions[key].sealed.rid, "decision": event.decision,
            "remark": event.remark,
        }  # fmt: skip
        self._doors.decide("principal", "review", scene.child.id, body)

    def _visit(self, scene: Scene, event: story.PlannedVisit, started: dt.datetime) -> None:
        telephone, key = self._telephone(scene, event.by), (scene.told.key, event.label)
        case, at = self._case_file(scene.child), started + telephone.offset
        made = self._go(telephone, self._errands.assignment(scene.child, scene.told, event, case, at))
        self._versions[key], self._made[key] = made, made.visit

    def _synchronise(self, scene: Scene, event: story.PlannedVisit) -> None:
        self._doors.hand_over(self._telephone(scene, event.by), self._versions[scene.told.key, event.label])

    def _telephone(self, scene: Scene, login: str = "") -> SampleTelephone:
        return self._telephones[login or self._errands.teacher_of(scene.child).login]

    def _case_file(self, child: Student) -> CaseFile:
        with self._wiring.store.read() as conn:
            return fold(child.id, archive.of_case(conn, self._school.id, child.id))
