"""The first screen, a child's page and the outbox: what is due, what is known, where each visit is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from casebook.errors import NoSuchCase, Unreachable
from casebook.merging import Verdict
from casebook.records import Span
from casebook.rules.duties import Duty
from fieldapp import agenda
from fieldapp.caselist import CaseList
from fieldapp.desk import Desk
from fieldapp.platform.clock import CHINA
from tests.fieldapp.fake_school import TEACHER, FakeSchool
from tests.fieldapp.phone import CHILD, FORM, OTHER_CHILD, HandClock, enrolled, filled, furnished, phone, student

FRIDAY = dt.datetime(2026, 11, 20, 16, 20, tzinfo=CHINA)


@dataclass
class Day:
    """A desk, its school and its clock."""

    desk: Desk
    school: FakeSchool
    clock: HandClock

    def absent(self, *children: str, day: str = "2026-11-20", kind: str = "unexcused") -> None:
        """The class is counted on a day, and these children are away."""
        self.school.headcount(day, dict.fromkeys(children or (CHILD,), kind))

    def act(self, name: str, role: str, at: str, child: str = CHILD, **body: Any) -> str:
        """The office does a step in the child's case."""
        moment = f"{at}:00+08:00".replace(" ", "T")
        said = {"act": name, "role": role, **body}
        return self.school.decide("act", child, said, at=Span(moment, moment, "+08:00", 0))

    def case(self, child: str = CHILD) -> None:
        self.act("opened", "academic_office", "2026-11-20 09:00", child, because="away")

    def cut(self) -> None:
        def fail() -> None:
            raise Unreachable

        self.school.mishaps |= {"send_chunk": fail, "file_offset": fail}


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    school, clock = furnished(FakeSchool()), HandClock()
    desk = enrolled(tmp_path, school, clock)
    yield Day(desk, school, clock)
    desk.close()


def kinds(day: Day) -> list[tuple[str, str, str]]:
    """Kind, urgency and whom it is about."""
    return [(card.kind, card.urgency, card.student_name or card.class_name) for card in day.desk.today().tasks]


def test_today_shows_the_most_urgent_first_and_what_it_needs(day: Day) -> None:
    day.clock.moment = FRIDAY
    day.absent(CHILD, day="2026-11-19")
    day.absent(CHILD, OTHER_CHILD, day="2026-11-20")
    day.desk.sync()
    first, second = day.desk.today().tasks
    assert (first.student_name, first.urgency, first.due_text_facts["due"]) == ("张示伟", "overdue", "2026-11-19")
    assert (second.student_name, second.urgency, second.kind) == ("李样芳", "today", "visit_today")
    assert (first.clause, first.form_id, first.draft_id) == ("R25", FORM, None)
    assert [step.code for step in first.because] == ["since_first_absent_day", "school_days_from"]


def test_what_only_the_school_can_note_comes_after_what_the_phone_can_do() -> None:
    seen = Duty("contact_today", CHILD, dt.date(2026, 11, 20), "overdue", (), "R25")
    survey = Duty("survey", "k1", dt.date(2026, 9, 7), "overdue", (), "R43")
    later = Duty("follow_up", CHILD, dt.date(2026, 11, 27), "soon", (), "R50")
    cards = [agenda._card(duty) for duty in (later, survey, seen)]
    assert [card.kind for card in sorted(cards, key=agenda._order)] == ["contact_today", "survey", "follow_up"]


def test_task_knows_its_draft_and_ends_with_the_visit(day: Day) -> None:
    day.absent(day="2026-11-20")
    day.clock.moment = FRIDAY
    day.school.headcount("2026-11-20", {CHILD: "unexcused"}, session="noon")
    day.desk.sync()
    draft = filled(day.desk)
    assert day.desk.today().tasks[0].draft_id == draft.draft_id
    assert [(card.student_name, card.form_title) for card in day.desk.today().drafts] == [("张示伟", "上门家访")]
    draft.finish()
    today = day.desk.today()
    assert "visit_today" not in [task.kind for task in today.tasks]
    assert (today.drafts, today.unsent, today.unsent_files) == ([], 1, 3)


