"""The first screen that was foreseen is the one that would be worked out now, whatever has happened since."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from casebook import feeds
from casebook.records import Span
from casebook.rules.duties import Duty
from casebook.rules.told import to_row
from fieldapp import firstscreen
from fieldapp.agenda import Agenda
from fieldapp.cards import TaskCard
from fieldapp.sealing import seal_own, unsealed
from fieldapp.store.store import SCHEMA
from tests.casebook.rules.tale import BOY, CLASS, Tale, changed, moment
from tests.casebook.rules.test_deadlines import boy_k
from tests.fieldapp.fake_school import TEACHER, FakeSchool
from tests.fieldapp.phone import FORM, HandClock, clean, phone, student
from tests.fieldapp.telling import story_school, tell, terms, told_phone

CHILDREN = (BOY, "girl", "twin")
KINDS = ("unexcused", "unexcused", "sick", "late")


class Term:
    """A class teacher's phone in the middle of a term in which anything may happen."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.dice = folder, Random(seed)
        self.school = story_school(follows={"school": False, "classes": [CLASS], "cases": []})
        for number, child in enumerate(CHILDREN[1:]):
            self.publish(child, key_flags=["KS07"] * number)
        self.publish("far", class_id="g9c1")
        tell(self.school, boy_k())
        self.desk, self.clock = told_phone(folder, self.school, "2025-12-18 07:00")
        self.foreseen = 0

    def publish(self, child: str, **said: Any) -> None:
        self.school.publish(feeds.STUDENTS, child, student(child, child, "", "", **{"class_id": CLASS, "key_flags": []} | said))

    # -- what may happen

    def headcount(self) -> None:
        day, away = self.clock.now().date(), self.dice.sample(CHILDREN, self.dice.randrange(3))
        session, now = self.dice.choice(("am", "noon", "pm")), self.clock.now()
        hour = self.dice.randrange(24) if self.dice.random() < 0.2 else self.dice.randrange(now.hour + 1)
        self.school.headcount(day.isoformat(), {child: self.dice.choice(KINDS) for child in away}, class_id=CLASS,
                              session=session, time=f"{hour:02}:00")  # fmt: skip

    def own_headcount(self) -> None:
        work = self.desk._fresh()
        body = {"class": CLASS, "day": self.clock.now().date().isoformat(), "session": "am", "expected": 54, "present": 53,
                "source": "roll", "absent": [{"student": self.dice.choice(CHILDREN), "kind": "unexcused"}]}  # fmt: skip
        seal_own(work, unsealed(work, "headcount", None, body), lambda *_: None)

    def visit(self) -> None:
        tale, child = Tale(), self.dice.choice(CHILDREN)
        day = self.clock.now().date() + dt.timedelta(days=self.dice.randrange(5))
        tale.visit(f"{self.clock.now():%Y-%m-%d %H:%M}", self.dice.choice(("absence", "call", "persuade")),
                   offset=self.dice.choice((0, 0, 7200)), outcome="promised", promise_date=day.isoformat(),
                   next_date=day.isoformat(), sign_level=self.dice.choice(("none", "strong")))  # fmt: skip
        (entry,) = tale.entries
        record = entry.record
        rid = self.school.decide("visit", child, dict(record.body), at=record.at, hlc=record.hlc, author=TEACHER, form=record.form)
        if self.dice.random() < 0.5:
            review = {"visit": record.body["visit"], "version": rid, "decision": "returned", "remark": "?"}
            self.school.decide("review", child, review)

    def act(self) -> None:
        at = self.clock.now().isoformat()
        said = {"act": "declared_leaving", "role": "class_teacher", "by": "guardian"}
        self.school.decide("act", self.dice.choice(CHILDREN), said, at=Span(at, at, "+08:00", 0))

    def rule(self) -> None:
        row = changed("formal_case", value=self.dice.randrange(1, 5), scope="county:990123")
        self.school.publish(feeds.RULES, "county:990123|formal_case|", self.dice.choice((row, None)))

    def calendar(self) -> None:
        row = terms()[0]
        off = (self.clock.now().date() + dt.timedelta(days=self.dice.randrange(3))).isoformat()
        self.school.publish(feeds.CALENDAR, row["term"], row | {"off": [*row["off"], off]})

    def roster(self) -> None:
        self.publish(self.dice.choice(CHILDREN), key_flags=self.dice.choice(([], ["KS07"])), siblings=["twin"],
                     class_id=self.dice.choice((CLASS, CLASS, "g9c1")))  # fmt: skip

    def told(self) -> None:
        at = self.clock.now() + dt.timedelta(hours=self.dice.randrange(30))
        duty = Duty("leave_verify", "far", at.date(), "today", ("class_teacher",), "R17", at=at, facts={"missing": ["x"]})
        self.school.publish(feeds.TOLD, TEACHER, to_row([duty]))

    def draft(self) -> None:
        self.desk.start(self.dice.choice(CHILDREN), FORM)

    def time(self) -> None:
        self.clock.moment += dt.timedelta(hours=self.dice.choice((-3, 1, 2, 5, 9)))

    def night(self) -> None:
        now = self.clock.now()
        self.clock.moment = now.replace(hour=0, minute=0, second=0) + dt.timedelta(days=1, hours=self.dice.choice((0, 7, 9)))

    def anything(self) -> None:
        happens: tuple[Callable[[], None], ...] = (
            self.headcount, self.own_headcount, self.visit, self.act, self.rule, self.calendar, self.roster, self.told,
            self.draft, self.time, self.night, self.night,
        )  # fmt: skip
        self.dice.choice(happens)()
        if self.dice.random() < 0.6:
            clean(self.desk.sync())
        if self.dice.random() < 0.7:
            self.desk.look_ahead()

    # -- what must hold

    def check(self) -> None:
        """Of a phone that has just started, and of this one that runs on."""
        started = phone(self.folder, self.school, self.clock)
        self.foreseen += firstscreen.foreseen(started._work) is not None
        shown = started.today()
        assert shown.tasks == worked_out(self.folder, self.school, self.clock), self.clock.now()
        assert self.desk.today() == shown
        started.close()


