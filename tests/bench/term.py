"""A school at the end of a whole term, through its real doors: the sample's people, its stories again and again.

1,200 students in 24 classes counted twice a day for 100 days; 300 children who missed days, 60 of them with a case;
leaves, visits with real answers, acts, reviews, weekly reports. The same on every run but for keys and ids of visits.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

from casebook.casefile import CaseFile, Entry
from casebook.feeds import case_scope
from casebook.records import Span, decode, hlc_next
from casebook.rules.calendar import SchoolCalendar
from sync_server import founding
from sync_server.forms import bundled_forms
from sync_server.registry import Student
from sync_server.sample import fieldwork, story
from sync_server.sample.casting import Days, choose_children
from sync_server.sample.errands import Errands
from sync_server.sample.fieldwork import EPOCH, Assignment, SampleTelephone, SealedVisit
from sync_server.sample.plant import settle
from sync_server.sample.replay import Replay
from sync_server.sample.school import SCHOOL_ID, SCHOOL_NAME, SEED, SampleSchool, build
from sync_server.sample.story import Away, ChildStory, Event, Moment, PlannedAct, PlannedLeave, PlannedVisit, RollCalls
from sync_server.settings import Settings
from sync_server.store import accounts, reach, rows
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection
from sync_server.weeklies import Weeklies
from sync_server.wiring import Wiring
from sync_server.wiring import build as wired
from tests.sync_server.rollcall import Clock

LAST_DAY, NOON = dt.date(2026, 1, 23), dt.time(16, 30)
DAYS, ABSENCES, CASES, LEAVES, LED = 100, 300, 60, 120, 200
LEADER = "bench-leader"  # a teacher who leads villages with 200 children
SHORT = ("visit_accepted", "visit_waiting", "visit_returned", "primary_nobody_home", "absent_yesterday")
LONG = ("case_suspected", "case_refused", "case_confirmed", "case_back", "case_served")
ON_LEAVE = ("leave_checked", "leave_ended", "leave_personal")
BEFORE = 16  # school days that the longest of these stories takes


@dataclass(frozen=True)
class Term:
    """The school's folder, and everybody's password."""

    folder: Path
    password: str

    def open(self) -> tuple[Wiring, Clock]:
        """The school as after a start of the server, in the afternoon of the term's last day."""
        clock = Clock(f"{LAST_DAY} {NOON:%H:%M}")
        return wired(Settings(data=self.folder), clock=clock), clock


def full_term(folder: Path) -> Term:
    """Founds the school in `folder` and lets the whole term happen."""
    settings, school = Settings(data=folder), build(SEED, LAST_DAY)
    clock = Clock("2025-08-30 09:00")
    wiring = founding.found(settings, SCHOOL_ID, SCHOOL_NAME, clock)
    forms = {form.form_id: form for form in bundled_forms()}
    telephones, password = settle(wiring, school, forms, {})
    wiring.store.run_tx(lambda conn: _lead(conn, wiring, school))
    now = dt.datetime.combine(LAST_DAY, NOON, clock.now.tzinfo)
    days = Days(SchoolCalendar.from_rows(school.roster.terms), now)
    told, children = _again(school)
    copyist = Copyist(Errands(school, forms, days), telephones, days, told, children)
    calls = RollCalls(DAYS, {}, frozenset(), story.roll_calls().lesson, ("am", "pm"))
    Replay(settings, school, forms, telephones, now, copyist.go).play(told, children, calls)
    _sign_weeks(wiring, clock, school)
    wiring.close()
    return Term(folder, password)


class Copyist:
    """Visits that repeat what a real one says: each story's visit is filled in once with the real form."""

    def __init__(
        self, errands: Errands, telephones: Mapping[str, SampleTelephone], days: Days, told: Sequence[ChildStory],
        children: Mapping[str, Student],
    ) -> None:  # fmt: skip
        self._visits = 0
        self._known: dict[str, tuple[Assignment, SealedVisit]] = {}
        for one in told[: len(story.stories())]:
            child, case = children[one.key], CaseFile(children[one.key].id)
            for event in (event for event in one.events if isinstance(event, PlannedVisit)):
                plan = errands.assignment(child, one, event, case, days.instant(event.moment))
                made = fieldwork.go(replace(telephones[event.by or errands.teacher_of(child).login]), plan)
                case.add(Entry(made.sealed.rid, decode(made.sealed.payload)))
                self._known[_kind(plan)] = plan, made

    def go(self, telephone: SampleTelephone, plan: Assignment) -> SealedVisit:
        """The visit of `plan`, without its pictures."""
        pattern, made = self._known[_kind(plan)]
        self._visits += 1
        visit, said = UUID(int=self._visits).hex, decode(made.sealed.payload)
        instance = str(said.body["instance"]).replace(pattern.row["name"], plan.row["name"])
        for name, answer in plan.answers.items():
            instance = instance.replace(f">{escape(pattern.answers[name])}<", f">{escape(answer)}<")
        started = plan.started.isoformat(timespec="seconds")
        ended = plan.started + dt.timedelta(minutes=plan.minutes)
        record = replace(
            said, author=telephone.account, dev=telephone.dev, ep=EPOCH, seq=telephone.seq + 1, prev=telephone.head,
            hlc=hlc_next(telephone.hlc, int(ended.timestamp() * 1000)), case=plan.case.case, place=plan.place, att=(),
            at=Span(started, ended.isoformat(timespec="seconds"), started[-6:], plan.minutes * 60_000),
            base=plan.case.base_for(said.set),
            body={**said.body, "visit": visit, "instance": instance, "signatures": []},
        )  # fmt: skip
        return SealedVisit(visit, telephone.seal(record), {})