def test_form_that_a_task_asks_for_is_suggested_first(day: Day) -> None:
    day.clock.moment = FRIDAY
    from tests.fieldapp.phone import form_row

    day.school.publish("forms", "persuasion@1", form_row(form_id="persuasion") | {"purposes": ["persuade"]})
    day.desk.sync()
    assert [choice.suggested for choice in day.desk.forms_for(CHILD)] == [False, False]
    day.absent()
    day.desk.sync()
    assert [(c.form_id, c.suggested) for c in day.desk.forms_for(CHILD)] == [(FORM, True), ("persuasion", False)]
    filled(day.desk).finish()
    day.case()
    day.desk.sync()
    assert {t.kind: t.form_id for t in day.desk.today().tasks}["promise_due"] == "persuasion"


def test_child_who_left_the_roster_has_no_tasks_and_no_page(day: Day) -> None:
    day.absent()
    day.school.publish("students", CHILD, None)
    day.desk.sync()
    assert day.desk.today().tasks == []
    with pytest.raises(NoSuchCase):
        day.desk.student(CHILD)
    with pytest.raises(NoSuchCase):
        day.desk.start(CHILD, FORM)


def test_student_page_tells_the_story_newest_first(day: Day) -> None:
    day.act("declared_leaving", "class_teacher", "2026-11-20 09:00", by="guardian")
    day.desk.sync()
    filled(day.desk).finish()
    page = day.desk.student(CHILD)
    assert [(item.kind, item.title_key, item.own, item.status) for item in page.timeline] == [
        ("visit", "timeline.visit", True, "sealed"),
        ("act", "timeline.act", False, ""),
    ]
    assert page.timeline[0].facts["title"] == "上门家访" and page.timeline[0].facts["author"] == "示例老师"
    assert (page.timeline[1].facts["what"], page.timeline[1].facts["author"]) == ("表示要离校", "示例校长")
    assert [(promise.date, promise.status) for promise in page.promises] == [("2026-11-23", "open")]
    assert (page.age, page.guardians[0].name, page.guardians[0].legal) == (13, "张大样", True)


def test_promise_that_was_not_kept_is_past_the_next_day(day: Day) -> None:
    filled(day.desk).finish()
    day.clock.pass_time(days=3)
    assert day.desk.student(CHILD).promises[0].status == "passed"
    assert kinds(day) == [("promise_due", "overdue", "张示伟"), ("headcount", "overdue", "8-2")]


def test_siblings_are_found(day: Day) -> None:
    row = student(CHILD, "张示伟", "zhangshiwei", "zsw", siblings=[OTHER_CHILD, "unknown"])
    day.school.publish("students", CHILD, row)
    day.desk.sync()
    assert [sibling.name for sibling in day.desk.student(CHILD).siblings] == ["李样芳"]


def test_forms_read_what_is_known_of_the_child(day: Day) -> None:
    day.school.headcount("2026-11-17")
    for absent_on in ("2026-11-18", "2026-11-19", "2026-11-20"):
        day.absent(day=absent_on)
    day.desk.sync()
    filled(day.desk).finish()
    day.desk.today()
    row = CaseList(day.desk._work).row(day.desk._work.books.roster.student(CHILD))
    assert (row["name"], row["label"], row["age"], row["state"]) == (CHILD, "张示伟", "13", "C1")
    assert (row["guardian_name"], row["guardian_phone"], row["can_read"]) == ("张大样", "12000000001", "yes")
    assert (row["absent_since"], row["absent_days"]) == ("2026-11-18", "3")  # Wednesday to Friday
    assert (row["last_present"], row["case_opened_on"]) == ("2026-11-17", "2026-11-20")
    assert (row["episode"], row["case_no"], row["return_by_proposed"]) == ("1", "（待编号）", "2026-11-30")
    assert (row["attempts_door"], row["attempts_phone"], row["last_visit_on"]) == ("1", "0", "2026-11-21")
    assert row["attempts_text"] == "11月21日 上门：见到监护人，承诺返校"
    assert row["promises_text"] == "11月21日 承诺 11月23日 返校"
    assert (row["key_flags"], row["key_flags_text"], row["family_flags_text"]) == ("KS07", "留守", "")


