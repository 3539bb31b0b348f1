"""One going to one door: what the next child's or the next form's visit finds filled in, and what it never does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from casebook import feeds
from casebook.kinds.visit import arrived_of, carried_of, outing_of
from casebook.records import Record, decode
from fieldapp.capture.place import Fix
from fieldapp.desk import Desk
from fieldapp.visiting import VisitDraft
from tests.fieldapp.fake_school import FakeSchool
from tests.fieldapp.phone import (
    CHILD,
    OTHER_CHILD,
    HandClock,
    bundled_row,
    clean,
    phone,
    picture,
    publish_bundled,
    student,
)

FORMS = ("absence_visit", "nobody_home", "routine_visit", "student_talk", "call_log")
STRANGER = "c3" + "0" * 30
MEETING = {
    "with_whom": "teacher cadre", "covisitors": "郭谷", "companions": "村委会李主任", "contact_result": "met_guardian",
    "met_same": "same", "interpreter": "relative",
}  # fmt: skip
GUARDIAN = {"id": "g1", "name": "张大样", "relation": "51", "phone": "12000000001", "legal": True, "caretaker": True,
            "can_read": "yes"}  # fmt: skip
SHUT = {"met_nobody": "no_one_home", "with_whom": "alone", "alone_why": "busy", "informant": "none",
        "left_note": "yes", "next_when": "tomorrow"}  # fmt: skip


@pytest.fixture
def door(desk: Desk, school: FakeSchool) -> Desk:
    """A phone with a brother and a sister of one household, and a child of another."""
    publish_bundled(school, *FORMS)
    one = student(CHILD, "张示伟", "zsw", "zsw", siblings=[OTHER_CHILD], guardians=[GUARDIAN])
    other = student(OTHER_CHILD, "张样芳", "zyf", "zyf", siblings=[CHILD], guardians=[GUARDIAN], class_name="四(1)班")
    for child in (one, other, student(STRANGER, "李样生", "lys", "lys")):
        school.publish(feeds.STUDENTS, child["id"], child)
    clean(desk.sync())
    return desk


def answered(draft: VisitDraft, answers: Mapping[str, str]) -> VisitDraft:
    for name, value in answers.items():
        draft.answer(ref(draft, name), value)
    return draft


def ref(draft: VisitDraft, name: str) -> str:
    found = draft.session.ref_of(name)
    assert found, name
    return found


def value(draft: VisitDraft, name: str) -> str:
    return draft.session.value(ref(draft, name))


def begun(desk: Desk, child: str = CHILD, form: str = "absence_visit", **answers: str) -> VisitDraft:
    return answered(desk.open_draft(desk.start(child, form)), answers or MEETING)


def next_visit(desk: Desk, child: str = OTHER_CHILD, form: str = "routine_visit") -> VisitDraft:
    """One tap on what the phone offers at this door."""
    outing = desk.outing(child)
    assert outing
    return desk.open_draft(desk.start(child, form, outing.id))


def shut_door(desk: Desk) -> VisitDraft:
    draft = begun(desk, form="nobody_home", **SHUT)
    draft.attach_photo(ref(draft, "photos_door"), picture(3), "camera")
    return draft


def sealed(desk: Desk, draft: VisitDraft) -> Record:
    """Sealed, after the one answer that every child needs of its own: the day of the next step."""
    if [problem.ref for problem in draft.problems()] == [ref(draft, "next_when")]:
        draft.answer(ref(draft, "next_when"), "tomorrow")
    rid = draft.finish()
    kept = desk._work.books.records.sealed(desk._work.db, rid)
    assert kept
    return decode(kept.payload)


def test_the_meeting_goes_over_to_the_sister_and_the_child_itself_does_not(door: Desk, clock: HandClock) -> None:
    first = begun(door)
    answered(first, {"here_now": "seen"})
    clock.pass_time(minutes=12)
    second = next_visit(door)
    assert {name: value(second, name) for name in MEETING} == MEETING
    assert value(second, "here_now") == ""
    assert second.student["name"] == "张样芳"


def test_a_second_form_for_the_same_child_is_not_asked_again_either(door: Desk, clock: HandClock) -> None:
    begun(door)
    clock.pass_time(minutes=5)
    second = next_visit(door, CHILD)
    assert {name: value(second, name) for name in MEETING} == MEETING


def test_what_was_carried_is_an_answer_like_any_other_and_can_be_changed(door: Desk) -> None:
    begun(door)
    second = next_visit(door)
    second.answer(ref(second, "covisitors"), "郭谷、萧洁荷")
    assert value(second, "covisitors") == "郭谷、萧洁荷"
    assert second.session.question(ref(second, "with_whom")).readonly is False


@pytest.mark.parametrize("told", ["met_student_only", "refused"])
def test_that_only_the_brother_was_met_says_nothing_of_the_sister(door: Desk, told: str) -> None:
    begun(door, contact_result=told)
    assert value(next_visit(door), "contact_result") == ("" if told == "met_student_only" else told)


def test_what_neighbours_said_of_the_brother_stays_with_him(door: Desk) -> None:
    begun(door, contact_result="no_one_home", informant="neighbour", informant_name="王叔", informant_said="去镇上了")
    assert value(next_visit(door, OTHER_CHILD), "informant_said") == ""
    assert value(next_visit(door, OTHER_CHILD), "informant_name") == "王叔"
    assert value(next_visit(door, CHILD), "informant_said") == "去镇上了"


def test_other_adults_on_the_register_mean_that_only_the_way_there_is_carried(door: Desk, school: FakeSchool) -> None:
    cousin = student(OTHER_CHILD, "张样芳", "zyf", "zyf", siblings=[CHILD], guardians=[{**GUARDIAN, "name": "张二样"}])
    school.publish(feeds.STUDENTS, OTHER_CHILD, cousin)
    clean(door.sync())
    begun(door)
    second = next_visit(door)
    assert (value(second, "with_whom"), value(second, "companions")) == ("teacher cadre", "村委会李主任")
    assert value(second, "contact_result") == ""


def test_the_times_are_honest_and_the_record_says_what_was_carried(door: Desk, clock: HandClock) -> None:
    first = shut_door(door)
    given = first.session.answered[ref(first, "with_whom")]
    clock.pass_time(minutes=3)
    second = next_visit(door, OTHER_CHILD, "nobody_home")
    second.share_photo(ref(second, "photos_door"))
    clock.pass_time(minutes=1)
    second.answer(ref(second, "left_note"), "no")
    one, two = sealed(door, first), sealed(door, second)
    assert outing_of(one) == outing_of(two) == one.body["visit"] != two.body["visit"]
    assert arrived_of(two) == one.at.started < two.at.started
    carried = carried_of(two)
    refs = {name: ref for ref in carried for name in [ref.rsplit("/", 1)[-1]]}
    assert {"met_nobody", "with_whom", "alone_why", "informant", "photos_door"} <= refs.keys()
    assert not {"left_note", "next_when"} & refs.keys()  # answered anew
    assert carried[refs["with_whom"]] == {"visit": one.body["visit"], "answered": given}
    assert two.body["answered"][refs["with_whom"]] == two.at.started
    assert "carried" not in one.body


def test_a_carried_answer_is_seen_as_such_until_it_is_touched(door: Desk, clock: HandClock) -> None:
    begun(door)
    second = next_visit(door)
    companions = ref(second, "companions")
    assert companions in second.carried
    clock.pass_time(minutes=1)
    second.answer(companions, "村医")
    second.answer(companions, "村委会李主任")
    assert companions not in second.carried


def test_signatures_and_the_reading_aloud_are_never_carried(door: Desk) -> None:
    first = begun(door, **MEETING, here_now="seen")
    answered(first, {"reason_topics": "temporary", "excuse": "illness", "proof": "statement", "read_aloud": "OK"})
    answered(first, {"sign_mode": "handwritten"})
    first.save_strokes(ref(first, "guardian_signature"), [[(1.0, 1.0, 0.0), (9.0, 9.0, 5.0)]], 100, 50)
    second = next_visit(door)
    for name in ("read_aloud", "sign_mode", "guardian_signature", "photos_1"):
        assert value(second, name) == "", name


def test_the_photo_of_the_door_serves_both_by_one_tap_with_its_true_time(door: Desk, clock: HandClock) -> None:
    first = shut_door(door)
    taken = first.session.answered[ref(first, "photos_door")]
    clock.pass_time(minutes=4)
    second = next_visit(door, OTHER_CHILD, "nobody_home")
    question = ref(second, "photos_door")
    assert value(second, "photos_door") == ""  # by the tap only
    assert second.photo_to_share(question)
    sha256 = second.share_photo(question)
    clock.pass_time(minutes=1)
    one, two = sealed(door, first), sealed(door, second)
    assert [file.sha256 for file in two.att] == [file.sha256 for file in one.att] == [sha256]
    (shared,) = two.att
    assert (shared.taken_at, shared.source, shared.question) == (taken, "camera", question)
    assert door.file_bytes(sha256)


def test_no_photo_is_offered_that_is_older_than_the_outing_or_of_unknown_time(door: Desk, clock: HandClock) -> None:
    first = begun(door, form="nobody_home", **SHUT)
    first.attach_photo(ref(first, "photos_door"), picture(4), "gallery")
    second = next_visit(door, OTHER_CHILD, "nobody_home")
    assert second.photo_to_share(ref(second, "photos_door")) is None


def test_a_fresh_position_goes_along_with_its_own_time_and_an_old_one_does_not(door: Desk, clock: HandClock) -> None:
    first = begun(door)
    fixed = clock.now().isoformat(timespec="seconds")
    first.set_place(Fix(20.0, 150.0, 18.0, fixed))
    clock.pass_time(minutes=14)
    second = next_visit(door)
    fix, reason = second.place()
    assert (fix and fix.fixed_at, reason) == (fixed, None) and value(second, "place")
    door.discard(second.draft_id)
    clock.pass_time(minutes=2)
    third = next_visit(door)
    assert third.place() == (None, None) and value(third, "place") == ""


def test_a_new_form_that_words_a_question_differently_asks_it_itself(door: Desk, school: FakeSchool) -> None:
    row = bundled_row("routine_visit")
    xml = row["xml"].replace("同行老师的姓名", "一起去的老师")
    import hashlib

    newer = {**row, "version": "99", "xml": xml.replace(f'version="{row["version"]}"', 'version="99"')}
    newer["sha256"] = hashlib.sha256(newer["xml"].encode()).hexdigest()
    school.publish(feeds.FORMS, "routine_visit@99", newer)
    clean(door.sync())
    begun(door)
    second = next_visit(door)
    assert value(second, "with_whom") == "teacher cadre" and value(second, "covisitors") == ""


class TestOffer:
    def test_names_the_sister_her_class_and_the_form(self, door: Desk) -> None:
        draft = begun(door)
        outing = door.outing(CHILD)
        assert outing and [stop.draft_id for stop in outing.stops] == [draft.draft_id]
        (sister,) = outing.next_visits
        assert (sister.case, sister.class_name, sister.form_id, sister.task) == (
            OTHER_CHILD, "四(1)班", "routine_visit", None)  # fmt: skip
        others = {form.form_id for form in outing.forms}
        assert others == {"routine_visit", "nobody_home", "student_talk", "door_visit"}  # nobody calls at the door

    def test_puts_the_form_first_that_her_task_asks_for(self, door: Desk, school: FakeSchool) -> None:
        school.headcount("2026-11-20", {OTHER_CHILD: "unexcused"})
        clean(door.sync())
        begun(door)
        outing = door.outing(CHILD)
        assert outing and [(one.form_id, one.task) for one in outing.next_visits] == [("absence_visit", "visit_today")]

    def test_a_shut_door_is_shut_for_all_of_them(self, door: Desk) -> None:
        shut_door(door)
        outing = door.outing(CHILD)
        assert outing and [one.form_id for one in outing.next_visits] == ["nobody_home"]

    def test_stays_after_the_seal_and_ends_after_some_hours(self, door: Desk, clock: HandClock) -> None:
        shut_door(door).finish()
        clock.pass_time(hours=3, minutes=59)
        assert door.outing(CHILD) and door.outing(OTHER_CHILD)
        clock.pass_time(minutes=2)
        assert door.outing(CHILD) is None and door.student(OTHER_CHILD).outing is None

    def test_is_the_same_on_both_pages_and_lists_every_draft_to_switch_between(self, door: Desk) -> None:
        first, second = begun(door), next_visit(door)
        here, there = door.student(CHILD).outing, door.student(OTHER_CHILD).outing
        assert here and there and here.id == there.id
        assert {stop.draft_id for stop in here.stops} == {first.draft_id, second.draft_id}
        first.answer(ref(first, "companions"), "李主任")
        assert door.open_draft(second.draft_id) is second and value(second, "companions") == "村委会李主任"

    @pytest.mark.parametrize(("form", "answers"), [
        ("absence_visit", {"mode": "phone"}), ("student_talk", {"mood": "3"}), ("call_log", {"call_result": "off"})])
    def test_a_call_or_a_talk_at_school_is_no_going_to_the_door(
        self, door: Desk, form: str, answers: dict[str, str]
    ) -> None:
        begun(door, form=form, **answers)
        assert door.outing(CHILD) is None

    def test_another_household_has_no_part_in_it(self, door: Desk) -> None:
        first = begun(door)
        assert door.outing(STRANGER) is None
        stray = door.open_draft(door.start(STRANGER, "routine_visit", first._row.outing))
        assert value(stray, "with_whom") == "" and stray._row.outing == stray._row.visit

    def test_starting_anew_carries_nothing(self, door: Desk) -> None:
        begun(door)
        anew = door.open_draft(door.start(OTHER_CHILD, "routine_visit"))
        assert value(anew, "with_whom") == "" and anew._row.outing == anew._row.visit


def test_everything_is_there_after_the_phone_died(door: Desk, tmp_path: Path, school: FakeSchool, clock: HandClock) -> None:
    first = shut_door(door)
    second = next_visit(door, OTHER_CHILD, "nobody_home")
    sha256 = second.share_photo(ref(second, "photos_door"))
    carried = second.carried
    door.close()
    again = phone(tmp_path, school, clock)
    reopened = again.open_draft(second.draft_id)
    assert reopened.carried == carried and len(carried) > 4
    assert value(reopened, "photos_door") == f"{sha256}.jpg" and again.file_bytes(sha256)
    outing = again.outing(CHILD)
    assert outing and {stop.draft_id for stop in outing.stops} == {first.draft_id, second.draft_id}
    again.close()


def test_a_supplement_keeps_the_outing_and_what_was_carried(door: Desk, school: FakeSchool, clock: HandClock) -> None:
    first = shut_door(door)
    second = next_visit(door, OTHER_CHILD, "nobody_home")
    second.share_photo(ref(second, "photos_door"))
    one, two = sealed(door, first), sealed(door, second)
    clock.pass_time(days=2)
    draft = door.open_draft(door.supplement(OTHER_CHILD, two.body["visit"]))
    draft.answer(ref(draft, "left_note"), "no")
    three = sealed(door, draft)
    assert outing_of(three) == outing_of(one) and arrived_of(three) == arrived_of(two)
    assert carried_of(three).items() <= carried_of(two).items()
    assert carried_of(two).keys() - carried_of(three).keys() == {ref(draft, "left_note")}
    assert dt.datetime.fromisoformat(three.at.started) - dt.datetime.fromisoformat(two.at.started) >= dt.timedelta(days=2)


def test_a_supplement_offers_nobody_else(door: Desk, clock: HandClock) -> None:
    record = sealed(door, shut_door(door))
    clock.pass_time(days=1)
    begun_again = door.open_draft(door.supplement(CHILD, record.body["visit"]))
    begun_again.answer(ref(begun_again, "left_note"), "no")
    assert door.outing(CHILD) is None


def test_drafts_of_an_older_app_are_outings_of_their_own(door: Desk) -> None:
    draft = begun(door)
    with door._work.books.store.write() as db:
        db.execute("UPDATE draft SET outing = NULL, arrived = NULL, carried = NULL")
    old = VisitDraft(door._work, draft.draft_id)
    assert (old._row.outing, old._row.arrived, old.carried) == (old._row.visit, old._row.started_at, frozenset())
    assert value(next_visit(door), "with_whom") == "teacher cadre"


def test_colleagues_are_offered_by_name_who_went_along_lately_first_and_oneself_never(
    door: Desk, school: FakeSchool, clock: HandClock
) -> None:
    for n, name in enumerate(("郭谷", "萧洁荷", "王建国", "阿依·古丽")):
        school.publish(feeds.STAFF, f"{n}" * 32, {"id": f"{n}" * 32, "name": name, "roles": []})
    school.publish(feeds.CLASSES, "k1", {"id": "k1", "teacher_name": "王建国"})
    school.publish(feeds.STUDENTS, STRANGER, student(STRANGER, "李样生", "lys", "lys", class_id="k1"))
    clean(door.sync())
    fresh = begun(door, STRANGER, with_whom="teacher")
    assert fresh.colleagues() == ("王建国", "示例校长", "萧洁荷", "郭谷", "阿依·古丽")  # the class teacher, then by name
    sealed(door, answered(shut_door(door), {"with_whom": "teacher", "covisitors": "郭谷，外校李老师"}))
    clock.pass_time(minutes=5)
    begun(door, STRANGER, "routine_visit", with_whom="teacher", covisitors="阿依·古丽、萧洁荷")
    assert fresh.colleagues() == ("阿依·古丽", "萧洁荷", "郭谷", "王建国", "示例校长")
