"""Counting a class at the desk: what is sealed, what stands, corrections with their history, and no tick lost."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from casebook import feeds
from casebook.errors import RecordMalformed
from fieldapp.desk import Desk
from fieldapp.headcounts import Tally
from fieldapp.platform.clock import CHINA
from tests.fieldapp.fake_school import PRINCIPAL, TEACHER, FakeSchool
from tests.fieldapp.phone import CHILD, OTHER_CHILD, HandClock, clean, enrolled, furnished, phone, student
from tests.fieldapp.test_kill import LONGEST_LIFE_S, Victim, chain

MONDAY = "2026-11-23"
CLASS = "8-2"


@pytest.fixture
def clock() -> HandClock:
    """A school morning, ten minutes before the report is due."""
    return HandClock(dt.datetime(2026, 11, 23, 8, 20, tzinfo=CHINA))


@pytest.fixture
def school() -> FakeSchool:
    """The school with the class's own row."""
    school = furnished(FakeSchool())
    school.publish(feeds.CLASSES, CLASS, {"id": CLASS, "name": "八(2)班", "teacher_id": TEACHER, "base": 3})
    return school


def morning(desk: Desk, day: str = MONDAY):
    return desk.headcounts.which(CLASS, "am", day)


def count(desk: Desk, tally: Tally, session: str = "am", day: str = MONDAY) -> str:
    return desk.headcounts.seal(desk.headcounts.which(CLASS, session, day), tally)


def elsewhere(school: FakeSchool, **body: object) -> str:
    """A headcount that somebody else has sent."""
    whole = {"class": CLASS, "day": MONDAY, "session": "am", "expected": 2, "present": 2, "absent": [], "source": "duty"}
    return school.decide("headcount", None, {**whole, **body})


def test_all_present_says_the_heads_of_the_roster(desk: Desk, school: FakeSchool) -> None:
    rid = count(desk, Tally())
    clean(desk.sync())
    record = school.record(rid)
    assert (record.type, record.case, record.amends) == ("headcount", None, ())
    assert record.body == {"class": CLASS, "day": MONDAY, "session": "am", "expected": 2, "present": 2, "absent": [],
                           "source": "roll"}  # fmt: skip
    assert record.at.started == record.at.ended == "2026-11-23T08:20:00+08:00"


def test_only_the_absent_are_named_and_who_is_late_is_in_class(desk: Desk, school: FakeSchool) -> None:
    rid = count(desk, Tally({CHILD: "unexcused", OTHER_CHILD: "late"}, "monitor", " 样班长 "))
    clean(desk.sync())
    body = school.record(rid).body
    assert (body["expected"], body["present"], body["source"], body["reporter"]) == (2, 1, "monitor", "样班长")
    assert body["absent"] == [{"student": CHILD, "kind": "unexcused"}, {"student": OTHER_CHILD, "kind": "late"}]


def test_an_unexcused_child_is_named_with_whom_to_call(desk: Desk) -> None:
    count(desk, Tally({OTHER_CHILD: "sick", CHILD: "unexcused"}))
    first, second = desk.headcounts.sheet(morning(desk)).standing.absentees
    assert (first.id, first.unexcused, first.phone, first.guardian_name) == (CHILD, True, "12000000001", "张大样")
    assert (second.id, second.unexcused) == (OTHER_CHILD, False)


def test_a_headcount_makes_the_visit_of_the_day_due_at_once(desk: Desk) -> None:
    assert "visit_today" not in {task.kind for task in desk.today().tasks}
    count(desk, Tally({CHILD: "unexcused"}))
    assert ("visit_today", CHILD) in {(task.kind, task.case) for task in desk.today().tasks}


def test_a_running_leave_is_ticked_beforehand(desk: Desk, clock: HandClock) -> None:
    desk.leaves.ask(CHILD, {"kind": "sick", "first": MONDAY, "last": "2026-11-24", "asked_by": "张大样",
                            "reason": "发烧", "proof": "message"})  # fmt: skip
    assert desk.headcounts.sheet(morning(desk)).tally.marks == {CHILD: "sick"}
    assert desk.headcounts.sheet(morning(desk, "2026-11-25")).tally.marks == {}


