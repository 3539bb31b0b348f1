"""Plays the planned history through the school's real doors, in the order and at the times in which it happened."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from assets import load_wording
from casebook.casefile import CaseFile, fold
from casebook.forms import FormDef
from casebook.protocol import PushRequest, sealed_to_wire
from casebook.records import FormRef, Place
from casebook.rules.calendar import SchoolCalendar
from sync_server.forms import Compiled
from sync_server.registry import Staff, Student, Village
from sync_server.sample import fieldwork, story
from sync_server.sample.fieldwork import Assignment, SampleTelephone, SealedVisit
from sync_server.sample.knowledge import known_row
from sync_server.sample.school import SampleSchool
from sync_server.settings import Settings
from sync_server.store import accounts, archive, devices
from sync_server.store.accounts import Account
from sync_server.store.blobs import Announcement
from sync_server.wiring import Wiring, build

SUBJECT_TEACHER = "subject_teacher"
ACCURACY_M = 18
# In the open Pacific: nobody lives where the sample's coordinates point to.
SCHOOL_LAT, SCHOOL_LNG = 200_000_000, 1_500_000_000
UNITS_PER_TENTH_KM = 8_990  # 1e-7 degrees of latitude


class RecordNotStored(Exception):
    """The school did not take a planned record; the text is its verdict."""


@dataclass(frozen=True)
class Step:
    """One thing that happened; the smaller `order` first when two fall on the same instant."""

    at: dt.datetime
    order: int
    happen: Callable[[], None]


class Replay:
    """The sample's recent past. `play` writes it; the school's clock is set to the time of each step."""

    def __init__(
        self,
        settings: Settings,
        school: SampleSchool,
        forms: Mapping[str, Compiled],
        telephones: Mapping[str, SampleTelephone],
        now: dt.datetime,
    ) -> None:
        self._now = now
        self._wiring: Wiring = build(settings, clock=lambda: self._now)
        self._school = school
        self._forms = {form_id: (FormDef.from_xml(form.xml), form) for form_id, form in forms.items()}
        self._telephones = telephones
        self._calendar = SchoolCalendar.from_rows(school.roster.terms)
        self._days = story.Days(self._calendar, now)
        self._people = {person.login: person for person in school.roster.staff if person.login}
        self._sealed: dict[tuple[str, str], SealedVisit] = {}
        self._cases_opened = 0

    def play(self, told: tuple[story.ChildStory, ...], children: Mapping[str, Student]) -> None:
        """Writes the stories. Raises StoryDoesNotFit or RecordNotStored when plan and program disagree."""
        steps = [step for one in told for event in one.events for step in self._steps(one, children[one.key], event)]
        try:
            for step in sorted(steps, key=lambda step: (step.at, step.order)):
                self._now = step.at
                step.happen()
        finally:
            self._wiring.close()

    def _steps(self, told: story.ChildStory, child: Student, event: story.Event) -> list[Step]:
        at = self._days.instant(event.moment)
        match event:
            case story.Absence():
                return [Step(at, 0, lambda: self._report_absence(child, event))]
            case story.CaseStep():
                return [Step(at, 1, lambda: self._move_case(child, event))]
            case story.PlannedVisit():
                key, back = (told.key, event.label), at + dt.timedelta(minutes=event.minutes)
                return [
                    Step(back, 2, lambda: self._visit(key, child, event, at)),
                    Step(max(back, self._days.instant(event.sync)), 3, lambda: self._synchronise(key, child, event)),
                ]
            case story.PlannedReview():
                return [Step(at, 4, lambda: self._review(child, event, (told.key, event.visit)))]

    def _report_absence(self, child: Student, event: story.Absence) -> None:
        day = self._days.day(event.moment.day).isoformat()
        teacher = self._teacher_of(child)
        body = {
            "incident": uuid.uuid4().hex, "absent_on": day, "session": "am",
            "reported_by": teacher.id, "kind": "unexcused",
        }  # fmt: skip
        self._office("office", "incident", child, body, {"incident_state": "I0", "absent_since": day})

    def _move_case(self, child: Student, event: story.CaseStep) -> None:
        body = {"act": event.act, "rule": event.rule, "remark": event.remark}
        says: dict[str, object] = {"state": event.state}
        if event.act == "open":
            opened_on = self._days.day(event.moment.day).isoformat()
            says |= {"case_no": self._case_no(), "episode": 1, "case_opened_on": opened_on}
        self._office(event.by, "case", child, body, says)

    def _review(self, child: Student, event: story.PlannedReview, key: tuple[str, str]) -> None:
        reviewed = self._sealed[key]
        body = {
            "visit": reviewed.visit, "version": reviewed.sealed.rid,
            "decision": event.decision, "remark": event.remark,
        }  # fmt: skip
        self._office("principal", "review", child, body, {})

    def _office(
        self, login: str, kind: str, child: Student, body: Mapping[str, object], says: Mapping[str, object]
    ) -> None:
        account = self._account(login)
        outcome = self._wiring.store.run_tx(
            lambda conn: self._wiring.office.write(conn, account, kind, child.id, body=body, set=says)
        )
        if outcome.verdict != "stored":
            raise RecordNotStored(f"{kind}: {outcome.verdict} {outcome.code}")

    def _visit(self, key: tuple[str, str], child: Student, event: story.PlannedVisit, started: dt.datetime) -> None:
        login = event.by or self._teacher_of(child).login
        telephone = self._telephones[login]
        assignment = self._assignment(child, event, started + telephone.offset)
        self._sealed[key] = fieldwork.go(telephone, assignment)

    def _assignment(self, child: Student, event: story.PlannedVisit, started: dt.datetime) -> Assignment:
        definition, form = self._forms[event.form]
        village, case = self._village_of(child), self._case_file(child)
        row = known_row(child, self._class_name(child), village, case, self._calendar, started.date())
        place = _home_of(child, village, started)
        facts = self._facts(child, event, place)
        return Assignment(
            case=case, row=row, form=definition, ref=FormRef(form.form_id, form.version, form.sha256),
            purposes=form.purposes, place=place, started=started, minutes=event.minutes, wording=load_wording(),
            answers={name: self._told(answer, facts) for name, answer in event.answers.items()},
            usual={name: self._told(answer, facts) for name, answer in story.usual_answers().items()},
        )  # fmt: skip

    def _facts(self, child: Student, event: story.PlannedVisit, place: Place) -> dict[str, str]:
        """What the blanks in planned answers stand for."""
        caretaker = story.caretaker_of(child)
        other = next((adult for adult in child.guardians if adult is not caretaker), caretaker)
        return {
            "fellow": self._fellow_of(child).name,
            "met": "met_guardian" if caretaker.legal else "met_caretaker",
            "caretaker": caretaker.name, "relation": caretaker.relation, "reads": caretaker.can_read,
            "other_parent": other.name, "other_relation": other.relation,
            "first_reason": event.answers.get("judged", "").partition(" ")[0],
            "place": f"{place.lat / 1e7:.7f} {place.lng / 1e7:.7f} 0 {place.acc}",
        }  # fmt: skip

    def _told(self, answer: str, facts: Mapping[str, str]) -> str:
        if answer.startswith("@"):
            return self._days.day(int(answer[1:])).isoformat()
        return answer.format_map(facts)

    def _synchronise(self, key: tuple[str, str], child: Student, event: story.PlannedVisit) -> None:
        """The telephone reaches the school: first the text, then every file."""
        made, telephone = self._sealed[key], self._telephones[event.by or self._teacher_of(child).login]
        with self._wiring.store.read() as conn:
            device = devices.by_id(conn, self._school.id, telephone.dev)
        assert device is not None, telephone.owner
        reply = self._wiring.intake.push(device, PushRequest([sealed_to_wire(made.sealed)]))
        if reply.outcomes[0].verdict != "stored":
            raise RecordNotStored(f"visit: {reply.outcomes[0].verdict} {reply.outcomes[0].code}")
        for sha256, (kind, content) in made.files.items():
            self._wiring.uploads.announce(self._school.id, sha256, Announcement(len(content), kind))
            writing = self._wiring.uploads.open(self._school.id, sha256, 0)
            writing.write(content)
            writing.close()

    def _case_file(self, child: Student) -> CaseFile:
        with self._wiring.store.read() as conn:
            return fold(child.id, archive.of_case(conn, self._school.id, child.id))

    def _case_no(self) -> str:
        self._cases_opened += 1
        return f"{self._school.id}-{self._now.year}-{self._cases_opened:04d}"

    def _account(self, login: str) -> Account:
        with self._wiring.store.read() as conn:
            account = accounts.by_login(conn, self._school.id, login)
        assert account is not None, login
        return account

    def _teacher_of(self, child: Student) -> Staff:
        return self._people[child.class_id.replace("class", "teacher")]

    def _fellow_of(self, child: Student) -> Staff:
        """The colleague who goes along: always the same one for a class."""
        colleagues = [person for person in self._school.roster.staff if SUBJECT_TEACHER in person.roles]
        return colleagues[int(child.class_id.removeprefix("class")) % len(colleagues)]

    def _village_of(self, child: Student) -> Village:
        return next(village for village in self._school.roster.villages if village.code == child.village)

    def _class_name(self, child: Student) -> str:
        return next(one.name for one in self._school.roster.classes if one.id == child.class_id)


def _home_of(child: Student, village: Village, seen_at: dt.datetime) -> Place:
    """A position fix at the family's door: the same spot every time, give or take the telephone's error."""
    home, fix = Random(f"home:{child.household}"), Random(f"fix:{child.id}{seen_at.isoformat()}")
    away = village.distance_km_x10 * UNITS_PER_TENTH_KM
    east = 1 if int(village.code) % 2 else -1
    lat = SCHOOL_LAT + away // 2 + home.randrange(20_000) + fix.randrange(1_500)
    lng = SCHOOL_LNG + east * away // 2 + home.randrange(20_000) + fix.randrange(1_500)
    return Place(lat, lng, ACCURACY_M + fix.randrange(30), seen_at.isoformat(timespec="seconds"))