def worked_out(folder: Path, school: FakeSchool, clock: HandClock) -> list[TaskCard]:
    """By a phone that looks at nothing but records and rows."""
    desk = phone(folder, school, clock)
    tasks = Agenda(desk._fresh()).tasks()
    desk.close()
    return tasks


@pytest.mark.parametrize("seed", range(2))
def test_what_was_foreseen_is_what_would_be_worked_out(tmp_path: Path, seed: int) -> None:
    term = Term(tmp_path, seed)
    for _ in range(14):
        term.anything()
        now = term.clock.now()
        term.check()
        term.clock.moment = now + dt.timedelta(minutes=term.dice.randrange(1, 40 * 60))
        term.check()
        term.clock.moment = now
    assert term.foreseen > 7, "many starts show what was foreseen"
    term.desk.close()


class TestForeseen:
    @pytest.fixture
    def school(self) -> FakeSchool:
        school, tale = story_school(), Tale()
        tale.absent("2025-10-09", "2025-10-10")
        tell(school, tale)
        return school

    @pytest.fixture
    def read(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """How often a start had to look at everything."""
        done: list[str] = []
        real = firstscreen.Agenda

        def noted(work: Any) -> Agenda:
            done.append("all")
            return real(work)

        monkeypatch.setattr(firstscreen, "Agenda", noted)
        return done

    def shown(self, folder: Path, school: FakeSchool, now: str) -> list[tuple[str, str]]:
        desk = phone(folder, school, HandClock(moment(now)))
        kinds = [(card.kind, card.urgency) for card in desk.today().tasks]
        desk.close()
        return kinds

    def test_a_start_reads_nothing_until_the_next_school_day_is_over(
        self, tmp_path: Path, school: FakeSchool, read: list[str]
    ) -> None:
        desk, _ = told_phone(tmp_path, school, "2025-10-09 12:00")
        desk.look_ahead()
        desk.close()
        read.clear()
        expected = {"2025-10-09 12:30": "today", "2025-10-09 23:59": "today", "2025-10-10 07:00": "overdue"}
        for now, urgency in expected.items():
            assert ("visit_today", urgency) in self.shown(tmp_path, school, now)
        assert read == []
        self.shown(tmp_path, school, "2025-10-11 00:00")
        assert read == ["all"]

    def test_a_clock_set_back_and_another_version_of_the_app_look_at_everything(
        self, tmp_path: Path, school: FakeSchool, read: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk, _ = told_phone(tmp_path, school, "2025-10-09 12:00")
        desk.look_ahead()
        desk.close()
        read.clear()
        self.shown(tmp_path, school, "2025-10-09 11:59")
        assert read == ["all"]
        monkeypatch.setattr(firstscreen, "_program", lambda: "newer")
        self.shown(tmp_path, school, "2025-10-09 12:30")
        assert read == ["all", "all"]

    def test_what_changes_while_one_looks_ahead_is_not_overlooked(self, tmp_path: Path, school: FakeSchool) -> None:
        desk, _ = told_phone(tmp_path, school, "2025-10-09 12:00")
        work, real = desk._work, firstscreen._stretches

        def and_meanwhile(*args: Any) -> Any:
            found = list(real(*args))
            with work.books.store.write() as db:
                db.execute("UPDATE counter SET value = value + 1 WHERE name = 'revision'")
            return found

        firstscreen._stretches = and_meanwhile  # type: ignore[assignment]
        try:
            desk.look_ahead()
        finally:
            firstscreen._stretches = real
        assert firstscreen.foreseen(work) is None
        desk.close()


def test_a_start_asks_for_no_more_than_it_needs(tmp_path: Path) -> None:
    """Both are slow to import on an old phone; a start without anything to write or to send does without."""
    desk, _ = told_phone(tmp_path, story_school(), "2025-10-09 12:00")
    desk.look_ahead()
    desk.close()
    code = ("import sys; from pathlib import Path; from fieldapp.desk import Desk;"
            " Desk.open(Path(sys.argv[1])).today(); print(sorted({'sqlite_utils', 'requests', 'PIL'} & sys.modules.keys()))")
    told = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": os.getcwd()})  # fmt: skip
    assert told.stdout.strip() == "[]"


def test_the_store_says_how_many_migrations_there_are() -> None:
    from sqlite_utils import Database

    from fieldapp.store.migrations import migrations

    assert len(migrations.pending(Database(memory=True))) == SCHEMA
