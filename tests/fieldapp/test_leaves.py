"""Leave and the teacher's own steps at the desk: each a new record over the former, refused steps say what is missing."""

from __future__ import annotations

import datetime as dt

import pytest

from casebook import feeds
from casebook.errors import NoSuchVisit, RecordMalformed
from casebook.rules.states import Refused
from fieldapp.desk import Desk
from fieldapp.headcounts import Tally
from fieldapp.platform.clock import CHINA
from tests.fieldapp.fake_school import TEACHER, FakeSchool
from tests.fieldapp.phone import CHILD, OTHER_CHILD, HandClock, clean, furnished, student

MONDAY, TUESDAY = "2026-11-23", "2026-11-24"
SAID = {"kind": "sick", "first": MONDAY, "last": TUESDAY, "asked_by": " 张大样（父亲） ", "reason": "发烧", "proof": "message"}


@pytest.fixture
def clock() -> HandClock:
    """A school morning."""
    return HandClock(dt.datetime(2026, 11, 23, 8, 20, tzinfo=CHINA))


@pytest.fixture
def school() -> FakeSchool:
    """The school with the class's own row; one child is a key student, the other is not."""
    school = furnished(FakeSchool())
    school.publish(feeds.CLASSES, "8-2", {"id": "8-2", "name": "八(2)班", "teacher_id": TEACHER})
    school.publish(feeds.STUDENTS, OTHER_CHILD, student(OTHER_CHILD, "李样芳", "liyangfang", "lyf", key_flags=[]))
    return school


def only(desk: Desk, child: str = CHILD):
    (leave,) = desk.leaves.page(child).leaves
    return leave


def counted(desk: Desk, marks: dict[str, str], day: str = MONDAY) -> None:
    desk.headcounts.seal(desk.headcounts.which("8-2", "am", day), Tally(marks))


class TestLeave:
    def test_asking_says_all_and_the_half_said_is_gone(self, desk: Desk, school: FakeSchool) -> None:
        desk.leaves.jot(CHILD, {"kind": "sick"})
        assert desk.leaves.page(CHILD).said == {"kind": "sick"}
        rid = desk.leaves.ask(CHILD, SAID)
        clean(desk.sync())
        record = school.record(rid)
        assert (record.type, record.case, record.amends) == ("leave", CHILD, ())
        assert {name: record.body[name] for name in SAID} == {**SAID, "asked_by": "张大样（父亲）"}
        assert desk.leaves.page(CHILD).said == {}

    def test_a_reason_is_needed(self, desk: Desk) -> None:
        with pytest.raises(RecordMalformed):
            desk.leaves.ask(CHILD, {**SAID, "reason": " "})
        assert desk.leaves.page(CHILD).leaves == ()

    def test_call_back_end_and_withdrawal_follow_each_other_with_author_and_time(
        self, desk: Desk, school: FakeSchool, clock: HandClock
    ) -> None:
        rids = [desk.leaves.ask(CHILD, SAID)]
        leave = only(desk).id
        clock.pass_time(hours=1)
        rids.append(desk.leaves.verify(CHILD, leave))
        clock.pass_time(hours=24)
        rids.append(desk.leaves.end(CHILD, leave, TUESDAY))
        rids.append(desk.leaves.withdraw(CHILD, leave, "记错人了"))
        clean(desk.sync())
        assert [school.record(rid).amends for rid in rids] == [(), *((rid,) for rid in rids[:3])]
        assert school.record(rids[1]).body["verified_at"] == "2026-11-23T09:20:00+08:00"
        card = only(desk)
        assert (card.standing, card.returned_on, card.withdrawn) == ("withdrawn", TUESDAY, "记错人了")
        assert [step.what for step in card.steps] == ["asked", "verified", "ended", "withdrawn"]
        assert [step.at for step in card.steps][:2] == ["2026-11-23T08:20:00+08:00", "2026-11-23T09:20:00+08:00"]
        assert {step.author_name for step in card.steps} == {"示例老师"}

    def test_the_day_of_coming_back_ends_it(self, desk: Desk, clock: HandClock) -> None:
        desk.leaves.ask(CHILD, {**SAID, "last": "2026-11-27"})
        assert only(desk).standing == "running"
        clock.pass_time(days=1)
        desk.leaves.end(CHILD, only(desk).id, TUESDAY)
        assert only(desk).standing == "over"
        assert desk.headcounts.sheet(desk.headcounts.which("8-2", "am")).tally.marks == {}

    def test_a_key_students_leave_must_be_called_back(self, desk: Desk) -> None:
        for child in (CHILD, OTHER_CHILD):
            desk.leaves.ask(child, SAID)
        assert desk.leaves.page(CHILD).to_call and not desk.leaves.page(OTHER_CHILD).to_call
        assert only(desk).unchecked and only(desk).call_by == "2026-11-24T08:20:00+08:00"
        assert not only(desk, OTHER_CHILD).unchecked
        assert "check_leave" in {task.kind for task in desk.today().tasks if task.case == CHILD}
        desk.leaves.verify(CHILD, only(desk).id)
        assert not only(desk).unchecked
        assert "check_leave" not in {task.kind for task in desk.today().tasks}

    def test_unchecked_for_a_day_it_no_longer_excuses(self, desk: Desk, clock: HandClock) -> None:
        desk.leaves.ask(CHILD, SAID)
        counted(desk, {CHILD: "sick"})
        assert "visit_today" not in {task.kind for task in desk.today().tasks}
        clock.pass_time(hours=25)
        assert CHILD in {task.case for task in desk.today().tasks if task.kind == "visit_today"}

    def test_another_leave_is_another_id(self, desk: Desk) -> None:
        desk.leaves.ask(CHILD, SAID)
        desk.leaves.ask(CHILD, {**SAID, "first": "2026-12-01", "last": "2026-12-01"})
        newest, first = desk.leaves.page(CHILD).leaves
        assert (newest.standing, first.standing) == ("coming", "running") and newest.id != first.id

    def test_an_unknown_leave_is_told(self, desk: Desk) -> None:
        with pytest.raises(NoSuchVisit):
            desk.leaves.verify(CHILD, "nothing")

    def test_the_outbox_names_what_and_whom(self, desk: Desk) -> None:
        desk.leaves.ask(CHILD, SAID)
        desk.leaves.verify(CHILD, only(desk).id)
        newest, first = desk.outbox()
        assert (first.kind, first.student_name, first.state.value) == ("leave", "张示伟", "sealed")
        assert first.form_title == "请假，11月23日至11月24日" and "核实" in newest.form_title


