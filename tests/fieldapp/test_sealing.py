"""Sealing a visit: what the record says, what it replaces, and how a supplement follows it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from casebook.casefile import fold
from casebook.errors import (
    NoSuchDraft,
)
from casebook.records import rid_of
from fieldapp.capture.place import NoFix
from fieldapp.desk import Desk
from fieldapp.visiting import VisitDraft
from tests.fieldapp.fake_school import PRINCIPAL, FakeSchool
from tests.fieldapp.phone import (
    CHILD,
    OTHER_CHILD,
    PHOTO_1,
    PHOTO_2,
    SIGN,
    SIGNATURE,
    SUMMARY,
    HandClock,
    enrolled,
    filled,
    picture,
    sealed,
)


def test_sealed_record_says_all(desk: Desk, school: FakeSchool, clock: HandClock) -> None:
    draft = filled(desk)
    draft.set_place(None, NoFix.NO_SIGNAL)
    clock.pass_time(minutes=12)
    record = sealed(desk, school, draft.finish())
    assert (record.type, record.case, record.seq, record.prev) == ("visit", CHILD, 1, "")
    assert (record.at.started, record.at.ended) == ("2026-11-21T16:20:05+08:00", "2026-11-21T16:32:05+08:00")
    assert record.at.monotonic == 721_000 and record.at.tz == "+08:00"
    assert record.place is None and record.body["no_place"] == "no_signal"
    assert record.set == {"promise_date": "2026-11-23", "outcome": "promised"}
    assert record.body["purposes"] == ["absence"]
    photo_1, photo_2, signature = record.att
    assert (photo_1.role, photo_1.question, photo_1.source) == ("photo", PHOTO_1, "camera")
    assert photo_1.src_sha256 == hashlib.sha256(picture(1)).hexdigest() and photo_1.sha256 != photo_2.sha256
    assert (signature.role, signature.source, signature.question) == ("signature", "drawn", SIGN)
    assert f"<photos_1>{photo_1.sha256}.jpg</photos_1>" in record.body["instance"]


def test_signature_is_bound_to_the_words_that_were_shown(desk: Desk, school: FakeSchool) -> None:
    draft = filled(desk)
    shown = [row.label for section in draft.readback() for row in section.rows]
    assert shown == ["老师和您谈了张示伟上学的事。", "说好了：2026-11-23返校。"]
    record = sealed(desk, school, draft.finish())
    (signature,) = record.body["signatures"]
    assert (signature["signer"], signature["mode"], signature["read_aloud"]) == ("张大样", "handwritten", True)
    assert all(line in signature["text"] for line in shown)
    assert signature["text_sha256"] == hashlib.sha256(signature["text"].encode()).hexdigest()
    assert school.files[signature["sha256"]] == desk.file_bytes(signature["sha256"])


def test_questions_hidden_by_answers_are_not_sealed_and_their_files_leave(desk: Desk, school: FakeSchool, tmp_path: Path) -> None:
    draft = filled(desk)
    draft.answer("/data/meeting/mode", "phone")
    draft.answer("/data/meeting/contact_result", "no_one_home")
    record = sealed(desk, school, draft.finish())
    assert record.att == () and record.body["signatures"] == []
    assert list((tmp_path / "files").iterdir()) == []


def test_chain_links_records_and_finishing_twice_seals_once(desk: Desk, school: FakeSchool) -> None:
    draft = filled(desk)
    first = draft.finish()
    assert draft.finish() == first
    second = filled(desk, OTHER_CHILD).finish()
    desk.sync()
    assert (school.record(second).seq, school.record(second).prev) == (2, first)
    assert school.record(second).ep == school.record(first).ep > 0
    assert school.record(second).hlc > school.record(first).hlc
    with pytest.raises(NoSuchDraft):
        draft.answer(SUMMARY, "too late")
    with pytest.raises(NoSuchDraft):
        desk.open_draft(draft.draft_id)


def test_only_changed_contact_data_is_proposed(desk: Desk, school: FakeSchool) -> None:
    draft = filled(desk)
    draft.answer("/data/meeting/guardian_phone", "12000000001")  # as on the roster
    assert "guardian_phone" not in sealed(desk, school, draft.finish()).set
    draft = filled(desk)
    draft.answer("/data/meeting/guardian_phone", "12000000009")
    assert sealed(desk, school, draft.finish()).set["guardian_phone"] == "12000000009"
    assert desk.student(CHILD).contacts[0].value == "12000000009"


def test_base_names_only_what_was_known_when_the_visit_began(desk: Desk, school: FakeSchool) -> None:
    before = filled(desk).finish()
    draft = filled(desk)
    draft.answer("/data/meeting/guardian_phone", "12000000008")
    unseen = school.decide("resolve", CHILD, {"remark": "x"}, set={"guardian_phone": "12000000007"},
                           base={"guardian_phone": ("f" * 64,)})  # fmt: skip
    desk.sync()
    record = sealed(desk, school, draft.finish())
    assert record.base == {"outcome": (before,), "promise_date": (before,)}
    assert unseen not in record.base.get("guardian_phone", ())
    (contested,) = desk.student(CHILD).conflicts
    assert [value.value for value in contested.values] == ["12000000008", "12000000007"]


class TestSupplement:
    @pytest.fixture
    def first(self, desk: Desk, school: FakeSchool) -> str:
        draft = filled(desk)
        draft.answer("/data/meeting/guardian_phone", "12000000005")
        draft.answer("/data/meeting/needs", "aid")
        rid = draft.finish()
        desk.sync()
        visit = school.record(rid).body["visit"]
        school.decide("review", CHILD, {"visit": visit, "version": rid, "decision": "returned", "remark": "请补一张照片"})
        assert desk.sync().problem is None
        return rid

    def supplement(self, desk: Desk, school: FakeSchool, first: str) -> VisitDraft:
        return desk.open_draft(desk.supplement(CHILD, school.record(first).body["visit"]))

    def test_begins_with_all_answers_files_and_the_remark(self, desk: Desk, school: FakeSchool, first: str) -> None:
        draft = self.supplement(desk, school, first)
        assert (draft.remark, draft.amends) == ("请补一张照片", first)
        assert draft.session.value("/data/meeting/needs") == "aid"
        assert draft.file(PHOTO_1) == school.files[school.record(first).att[0].sha256]
        assert draft.strokes(SIGN).points() == [[*stroke] for stroke in SIGNATURE]
        assert draft.strokes_to_go_on(SIGN) is None  # who signs again does so on an empty sheet
        assert draft.problems() == []
        assert desk.supplement(CHILD, school.record(first).body["visit"]) == draft.draft_id

    def test_is_a_new_version_that_amends_and_keeps_the_signature(
        self, desk: Desk, school: FakeSchool, first: str, clock: HandClock
    ) -> None:
        clock.pass_time(days=2)
        draft = self.supplement(desk, school, first)
        draft.attach_photo(PHOTO_2, picture(20), "gallery")
        second = draft.finish()
        old, new = school.record(first), sealed(desk, school, second)
        assert new.amends == (first,) and new.body["visit"] == old.body["visit"]
        assert new.body["signatures"] == old.body["signatures"]
        assert [file.sha256 for file in new.att][::2] == [old.att[0].sha256, old.att[2].sha256]
        assert new.att[1].sha256 != old.att[1].sha256
        assert (new.at.started, new.at.ended) == ("2026-11-23T16:20:05+08:00",) * 2
        assert [item.version for item in desk.outbox()] == [2]

    def test_replaces_what_the_first_version_said(self, desk: Desk, school: FakeSchool, first: str) -> None:
        draft = self.supplement(desk, school, first)
        draft.answer("/data/meeting/needs", "learning")
        draft.answer("/data/meeting/promise_date", "")
        draft.save_strokes(SIGN, SIGNATURE, 320, 200)
        record = sealed(desk, school, draft.finish())
        assert record.set == {"guardian_phone": "12000000005", "needs": "learning", "outcome": "promised"}
        assert set(record.base) == {"guardian_phone", "needs", "outcome", "promise_date"}
        assert all(rids == (first,) for rids in record.base.values())
        case = fold(CHILD, desk._work.books.records.of_case(desk._work.db, CHILD))
        assert [value.value for value in case.values("needs")] == ["learning"]
        assert case.value("promise_date") is None and case.conflicts() == {}

    def test_todo_is_done_when_the_supplement_is_sealed(self, desk: Desk, school: FakeSchool, first: str) -> None:
        (task,) = desk.student(CHILD).returned
        assert (task.kind, task.due_text_facts["remark"], task.draft_id) == ("complete_visit", "请补一张照片", None)
        draft = self.supplement(desk, school, first)
        assert desk.student(CHILD).returned[0].draft_id == draft.draft_id
        draft.finish()
        assert desk.student(CHILD).returned == []

    def test_on_a_new_phone_the_files_come_back(self, school: FakeSchool, first: str, tmp_path: Path) -> None:
        another = enrolled(tmp_path / "another", school)
        draft = self.supplement(another, school, first)
        assert draft.file(PHOTO_1) == school.files[school.record(first).att[0].sha256]
        assert draft.strokes(SIGN).points() == [[*stroke] for stroke in SIGNATURE]
        school.calls.clear()
        assert another.sync().complete and "fetch_file" not in school.calls
        another.discard(draft.draft_id)
        assert another.file_bytes(school.record(first).att[0].sha256)
        another.close()

    def test_files_the_school_does_not_give_stay_named(self, school: FakeSchool, first: str, tmp_path: Path) -> None:
        files, school.files = school.files, {}
        another = enrolled(tmp_path / "another", school)
        draft = self.supplement(another, school, first)
        assert draft.file(PHOTO_1) is None and draft.strokes(SIGN) is None
        assert draft.problems() == []
        school.files = files
        record = sealed(another, school, draft.finish())
        assert record.att == school.record(first).att
        assert another.outbox()[0].state == "received"
        another.close()


def test_review_by_the_principal_is_not_written_by_a_phone(desk: Desk, school: FakeSchool) -> None:
    """What the office decides reaches the phone as a record of another author."""
    rid = filled(desk).finish()
    desk.sync()
    body = {"visit": school.record(rid).body["visit"], "version": rid, "decision": "accepted", "remark": ""}
    review = school.decide("review", CHILD, body)
    desk.sync()
    assert school.record(review).author == PRINCIPAL and rid_of(school.payloads[review]) == review
    assert desk.outbox()[0].state == "accepted"
