"""A visit being written: what was acknowledged is there again, and what cannot be kept changes nothing."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from casebook.errors import (
    AnswerInvalid,
    FormUnknown,
    NoSuchDraft,
    NoSuchFile,
    NotEnrolled,
    PhotoUnreadable,
    StorageFull,
    TextTooLong,
    VisitUnfinished,
)
from fieldapp.capture.place import Fix, NoFix
from fieldapp.desk import Desk
from fieldapp.store.books import Books
from fieldapp.visiting import MAX_ANSWER_CHARS
from tests.fieldapp.fake_school import FakeSchool
from tests.fieldapp.phone import (
    CHILD,
    FORM,
    OTHER_CHILD,
    PHOTO_1,
    PHOTO_2,
    SIGN,
    SIGNATURE,
    SUMMARY,
    filled,
    form_row,
    phone,
    picture,
    reopened,
)
from tests.fieldapp.test_store import fill_disk


def test_everything_is_there_again_after_reopening(desk: Desk, school: FakeSchool, tmp_path: Path) -> None:
    draft = filled(desk)
    draft.answer(SUMMARY, "家长说\t孩子在家 <好> & \"想\" 回校\n第二行")
    draft.set_place(Fix(30.1234567, 110.7654321, 9.0, "2026-11-21T16:00:00+08:00"))
    draft.go_to("/data/signing", SIGN)
    before = {page.ref: draft.questions(page.ref) for page in draft.pages()}
    again = reopened(desk, draft, tmp_path, school)
    assert {page.ref: again.questions(page.ref) for page in again.pages()} == before
    assert (again.page_ref, again.focus_ref) == ("/data/signing", SIGN)
    assert again.strokes(SIGN).points() == [[*stroke] for stroke in SIGNATURE]
    assert again.file(PHOTO_1) == draft.file(PHOTO_1) and again.file(PHOTO_1).startswith(b"\xff\xd8")
    assert again.place() == (Fix(30.1234567, 110.7654321, 9.0, "2026-11-21T16:00:00+08:00"), None)
    assert again.session.answered == draft.session.answered
    assert again.student["name"] == "张示伟" and again.form_title == "上门家访"


def test_starting_twice_finds_the_draft_and_each_child_has_an_own_one(desk: Desk) -> None:
    first = desk.start(CHILD, FORM)
    assert desk.start(CHILD, FORM) == first != desk.start(OTHER_CHILD, FORM)
    assert desk.open_draft(first) is desk.open_draft(first)
    assert desk.open_draft(first).page_ref == "/data/meeting"


def test_new_draft_knows_child_and_teacher(desk: Desk) -> None:
    session = desk.open_draft(desk.start(CHILD, FORM)).session
    answers = {name: session.value(f"/data/{name}") for name in ("case", "visitor", "role", "student_name")}
    assert answers == {"case": CHILD, "visitor": "示例老师", "role": "class_teacher", "student_name": "张示伟"}


def test_draft_stays_with_the_form_version_that_asked(desk: Desk, school: FakeSchool, tmp_path: Path) -> None:
    draft = desk.open_draft(desk.start(CHILD, FORM))
    school.publish("forms", f"{FORM}@1", None)
    school.publish("forms", f"{FORM}@2", form_row("2"))
    assert desk.sync().problem is None
    assert [choice.version for choice in desk.forms_for(CHILD)] == ["2"]
    assert reopened(desk, draft, tmp_path, school).session.form.version == "1"


def test_a_draft_of_the_first_app_opens_in_this_one_with_its_hidden_answers(desk: Desk, school: FakeSchool, tmp_path: Path) -> None:
    draft = filled(desk)
    draft.answer("/data/meeting/mode", "phone")  # the photos are not asked for any more
    before = {page.ref: draft.questions(page.ref) for page in draft.pages()}
    kept, whole = draft.session.draft(), draft.session.to_xml(drop_irrelevant=False)
    assert kept.pop("answers") and whole != draft.session.to_xml()
    with desk._work.books.store.write() as db:
        desk._work.books.drafts.save(db, draft.draft_id, kept | {"xml": whole}, "2026-11-21T16:00:00+08:00")
    again = reopened(desk, draft, tmp_path, school)
    assert {page.ref: again.questions(page.ref) for page in again.pages()} == before
    assert again.session.to_xml(drop_irrelevant=False) == whole
    again.answer("/data/meeting/mode", "door")
    assert again.file(PHOTO_1) and again.session.question(PHOTO_1).value
    assert again.session.draft()["answers"]["meeting"]["mode"] == "door"


def test_withdrawn_form_that_nobody_uses_is_forgotten(desk: Desk, school: FakeSchool) -> None:
    school.publish("forms", f"{FORM}@1", None)
    desk.sync()
    assert desk.forms_for(CHILD) == []
    with pytest.raises(FormUnknown):
        desk.start(CHILD, FORM)


def test_ten_thousand_characters_are_refused_and_the_former_answer_stays(desk: Desk) -> None:
    draft = desk.open_draft(desk.start(CHILD, FORM))
    draft.answer(SUMMARY, "原来的")
    with pytest.raises(TextTooLong) as refused:
        draft.answer(SUMMARY, "长" * 10_000)
    assert refused.value.facts == {"limit": MAX_ANSWER_CHARS, "count": 10_000}
    assert draft.session.value(SUMMARY) == "原来的"


def test_wrong_answer_is_kept_and_named_as_a_problem(desk: Desk, school: FakeSchool, tmp_path: Path) -> None:
    draft = filled(desk)
    draft.answer("/data/meeting/promise_date", "2027-11-21")
    wrong = [problem for problem in draft.problems() if problem.kind == "constraint"]
    assert [(problem.ref, problem.message) for problem in wrong] == [("/data/meeting/promise_date", "日子不对。")]
    with pytest.raises(VisitUnfinished):
        draft.finish()
    assert reopened(desk, draft, tmp_path, school).session.value("/data/meeting/promise_date") == "2027-11-21"


def test_characters_that_no_file_can_hold_do_not_break_the_draft(desk: Desk, school: FakeSchool, tmp_path: Path) -> None:
    draft = desk.open_draft(desk.start(CHILD, FORM))
    draft.answer(SUMMARY, "前\x00\x08\ud800后\U0001f600")
    assert reopened(desk, draft, tmp_path, school).session.value(SUMMARY) == "前后\U0001f600"


def test_pictures_are_not_typed_in(desk: Desk) -> None:
    draft = desk.open_draft(desk.start(CHILD, FORM))
    with pytest.raises(AnswerInvalid):
        draft.answer(PHOTO_1, "made up.jpg")
    with pytest.raises(AnswerInvalid):
        draft.attach_photo(SUMMARY, picture(1), "camera")
    with pytest.raises(AnswerInvalid):
        draft.save_strokes(PHOTO_1, SIGNATURE, 10, 10)


def test_unreadable_photo_leaves_the_former_one(desk: Desk) -> None:
    draft = filled(desk)
    before = draft.file(PHOTO_1)
    with pytest.raises(PhotoUnreadable):
        draft.attach_photo(PHOTO_1, b"some text", "gallery")
    assert draft.file(PHOTO_1) == before


def test_replaced_and_removed_photos_leave_the_phone(desk: Desk, tmp_path: Path) -> None:
    draft = filled(desk)
    former = draft.session.question(PHOTO_1).value.removesuffix(".jpg")
    draft.attach_photo(PHOTO_1, picture(7), "gallery")
    with pytest.raises(NoSuchFile):
        desk.file_bytes(former)
    draft.remove_file(PHOTO_1)
    draft.remove_file(PHOTO_2)
    assert draft.file(PHOTO_1) is None and draft.session.question(PHOTO_1).value == ""
    assert list((tmp_path / "files").iterdir()) == []


def test_photo_used_twice_stays_until_the_last_use_is_gone(desk: Desk) -> None:
    draft = desk.open_draft(desk.start(CHILD, FORM))
    draft.answer("/data/meeting/mode", "door")
    sha256 = draft.attach_photo(PHOTO_1, picture(1), "camera")
    assert draft.attach_photo(PHOTO_2, picture(1), "camera") == sha256
    draft.remove_file(PHOTO_1)
    assert draft.file(PHOTO_2) == desk.file_bytes(sha256)


def test_full_disk_while_taking_a_photo_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = filled(desk)
    before = draft.session.draft()
    with monkeypatch.context() as patched:
        fill_disk(patched, 1000)
        with pytest.raises(StorageFull):
            draft.attach_photo(PHOTO_1, picture(8), "camera")
    assert draft.session.draft() == before
    draft.attach_photo(PHOTO_1, picture(8), "camera")


def test_full_disk_while_answering_puts_memory_back_to_what_is_kept(desk: Desk, tmp_path: Path) -> None:
    draft = desk.open_draft(desk.start(CHILD, FORM))
    draft.answer(SUMMARY, "kept")
    db = desk._work.db
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}").fetchone()
    with pytest.raises(StorageFull):
        for _ in range(40):
            draft.answer(SUMMARY, draft.session.value(SUMMARY) + "长" * 100)
    shown = draft.session.value(SUMMARY)
    books = Books.open(tmp_path)
    assert books.drafts.session(books.store.db, draft.draft_id)["answers"]["meeting"]["summary"] == shown
    books.store.close()
    db.execute("PRAGMA max_page_count = 1000000").fetchone()
    draft.answer(SUMMARY, "后来")
    assert draft.session.value(SUMMARY) == "后来"


def test_full_disk_while_sealing_keeps_the_draft(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = filled(desk)
    with monkeypatch.context() as patched:
        fill_disk(patched)
        with pytest.raises(StorageFull):
            draft.finish()
    assert [item.state for item in desk.outbox()] == ["draft"]
    draft.finish()
    assert [item.state for item in desk.outbox()] == ["sealed"]


def test_answers_from_two_threads_are_all_kept(desk: Desk, school: FakeSchool, tmp_path: Path) -> None:
    draft = desk.open_draft(desk.start(CHILD, FORM))
    draft.answer("/data/meeting/mode", "door")
    photos = threading.Thread(target=lambda: draft.attach_photo(PHOTO_1, picture(1), "camera"))
    photos.start()
    for number in range(30):
        draft.answer(SUMMARY, f"第{number}句")
    photos.join()
    again = reopened(desk, draft, tmp_path, school)
    assert again.session.value(SUMMARY) == "第29句" and again.file(PHOTO_1) is not None


def test_reason_for_no_place_is_kept_and_a_later_fix_replaces_it(desk: Desk) -> None:
    draft = desk.open_draft(desk.start(CHILD, FORM))
    draft.set_place(None, NoFix.DENIED)
    assert draft.place() == (None, "denied")
    fix = Fix(30.0, 110.0, 8.0, "2026-11-21T16:00:00+08:00")
    draft.set_place(fix)
    assert draft.place() == (fix, None)
    assert draft.session.value("/data/place").startswith("30.0000000 110.0000000")


def test_clearing_the_signature_makes_it_missing_again(desk: Desk) -> None:
    draft = filled(desk)
    draft.clear_strokes(SIGN)
    assert draft.strokes(SIGN) is None
    assert [problem.ref for problem in draft.problems()] == [SIGN]
    draft.save_strokes(SIGN, SIGNATURE, 320, 200)
    draft.save_strokes(SIGN, [], 320, 200)
    assert draft.strokes(SIGN) is None


def test_words_changed_after_the_signature_must_be_signed_again(desk: Desk) -> None:
    draft = filled(desk)
    draft.answer("/data/meeting/promise_date", "2026-11-25")
    assert [(problem.ref, problem.kind) for problem in draft.problems()] == [(SIGN, "signature_outdated")]
    assert draft.strokes(SIGN) and draft.strokes_to_go_on(SIGN) is None  # one more dot is no signature under new words
    draft.save_strokes(SIGN, SIGNATURE, 320, 200)
    assert draft.problems() == [] and draft.strokes_to_go_on(SIGN).points() == [[*stroke] for stroke in SIGNATURE]


def test_discarded_draft_is_gone_with_its_files(desk: Desk, tmp_path: Path) -> None:
    draft = filled(desk)
    desk.discard(draft.draft_id)
    assert desk.outbox() == [] and list((tmp_path / "files").iterdir()) == []
    with pytest.raises(NoSuchDraft):
        draft.answer(SUMMARY, "gone")
    with pytest.raises(NoSuchDraft):
        desk.discard(draft.draft_id)


def test_phone_that_is_not_enrolled_starts_nothing(tmp_path: Path) -> None:
    desk = phone(tmp_path)
    assert not desk.standing().enrolled
    with pytest.raises(NotEnrolled):
        desk.sync()
    assert (desk.today().tasks, desk.students().total, desk.outbox()) == ([], 0, [])
    desk.close()