def test_who_learns_at_home_is_ticked_and_who_is_suspended_is_on_no_list(desk: Desk, school: FakeSchool) -> None:
    school.publish(feeds.STUDENTS, CHILD, student(CHILD, "张示伟", "zhangshiwei", "zsw", roll_status="home_teaching"))
    school.publish(feeds.STUDENTS, OTHER_CHILD, student(OTHER_CHILD, "李样芳", "", "", roll_status="suspended"))
    clean(desk.sync())
    sheet = desk.headcounts.sheet(morning(desk))
    assert sheet.expected == 1 and sheet.tally.marks == {CHILD: "home_taught"}


def test_another_base_figure_stands_beside_and_in_nobodys_way(desk: Desk) -> None:
    sheet = desk.headcounts.sheet(morning(desk))
    assert (sheet.base, sheet.expected) == (3, 2)
    assert count(desk, Tally())


def test_the_list_of_the_class_goes_by_pinyin(desk: Desk) -> None:
    assert [seat.name for seat in desk.headcounts.sheet(morning(desk)).seats] == ["李样芳", "张示伟"]


class TestCorrection:
    def test_old_value_author_and_reason_stay(self, desk: Desk, school: FakeSchool, clock: HandClock) -> None:
        first = count(desk, Tally({CHILD: "unexcused"}))
        clock.pass_time(hours=26)
        second = count(desk, Tally({CHILD: "sick"}, reason="家长补了请假条"))
        clean(desk.sync())
        record = school.record(second)
        assert record.amends == (first,) and record.body["reason"] == "家长补了请假条"
        old, new = desk.headcounts.sheet(morning(desk)).standing.versions
        assert (old.author_name, old.at, old.present) == ("示例老师", "2026-11-23T08:20:00+08:00", 1)
        (change,) = new.changes
        assert (change.name, change.was, change.now, new.reason) == ("张示伟", "unexcused", "sick", "家长补了请假条")

    def test_without_a_reason_it_is_refused_and_the_ticks_stay(self, desk: Desk) -> None:
        count(desk, Tally())
        desk.headcounts.jot(morning(desk), Tally({CHILD: "late"}))
        with pytest.raises(RecordMalformed):
            count(desk, Tally({CHILD: "late"}))
        sheet = desk.headcounts.sheet(morning(desk))
        assert sheet.begun and sheet.tally.marks == {CHILD: "late"} and len(sheet.standing.versions) == 1

    def test_two_headcounts_side_by_side_are_settled_by_one(self, desk: Desk, school: FakeSchool) -> None:
        mine, theirs = count(desk, Tally({CHILD: "unexcused"})), elsewhere(school)
        clean(desk.sync())
        sheet = desk.headcounts.sheet(morning(desk))
        assert len(sheet.standing.rivals) == 1 and {gap.code for gap in sheet.gaps} == {"two_counts"}
        rid = count(desk, Tally({CHILD: "unexcused"}, reason="又点了一次"))
        clean(desk.sync())
        assert set(school.record(rid).amends) == {mine, theirs}
        sheet = desk.headcounts.sheet(morning(desk))
        assert sheet.standing.rivals == () and sheet.gaps == () and len(sheet.standing.versions) == 3

    def test_the_expected_heads_of_that_day_stay(self, desk: Desk, school: FakeSchool) -> None:
        count(desk, Tally())
        school.publish(feeds.STUDENTS, OTHER_CHILD, None)
        clean(desk.sync())
        assert desk.headcounts.sheet(morning(desk)).expected == 2
        assert desk.headcounts.sheet(morning(desk, "2026-11-24")).expected == 1

    def test_giving_up_leaves_what_was_sealed(self, desk: Desk) -> None:
        count(desk, Tally({CHILD: "unexcused"}))
        desk.headcounts.jot(morning(desk), Tally({}))
        desk.headcounts.forget(morning(desk))
        sheet = desk.headcounts.sheet(morning(desk))
        assert not sheet.begun and sheet.tally.marks == {CHILD: "unexcused"}


