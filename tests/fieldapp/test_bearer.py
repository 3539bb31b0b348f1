"""Each person sees the duties that are hers: by role, class, child and village, and by who wrote what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from casebook import feeds
from casebook.records import FormRef, Span
from fieldapp.caselist import CaseList
from fieldapp.desk import Desk
from tests.casebook.rules.tale import BOY, CLASS, Tale
from tests.casebook.rules.test_deadlines import boy_k
from tests.casebook.rules.test_story_b import told as story_b
from tests.fieldapp.fake_school import TEACHER, FakeSchool
from tests.fieldapp.phone import clean, publish_bundled, student
from tests.fieldapp.telling import story_school, tell, told_phone

OTHER_TEACHER = "d" * 32
VILLAGE = "990000000001"


def away_today() -> Tale:
    tale = Tale()
    tale.headcount("2025-10-09", {BOY: "unexcused"})
    return tale


def seen(folder: Path, tale: Tale, now: str, school: FakeSchool | None = None, **me: Any) -> list[str]:
    """Kinds of the duties on the first screen of a person's phone."""
    school = school or story_school(**me)
    if me.get("roles") != ["class_teacher"] or me.get("classes") == []:
        school.publish(feeds.CLASSES, CLASS, {"id": CLASS, "name": "八(2)班", "teacher_id": OTHER_TEACHER})
    tell(school, tale)
    desk, _ = told_phone(folder, school, now)
    found = [card.kind for card in desk.today().tasks]
    desk.close()
    return found


@pytest.mark.parametrize(("me", "expected"), [
    ({"roles": ["class_teacher"]}, ["visit_today"]),
    ({"roles": ["subject_teacher"]}, []),
    ({"roles": ["subject_teacher"], "cases": [BOY]}, ["visit_today"]),  # 包人
    ({"roles": ["subject_teacher"], "classes": ["g9c1"], "cases": None}, ["visit_today"]),  # here for that reason alone
    ({"roles": ["class_teacher"], "classes": []}, []),  # of another class
    ({"roles": ["grade_director"]}, []),
    ({"roles": ["academic_office"], "classes": [], "cases": None}, ["report_month"]),  # reaches all, visits nobody
])  # fmt: skip
def test_the_same_day_visit_is_for_the_class_teacher_and_the_one_named(
    tmp_path: Path, me: dict[str, Any], expected: list[str]
) -> None:
    assert seen(tmp_path, away_today(), "2025-10-09 12:00", **me) == expected


@pytest.mark.parametrize(("now", "roles", "expected"), [
    ("08:00", ["class_teacher"], ["headcount"]),
    ("08:00", ["grade_director"], []),
    ("08:31", ["grade_director"], ["headcount"]),  # told once it is late
    ("08:31", ["subject_teacher"], []),
])  # fmt: skip
def test_the_headcount_is_the_class_teachers_and_the_directors_once_it_is_late(
    tmp_path: Path, now: str, roles: list[str], expected: list[str]
) -> None:
    assert seen(tmp_path, Tale(), f"2025-10-09 {now}", roles=roles) == expected


@pytest.mark.parametrize(("role", "now", "kind"), [
    ("registrar", "2025-10-15 10:00", "issue_notice"),
    ("academic_office", "2025-10-14 08:00", "propose_confirmation"),
    ("grade_director", "2025-10-22 08:30", "confirm_return"),
    ("class_teacher", "2025-10-22 08:05", "note_return"),
    ("class_teacher", "2025-10-22 17:00", "follow_up"),
])  # fmt: skip
def test_story_b_asks_each_person_on_her_own_phone(tmp_path: Path, role: str, now: str, kind: str) -> None:
    found = seen(tmp_path, story_b(), now, roles=[role])
    assert kind in found
    assert role == "class_teacher" or "follow_up" not in found


def test_the_principal_decides_and_the_office_reports_the_month(tmp_path: Path) -> None:
    late = boy_k(decided="", sent="")
    assert "decide_failed" in seen(tmp_path / "1", late, "2025-12-23 12:00", roles=["principal"])
    assert "decide_failed" not in seen(tmp_path / "2", late, "2025-12-23 12:00", roles=["class_teacher"])
    assert "report_month" in seen(tmp_path / "3", Tale(), "2025-10-31 12:00", roles=["academic_office"])
    assert "report_month" not in seen(tmp_path / "4", Tale(), "2025-10-31 12:00", roles=["class_teacher"])


def test_the_area_leader_takes_the_letter_to_her_own_village(tmp_path: Path) -> None:
    """R03, R33: only where the data says who answers for the village."""
    tale = boy_k(decided="", sent="")
    tale.entries.pop()
    tale.serve("2025-12-13 10:00", "K-1")  # and no letter
    for leader, expected in ((TEACHER, True), (OTHER_TEACHER, False)):
        school = story_school(roles=["leading_group"], cases=[])
        school.publish(feeds.VILLAGES, VILLAGE, {"code": VILLAGE, "name": "样例村", "leader_id": leader})
        found = seen(tmp_path / leader, tale, "2025-12-16 12:00", school)
        assert ("village_letter" in found) is expected


def test_a_returned_visit_comes_back_to_its_author_alone(tmp_path: Path) -> None:
    for author, expected in ((TEACHER, ["complete_visit"]), (OTHER_TEACHER, [])):
        school, tale = story_school(), Tale()
        tale.headcount("2025-10-10")
        rid = tale.visit("2025-10-09 16:00", "routine", author=author)
        tale.write("review", "2025-10-09 18:00", {"visit": "visit-1", "version": rid, "decision": "returned", "remark": "请补"})
        tell_with_version(school, tale)
        desk, _ = told_phone(tmp_path / author, school, "2025-10-10 12:00")
        assert [card.kind for card in desk.today().tasks] == expected
        desk.close()