def _kind(plan: Assignment) -> str:
    return f"{plan.ref.id}:{plan.answers.get('summary', '')}"


def _again(school: SampleSchool) -> tuple[list[ChildStory], dict[str, Student]]:
    """The sample's stories with their children, then the same earlier in the term and about other children."""
    first, roster, dice = list(story.stories()), school.roster, Random("term")
    children = choose_children(first, roster.students, roster.villages)
    taken = {child.id for child in children.values()}
    others = [child for child in roster.students if child.id not in taken]
    dice.shuffle(others)
    patterns = {one.key: one for one in first}
    keys = [LONG[n % len(LONG)] for n in range(CASES)]
    keys += [SHORT[n % len(SHORT)] for n in range(ABSENCES - CASES)] + [ON_LEAVE[n % len(ON_LEAVE)] for n in range(LEAVES)]
    told = list(first)
    for number, (key, child) in enumerate(zip(keys, others, strict=False)):
        shift = Shift(dice.randrange(1, DAYS - BEFORE), number, stays=key in LONG and number % 3 == 0, grade=child.class_id[5])
        one = replace(patterns[key], key=f"{key}-{number}", class_id=child.class_id, assigned_to="",
                      events=tuple(map(shift.event, patterns[key].events)))  # fmt: skip
        told.append(one)
        children[one.key] = child
    return told, children


@dataclass(frozen=True)
class Shift:
    """Tells a story so many school days earlier, with numbers of its own; who `stays` away has not come back."""

    by: int
    number: int
    stays: bool
    grade: str

    def event(self, event: Event) -> Event:
        """The same event, earlier."""
        match event:
            case Away():
                lasts = self.stays and event.last == 0
                return replace(event, first=event.first - self.by, last=0 if lasts else event.last - self.by)
            case PlannedLeave():
                verified = self._moment(event.verified) if event.verified else None
                back = None if event.returned is None else event.returned - self.by
                return replace(event, moment=self._moment(event.moment), first=event.first - self.by,
                               last=event.last - self.by, verified=verified, returned=back)  # fmt: skip
            case PlannedVisit():
                return replace(event, moment=self._moment(event.moment), sync=self._moment(event.sync),
                               by=self._person(event.by), answers=self._said(event.answers))  # fmt: skip
            case PlannedAct():
                return replace(event, moment=self._moment(event.moment), by=self._person(event.by),
                               says=self._said(event.says))  # fmt: skip
            case _:
                return replace(event, moment=self._moment(event.moment))

    def _moment(self, moment: Moment) -> Moment:
        return replace(moment, day=moment.day - self.by)

    def _person(self, login: str) -> str:
        return f"director{self.grade}" if login.startswith("director") else login

    def _said(self, says: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._text(value) if isinstance(value, str) else value for name, value in says.items()}

    def _text(self, said: str) -> str:
        if said.startswith("@"):
            return f"@{int(said[1:]) - self.by}"
        return re.sub(r"〕\d+号", f"〕{100 + self.number}号", said)


def _lead(conn: Connection, wiring: Wiring, school: SampleSchool) -> None:
    """Somebody answers for the children of some villages; nobody else is assigned to so many."""
    teacher = next(one for one in school.roster.staff if one.roles == ("subject_teacher",))
    accounts.add(conn, Account(teacher.id, SCHOOL_ID, LEADER, teacher.name, teacher.roles), "", wiring.now())
    by_village = sorted(school.roster.students, key=lambda child: (child.village, child.id))
    for child in by_village[:LED]:
        reach.grant(conn, SCHOOL_ID, teacher.id, case_scope(child.id), wiring.now())
    rows.put_me(conn, SCHOOL_ID, teacher.id, wiring.now())


def _sign_weeks(wiring: Wiring, clock: Clock, school: SampleSchool) -> None:
    """The grade directors sign the reports of all weeks but the last."""
    clock.set(f"{LAST_DAY} {NOON:%H:%M}")
    desk = Weeklies(wiring.store, SCHOOL_ID, wiring.lives, wiring.office, clock)
    directors = [one.login for one in school.roster.staff if one.login.startswith("director")]
    for week in range(1, DAYS // 5):
        day = LAST_DAY - dt.timedelta(weeks=week)
        for login in directors:
            with wiring.store.read() as conn:
                account = accounts.by_login(conn, SCHOOL_ID, login)
                assert account is not None
                seen = {one.room["id"]: one.sha256 for one in desk.of_week(conn, account, day) if one.over}
            assert not desk.sign(account, day, seen), login