@pytest.mark.parametrize(("said", "village"), [({}, "样例村"), ({"hukou_village": "v9"}, "高岭村"), ({"hukou_village": ""}, "")])
def test_forms_read_the_village_to_which_letters_go(day: Day, said: dict[str, str], village: str) -> None:
    day.school.publish("villages", "v9", {"code": "v9", "name": "高岭村"})
    day.school.publish("students", CHILD, student(CHILD, "张示伟", "zhangshiwei", "zsw", village_name="样例村", **said))
    day.desk.sync()
    assert CaseList(day.desk._work).row(day.desk._work.books.roster.student(CHILD))["hukou_village"] == village


def test_case_list_finds_children_by_any_column(day: Day) -> None:
    day.desk.today()
    source = CaseList(day.desk._work).source()
    assert [row["label"] for row in source.find("name", OTHER_CHILD)] == ["李样芳"]
    assert [row["name"] for row in source.find("label", "张示伟")] == [CHILD]
    assert list(source.find("name", "nobody")) == [] and len(list(source.rows())) == 2


class TestOutbox:
    def state(self, day: Day) -> str:
        (item,) = day.desk.outbox()
        return item.state.value

    def test_follows_a_visit_from_draft_to_accepted(self, day: Day) -> None:
        draft = filled(day.desk)
        assert self.state(day) == "draft"
        rid = draft.finish()
        assert self.state(day) == "sealed"
        day.cut()
        assert isinstance(day.desk.sync().problem, Unreachable)
        (item,) = day.desk.outbox()
        assert (item.state, item.receipt_no, item.files_sent, item.files_total) == ("text_sent", item.receipt_no, 0, 3)
        assert item.receipt_no == next(sseq for sseq, kind, _ in day.school.log[::-1] if kind == "record")
        day.school.mishaps.clear()
        day.desk.sync()
        assert self.state(day) == "received"
        self.review(day, rid, "returned", "少一张照片")
        assert (self.state(day), day.desk.outbox()[0].remark) == ("returned", "少一张照片")
        self.review(day, rid, "accepted", "")
        assert self.state(day) == "accepted"

    def review(self, day: Day, rid: str, decision: str, remark: str) -> None:
        visit = day.school.record(rid).body["visit"]
        day.school.decide("review", CHILD, {"visit": visit, "version": rid, "decision": decision, "remark": remark})
        day.desk.sync()

    def test_says_how_many_photos_have_arrived(self, day: Day) -> None:
        filled(day.desk).finish()

        def cut_after_two_files() -> None:
            if len(day.school.files) == 2:
                raise Unreachable

        day.school.mishaps["file_offset"] = cut_after_two_files
        day.desk.sync()
        (item,) = day.desk.outbox()
        assert (item.state, item.files_sent, item.files_total) == ("photos", 2, 3)

    @pytest.mark.parametrize(
        ("verdict", "code", "state"),
        [(Verdict.REFUSED, "unknown_key", "refused"), (Verdict.QUARANTINED, "not_allowed", "quarantined")],
    )
    def test_shows_why_the_school_did_not_take_it(self, day: Day, verdict: Verdict, code: str, state: str) -> None:
        filled(day.desk).finish()
        day.school.verdict = lambda rid: (verdict, code)
        day.desk.sync()
        (item,) = day.desk.outbox()
        assert (item.state, item.problem.code) == (state, code)

    def test_returned_visit_knows_its_supplement(self, day: Day) -> None:
        rid = filled(day.desk).finish()
        day.desk.sync()
        self.review(day, rid, "returned", "请补")
        draft = day.desk.supplement(CHILD, day.school.record(rid).body["visit"])
        being_written, returned = day.desk.outbox()
        assert (being_written.state, being_written.version) == ("draft", 2)
        assert (returned.state, returned.draft_id) == ("returned", draft)


def test_standing_and_small_memory_survive_reopening(day: Day, tmp_path: Path) -> None:
    day.desk.remember_place("/students/7")
    assert day.desk.prefer(locale="en", big_text=True) == {"locale": "en", "big_text": True}
    day.desk.close()
    again = phone(tmp_path, day.school)
    assert again.last_place() == "/students/7" and again.preference("big_text") is True
    standing = again.standing()
    assert (standing.school_name, standing.teacher_name, standing.teacher_id) == ("示例中学", "示例老师", TEACHER)
    assert again.forms_for(CHILD)[0].title == "Door visit"
    again.close()