def tell_with_version(school: FakeSchool, tale: Tale) -> None:
    tell(school, tale)
    found = [rid for rid in school.payloads if school.record(rid).type == "review"]
    assert school.record(found[0]).body["version"] in school.payloads


def test_serving_a_notice_begins_with_its_number_and_its_day_of_return(tmp_path: Path) -> None:
    """R32: the form that the duty leads to knows what the registrar has issued, and the day by the rules."""
    school, tale = story_school(), story_b()
    publish_bundled(school, "notice_service")
    tell(school, tale)
    desk, _ = told_phone(tmp_path, school, "2025-10-15 16:00")
    (card,) = [card for card in desk.today().tasks if card.kind == "serve_notice"]
    assert (card.form_id, [step.code for step in card.because]) == ("notice_service", ["since_issued", "school_days_after"])
    draft = desk.open_draft(desk.start(BOY, card.form_id or ""))
    issued = next(entry for entry in tale.entries if entry.record.body.get("act") == "notice_issued")
    assert draft.session.value(draft.session.ref_of("doc_no") or "") == issued.record.body["no"]
    row = CaseList(desk._fresh()).row(student(BOY, "张示伟", "zsw", "zsw", class_id=CLASS))
    assert (row["notice_no"], row["return_by_proposed"]) == (issued.record.body["no"], "2025-10-22")
    desk.close()


class TestRestricted:
    """R62: reasons that name a teacher are for the principal, moral education, and whoever was told."""

    def desk(self, folder: Path, role: str, author: str = OTHER_TEACHER) -> Desk:
        school, at = story_school(roles=[role]), "2025-10-09T16:00:00+08:00"
        school.headcount("2025-10-09", {BOY: "unexcused"}, class_id=CLASS)
        school.decide(
            "visit", BOY,
            {"visit": "v1", "purposes": ["absence"], "instance": "<data><mode>door</mode></data>", "signatures": []},
            author=author, at=Span(at, at, "+08:00", 0), form=FormRef("absence_visit", "1", "a" * 64),
            set={"reasons_student": "TE1 LE2"},
        )  # fmt: skip
        desk, _ = told_phone(folder, school, "2025-10-09 18:00")
        return desk

    def told(self, desk: Desk) -> tuple[Any, str]:
        row = CaseList(desk._fresh()).row(desk._work.student(BOY))
        voices = desk.student(BOY).standing.voices
        desk.close()
        return [(voice.side, voice.codes) for voice in voices], row["reasons_student"]

    @pytest.mark.parametrize(("role", "author", "codes"), [
        ("class_teacher", OTHER_TEACHER, ("LE2",)), ("academic_office", OTHER_TEACHER, ("LE2",)),
        ("class_teacher", TEACHER, ("TE1", "LE2")), ("principal", OTHER_TEACHER, ("TE1", "LE2")),
        ("moral_edu", OTHER_TEACHER, ("TE1", "LE2")),
    ])  # fmt: skip
    def test_codes_that_name_a_teacher_are_for_few(
        self, tmp_path: Path, role: str, author: str, codes: tuple[str, ...]
    ) -> None:
        assert self.told(self.desk(tmp_path, role, author)) == ([("student", codes)], " ".join(codes))


def test_the_case_number_comes_with_its_feed_and_a_mark_stands_in_for_it(tmp_path: Path) -> None:
    school, tale = story_school(), Tale()
    tale.absent("2025-10-09", "2025-10-11")
    tell(school, tale)
    desk, _ = told_phone(tmp_path, school, "2025-10-11 12:00")
    standing = desk.student(BOY).standing
    assert (standing.state, standing.case_no, standing.numbered) == ("C1", "", False)
    assert CaseList(desk._work).row(desk._work.student(BOY))["case_no"] == "（待编号）"
    school.publish(feeds.CASES, BOY, {"id": BOY, "case_no": "3199000001-2025-0007", "episode": 1})
    clean(desk.sync())
    standing = desk.student(BOY).standing
    assert (standing.case_no, standing.numbered) == ("3199000001-2025-0007", True)
    desk.close()


def test_nothing_is_said_of_a_child_whose_visits_do_not_come_here(tmp_path: Path) -> None:
    """A subject teacher sees names and headcounts; a state worked out without the visits would be a wrong one."""
    for follows, expected in (
        ({"school": False, "classes": [], "cases": []}, None), ({"school": False, "classes": [], "cases": [BOY]}, "I0"),
        ({"school": False, "classes": [CLASS], "cases": []}, "I0"), ({"school": True, "classes": [], "cases": []}, "I0"),
    ):  # fmt: skip
        school = story_school(roles=["subject_teacher"], cases=[BOY], follows=follows)
        tell(school, away_today())
        desk, _ = told_phone(tmp_path / str(follows), school, "2025-10-09 12:00")
        standing = desk.student(BOY).standing
        assert (standing and standing.state) == expected
        assert [card.kind for card in desk.today().tasks] == ([] if expected is None else ["visit_today"])
        row = CaseList(desk._work).row(desk._work.student(BOY))
        assert row["incident_state"] == (expected or "")
        assert [form.suggested for form in desk.forms_for(BOY)] == [expected is not None]
        desk.close()
