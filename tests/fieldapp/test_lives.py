"""States and deadlines on the phone: the same as at school, offline, and worked out only when something says more."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

import fieldapp.lives
from casebook import feeds
from casebook.merging import Verdict
from casebook.records import Span
from casebook.rules.outline import life_outline
from fieldapp.desk import Desk
from fieldapp.sealing import seal_own, unsealed
from tests.casebook.rules.tale import BOY, CLASS, Tale, changed, moment
from tests.casebook.rules.test_deadlines import boy_k
from tests.casebook.rules.test_story_b import told as story_b
from tests.fieldapp.fake_school import FakeSchool
from tests.fieldapp.phone import clean, student
from tests.fieldapp.telling import reckoned, story_school, tell, told_phone

HOURS = ("00:00", "08:45", "16:30", "23:59")


def outline(desk: Desk) -> dict[str, Any]:
    """All that the rules say of the child on this phone."""
    work = desk._fresh()
    return life_outline(work.life(BOY)) | {"duties_kept": len(work.kept(BOY).duties)}


def reckoned_outline(school: FakeSchool, now: dt.datetime, key: bool = False) -> dict[str, Any]:
    row = student(BOY, "张示伟", "zsw", "zsw", class_id=CLASS, key_flags=["KS07"] if key else [])
    told = life_outline(reckoned(school, now, row))
    return told | {"duties_kept": len(told["duties"])}


@pytest.mark.parametrize(("tale", "first", "days"), [(story_b(), "2025-10-09", 32), (boy_k(), "2025-12-08", 24)])
def test_the_phone_says_what_the_rules_say_at_every_moment(tmp_path: Path, tale: Tale, first: str, days: int) -> None:
    """The same object goes through the whole story: what it keeps must never be what no longer holds."""
    school = story_school()
    tell(school, tale)
    desk, clock = told_phone(tmp_path, school, f"{first} 00:00")
    for number in range(days):
        for hour in HOURS:
            clock.moment = moment(f"{dt.date.fromisoformat(first) + dt.timedelta(days=number)} {hour}")
            assert outline(desk) == reckoned_outline(school, clock.moment), clock.moment
    desk.close()


def test_an_unchecked_leave_of_a_key_student_stops_to_count_after_its_hours(tmp_path: Path) -> None:
    school, tale = story_school(), Tale()
    school.publish(feeds.STUDENTS, BOY, student(BOY, "张示伟", "zsw", "zsw", class_id=CLASS, key_flags=["KS07"]))
    tale.headcount("2025-10-09", {BOY: "sick"})
    tale.leave("2025-10-09 10:15", "2025-10-09", "2025-10-10")
    tell(school, tale)
    desk, clock = told_phone(tmp_path, school, "2025-10-09 11:00")
    states = {}
    for now in ("2025-10-09 11:00", "2025-10-10 10:14", "2025-10-10 10:15", "2025-10-10 10:16"):
        clock.moment = moment(now)
        states[now] = desk.student(BOY).standing.days[-1].status
        assert outline(desk) == reckoned_outline(school, clock.moment, key=True), now
    assert list(states.values()) == ["excused", "excused", "excused", "unexcused"]
    desk.close()


def test_a_clock_that_was_ahead_is_corrected_as_at_school(tmp_path: Path) -> None:
    """R25: captured at half past midnight by a clock an hour ahead is in time; the school has measured the hour."""
    school, tale = story_school(), Tale()
    tale.headcount("2025-10-09", {BOY: "unexcused"})
    tale.visit("2025-10-09 23:30", "absence", offset=3600)
    tell(school, tale)
    desk, clock = told_phone(tmp_path, school, "2025-10-10 07:00")
    (visit,) = [due for due in desk.student(BOY).standing.deadlines if due.key == "same_day_visit"]
    assert (visit.status, visit.kept_on) == ("met", "2025-10-09")
    assert outline(desk) == reckoned_outline(school, clock.moment)
    desk.close()


def test_a_headcount_of_a_clock_ahead_counts_when_its_moment_has_come(tmp_path: Path) -> None:
    school, tale = story_school(), Tale()
    tale.headcount("2025-10-09", {BOY: "unexcused"}, time="11:00")
    tell(school, tale)
    desk, clock = told_phone(tmp_path, school, "2025-10-09 10:00")
    assert desk.student(BOY).standing.days == ()
    clock.moment = moment("2025-10-09 11:00")
    assert [day.status for day in desk.student(BOY).standing.days] == ["unexcused"]
    clock.moment = moment("2025-10-09 10:30")
    assert desk.student(BOY).standing.days == ()
    desk.close()


class TestRules:
    def two_days_away(self) -> FakeSchool:
        school, tale = story_school(), Tale()
        tale.absent("2025-10-09", "2025-10-10")
        tell(school, tale)
        return school

    def test_the_defaults_hold_until_the_school_sends_rows(self, tmp_path: Path) -> None:
        """Q1: a county that makes it a case on the second day; the phone follows with the next sync."""
        school = self.two_days_away()
        desk, clock = told_phone(tmp_path, school, "2025-10-10 12:00")
        assert desk.student(BOY).standing.state == "I0"
        row = changed("formal_case", value=2, scope="county:990123")
        school.publish(feeds.RULES, "county:990123|formal_case|", row)
        clean(desk.sync())
        assert desk.student(BOY).standing.state == "C1"
        assert outline(desk) == reckoned_outline(school, clock.moment)
        school.publish(feeds.RULES, "county:990123|formal_case|", None)
        clean(desk.sync())
        assert desk.student(BOY).standing.state == "I0"
        desk.close()

    def test_the_school_wins_over_its_county_and_a_row_of_tomorrow_is_passed_over(self, tmp_path: Path) -> None:
        school = self.two_days_away()
        for scope, days in (("school:3199000001", 2), ("county:990123", 1)):
            school.publish(feeds.RULES, f"{scope}|formal_case|", changed("formal_case", value=days, scope=scope))
        school.publish(feeds.RULES, "*|formal_case|x", changed("formal_case", value="soon", unit="moons"))
        school.publish(feeds.RULES, "planet|formal_case|", changed("formal_case", value=9, scope="planet:earth"))
        desk, _ = told_phone(tmp_path, school, "2025-10-10 12:00")
        (due,) = [one for one in desk.student(BOY).standing.deadlines if one.key == "formal_case"]
        assert due.due == "2025-10-10"
        desk.close()

    def test_a_holiday_that_the_school_adds_moves_a_deadline(self, tmp_path: Path) -> None:
        school = self.two_days_away()
        desk, _ = told_phone(tmp_path, school, "2025-10-10 12:00")

        def formal() -> str | None:
            return next(due.due for due in desk.student(BOY).standing.deadlines if due.key == "formal_case")

        assert formal() == "2025-10-11"  # a make-up Saturday
        row = next(value.value for _, kind, value in school.log if kind == "row" and value.feed == feeds.CALENDAR)
        school.publish(feeds.CALENDAR, row["term"], row | {"on": [day for day in row["on"] if day != "2025-10-11"]})
        clean(desk.sync())
        assert formal() == "2025-10-13"
        desk.close()


class TestOwnHeadcount:
    def count(self, desk: Desk) -> str:
        """The teacher counts the class offline."""
        work = desk._fresh()
        body = {"class": CLASS, "day": "2025-10-09", "session": "am", "expected": 54, "present": 53, "source": "roll",
                "absent": [{"student": BOY, "kind": "unexcused"}]}  # fmt: skip
        return seal_own(work, unsealed(work, "headcount", None, body), lambda *_: None)

    def test_counts_before_it_is_sent(self, tmp_path: Path) -> None:
        desk, _ = told_phone(tmp_path, story_school(), "2025-10-09 08:00")
        assert [card.kind for card in desk.today().tasks] == ["headcount"]
        self.count(desk)
        assert [(card.kind, card.case) for card in desk.today().tasks] == [("visit_today", BOY)]
        desk.close()

    @pytest.mark.parametrize("verdict", [Verdict.QUARANTINED, Verdict.REFUSED])
    def test_does_not_count_once_the_school_has_not_taken_it(self, tmp_path: Path, verdict: Verdict) -> None:
        school = story_school()
        desk, _ = told_phone(tmp_path, school, "2025-10-09 08:00")
        self.count(desk)
        school.verdict = lambda rid: (verdict, "not_your_class")
        desk.sync()
        assert [card.kind for card in desk.today().tasks] == ["headcount"]
        desk.close()


class TestKept:
    @pytest.fixture
    def worked(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The children whose lives were worked out, in order."""
        done: list[str] = []
        real = fieldapp.lives.lifecycle

        def noted(child: Any, *rest: Any) -> Any:
            done.append(child.case)
            return real(child, *rest)

        monkeypatch.setattr(fieldapp.lives, "lifecycle", noted)
        return done

    @pytest.fixture
    def desk(self, tmp_path: Path, worked: list[str]) -> Any:
        """A phone with the boy's class and a girl's class, both away on one day."""
        self.school = story_school(roles=["grade_director"], classes=[CLASS, "g8c3"])
        self.school.publish(feeds.STUDENTS, "girl", student("girl", "李样芳", "lyf", "lyf", class_id="g8c3", key_flags=[]))
        for class_id, child in ((CLASS, BOY), ("g8c3", "girl")):
            self.school.headcount("2025-10-09", {child: "unexcused"}, class_id=class_id)
        desk, self.clock = told_phone(tmp_path, self.school, "2025-10-09 12:00")
        desk.today()
        worked.clear()
        yield desk
        desk.close()

    def test_a_second_look_works_nothing_out(self, desk: Desk, worked: list[str]) -> None:
        desk.today()
        self.clock.pass_time(hours=2)
        desk.today()
        assert worked == []

    def test_a_record_of_one_child_leaves_the_others_alone(self, desk: Desk, worked: list[str]) -> None:
        at = "2025-10-09T11:00:00+08:00"
        said = {"act": "declared_leaving", "role": "class_teacher", "by": "guardian"}
        self.school.decide("act", BOY, said, at=Span(at, at, "+08:00", 0))
        clean(desk.sync())
        desk.today()
        assert worked == [BOY]

    def test_a_headcount_concerns_its_class(self, desk: Desk, worked: list[str]) -> None:
        self.school.headcount("2025-10-09", {}, class_id="g8c3", session="noon", time="11:00")
        clean(desk.sync())
        desk.today()
        assert worked == ["girl"]

    def test_the_next_day_is_another_day_for_all(self, desk: Desk, worked: list[str]) -> None:
        self.clock.moment = moment("2025-10-10 00:00")
        desk.today()
        assert sorted(worked) == [BOY, "girl"]

    def test_a_child_that_changes_its_class_is_another(self, desk: Desk, worked: list[str]) -> None:
        self.school.publish(feeds.STUDENTS, "girl", student("girl", "李样芳", "lyf", "lyf", class_id=CLASS, key_flags=[]))
        clean(desk.sync())
        desk.today()
        assert worked == ["girl"]