class TestLesson:
    def test_heads_alone_are_enough(self, desk: Desk, school: FakeSchool) -> None:
        rid = count(desk, Tally(heads=1), "lesson-3")
        clean(desk.sync())
        body = school.record(rid).body
        assert (body["session"], body["lesson"], body["expected"], body["present"], body["absent"]) == (
            "lesson", "3", 2, 1, [])  # fmt: skip

    def test_other_heads_than_the_class_are_told(self, desk: Desk) -> None:
        count(desk, Tally())
        count(desk, Tally(heads=1), "lesson-3")
        (gap,) = desk.headcounts.sheet(morning(desk)).gaps
        assert (gap.code, gap.class_heads, gap.other_heads) == ("lesson", 2, 1)

    def test_each_lesson_is_a_headcount_of_its_own(self, desk: Desk, school: FakeSchool) -> None:
        elsewhere(school, session="lesson", lesson="2", source="roll")
        count(desk, Tally(heads=1), "lesson-3")
        clean(desk.sync())
        lessons = {card.which.session: card.present for card in desk.headcounts.day(CLASS).lessons}
        assert (lessons["lesson-2"], lessons["lesson-3"], lessons["lesson-4"]) == (None, 1, None)

    def test_more_heads_than_the_ticks_leave_are_not_written(self, desk: Desk) -> None:
        sheet = desk.headcounts.sheet(desk.headcounts.which(CLASS, "lesson-1", MONDAY))
        assert sheet.present(Tally({CHILD: "unexcused"}, heads=2)) == 1
        assert sheet.unnamed(Tally({CHILD: "unexcused"}, heads=0)) == 1


class TestClass:
    def test_today_says_what_is_due_and_what_came_in_late(self, desk: Desk, clock: HandClock) -> None:
        (card,) = desk.headcounts.day(CLASS).sessions
        assert (card.which.session, card.by, card.status, card.present) == ("am", "08:30", "open", None)
        clock.pass_time(minutes=15)
        assert desk.headcounts.day(CLASS).sessions[0].status == "overdue"
        count(desk, Tally({CHILD: "sick"}))
        (card,) = desk.headcounts.day(CLASS).sessions
        assert (card.status, card.present, card.expected, card.author_name) == ("met_late", 1, 2, "示例老师")

    def test_the_school_days_before_can_be_made_up(self, desk: Desk) -> None:
        earlier = desk.headcounts.day(CLASS).earlier
        assert [card.which.day for card in earlier] == [f"2026-11-{day}" for day in (20, 19, 18, 17, 16)]
        count(desk, Tally(), day="2026-11-20")
        assert desk.headcounts.day(CLASS).earlier[0].present == 2

    def test_a_session_that_the_rules_do_not_ask_for_shows_once_counted(self, desk: Desk, school: FakeSchool) -> None:
        elsewhere(school, session="noon")
        clean(desk.sync())
        assert [card.which.session for card in desk.headcounts.day(CLASS).sessions] == ["am", "noon"]

    def test_ones_own_class_comes_first(self, desk: Desk, school: FakeSchool) -> None:
        school.publish(feeds.CLASSES, "1-1", {"id": "1-1", "name": "一(1)班", "teacher_id": PRINCIPAL})
        school.publish(feeds.STUDENTS, "d" * 32, student("d" * 32, "王小样", "", "", class_id="1-1"))
        clean(desk.sync())
        assert [(card.id, card.own) for card in desk.headcounts.classes()] == [(CLASS, True), ("1-1", False)]

    def test_a_class_of_which_only_single_children_are_known_is_not_offered(self, desk: Desk, school: FakeSchool) -> None:
        school.publish(feeds.STUDENTS, "d" * 32, student("d" * 32, "王小样", "", "", class_id="1-1"))
        school.publish(feeds.ME, TEACHER, {"id": TEACHER, "roles": ["class_teacher"], "classes": [CLASS]})
        clean(desk.sync())
        assert [card.id for card in desk.headcounts.classes()] == [CLASS]