class TestSteps:
    def test_a_case_is_opened_before_the_third_day(self, desk: Desk, school: FakeSchool) -> None:
        rid = desk.steps.seal(CHILD, "opened", {"because": "三天两头不来"})
        assert isinstance(rid, str)
        clean(desk.sync())
        record = school.record(rid)
        assert record.body == {"act": "opened", "role": "class_teacher", "because": "三天两头不来"}
        assert desk.steps.page(CHILD, "opened").state == "C1"
        assert [item.form_title for item in desk.outbox()] == ["人工立案"]

    def test_only_steps_of_the_state_are_offered(self, desk: Desk) -> None:
        assert {card.act: card.refused for card in desk.steps.offered(CHILD)} == {
            "opened": None, "declared_leaving": None}  # fmt: skip
        desk.steps.seal(CHILD, "opened", {"because": "三天两头不来"})
        offered = {card.act: card.refused for card in desk.steps.offered(CHILD)}
        assert offered["declared_leaving"] is None and offered["returned"] is not None and "opened" not in offered

    def test_a_return_needs_the_roll_call_of_that_day(self, desk: Desk) -> None:
        desk.steps.seal(CHILD, "opened", {"because": "三天两头不来"})
        refused = desk.steps.seal(CHILD, "returned", {"on": MONDAY})
        assert isinstance(refused, Refused) and refused.missing == ("roll_call",)
        assert [item.form_title for item in desk.outbox()] == ["人工立案"]

    def test_after_the_roll_call_it_is_noted(self, desk: Desk, clock: HandClock) -> None:
        counted(desk, {CHILD: "unexcused"})
        desk.steps.seal(CHILD, "opened", {"because": "三天两头不来"})
        clock.pass_time(days=1)
        counted(desk, {}, TUESDAY)
        assert desk.steps.page(CHILD, "returned").refused is None
        assert "note_return" in {task.kind for task in desk.today().tasks}
        noted = desk.steps.seal(CHILD, "returned", {"on": TUESDAY})
        assert isinstance(noted, str) and desk.steps.seal(CHILD, "returned", {"on": TUESDAY}) == noted
        assert [item.form_title for item in desk.outbox()].count("点名返校") == 1
        assert "note_return" not in {task.kind for task in desk.today().tasks}

    def test_what_is_not_said_is_named(self, desk: Desk) -> None:
        refused = desk.steps.seal(CHILD, "declared_leaving", {})
        assert isinstance(refused, Refused) and refused.missing == ("field_by",)

    def test_another_role_is_refused(self, desk: Desk) -> None:
        account = desk._work.account()
        desk._put(account=account | {"roles": ["duty_checker"]})
        (opened, _) = desk.steps.offered(CHILD)
        assert opened.refused is not None and opened.refused.missing == ("role",)

    def test_what_is_half_said_is_there_again(self, desk: Desk) -> None:
        desk.steps.jot(CHILD, "opened", {"because": "常常"})
        assert desk.steps.page(CHILD, "opened").said == {"because": "常常"}
        desk.steps.seal(CHILD, "opened", {"because": "常常不来"})
        assert desk.steps.page(CHILD, "opened").said == {}