class TestOutbox:
    def test_a_headcount_is_listed_by_name_until_school_has_it(self, desk: Desk) -> None:
        count(desk, Tally({CHILD: "unexcused"}))
        (item,) = desk.outbox()
        assert (item.kind, item.student_name, item.state.value) == ("headcount", "八(2)班", "sealed")
        assert "上午点名" in item.form_title and "11月23日" in item.form_title and desk.today().unsent == 1
        clean(desk.sync())
        (item,) = desk.outbox()
        assert item.state.value == "received" and item.receipt_no and desk.today().unsent == 0

    def test_what_school_has_leaves_the_list_after_a_week_and_what_it_lacks_stays(
        self, desk: Desk, clock: HandClock
    ) -> None:
        count(desk, Tally())
        clean(desk.sync())
        late = count(desk, Tally({CHILD: "late"}, reason="晚到"))
        clock.pass_time(days=7)
        assert len(desk.outbox()) == 2
        clock.pass_time(days=1)
        assert [item.rid for item in desk.outbox()] == [late]

    def test_a_correction_says_so(self, desk: Desk) -> None:
        count(desk, Tally())
        count(desk, Tally({CHILD: "late"}, reason="晚到"))
        assert [item.form_title.startswith("更正") for item in desk.outbox()] == [True, False]


def test_ticks_are_kept_when_the_phone_dies_and_old_ones_are_forgotten(
    tmp_path: Path, school: FakeSchool, clock: HandClock
) -> None:
    desk = enrolled(tmp_path, school, clock)
    desk.headcounts.jot(morning(desk), Tally({CHILD: "unexcused"}, "duty"))
    desk.close()
    desk = phone(tmp_path, school, clock)
    sheet = desk.headcounts.sheet(morning(desk))
    assert sheet.begun and sheet.tally == Tally({CHILD: "unexcused"}, "duty")
    clock.pass_time(days=15)
    desk.headcounts.jot(morning(desk, "2026-12-08"), Tally())
    assert not desk.headcounts.sheet(morning(desk)).begun
    desk.close()


def test_a_kill_leaves_the_ticks_or_the_sealed_headcount(tmp_path: Path, school: FakeSchool) -> None:
    enrolled(tmp_path, school).close()
    dice, before, after = random.Random(11), 0, 0

    def work(desk: Desk, say: Callable[[str], None]) -> None:
        which = desk.headcounts.which(CLASS, "lesson-1", day)
        tally = Tally({CHILD: "unexcused"}, reason="再点一次")
        desk.headcounts.jot(which, tally)
        say("ticked")
        say(f"sealed {desk.headcounts.seal(which, tally)}")

    for turn in range(16):
        day = f"2026-11-{2 + turn:02}"
        longest = LONGEST_LIFE_S / 2 if turn % 2 else LONGEST_LIFE_S / 100  # whether this machine is slow or fast
        said = Victim(tmp_path, school, work).kill(dice.random() * longest, once_said="ticked")
        desk = phone(tmp_path, school)
        sheet = desk.headcounts.sheet(desk.headcounts.which(CLASS, "lesson-1", day))
        assert sheet.begun != (sheet.standing is not None)
        assert sheet.tally.marks == {CHILD: "unexcused"}
        told = next((line.split()[1] for line in said if line.startswith("sealed")), None)
        assert told is None or (sheet.standing is not None and sheet.standing.rid == told)
        assert len(chain(desk)) == after + (sheet.standing is not None)
        before, after = before + sheet.begun, after + (sheet.standing is not None)
        desk.close()
    assert before and after
