"""Repeats in a visit being written: what belongs to an instance stays with it when another is taken out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from casebook import feeds
from casebook.errors import AnswerInvalid, NoSuchFile, StorageFull, TooManyInstances
from casebook.forms.growth import MOST_BY_HAND
from fieldapp.desk import Desk
from fieldapp.store.drafts import Drafts
from fieldapp.visiting import VisitDraft
from tests.fieldapp.fake_school import FakeSchool
from tests.fieldapp.phone import CHILD, furnished, phone, picture

FAMILY = """<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa">
  <h:head><h:title>一家人</h:title><model>
    <instance><data id="family" version="1"><page><count>1</count>
      <one jr:template=""><name/><photo/><mark/><toy jr:template=""><picture/></toy></one><one><name/><photo/><mark/><toy><picture/></toy></one>
      <paper jr:template=""><scan/></paper></page></data></instance>
    <bind nodeset="/data/page/count" type="int"/>
    <bind nodeset="/data/page/one" relevant="position(.) != /data/page/count - 5"/>
    <bind nodeset="/data/page/one/name" type="string"/>
    <bind nodeset="/data/page/one/photo" type="binary"/>
    <bind nodeset="/data/page/one/mark" type="binary"/>
    <bind nodeset="/data/page/one/toy/picture" type="binary"/>
    <bind nodeset="/data/page/paper/scan" type="binary"/>
  </model></h:head>
  <h:body><group ref="/data/page"><label>一家人</label>
    <input ref="/data/page/count"><label>几张</label></input>
    <group ref="/data/page/one"><label>家人</label><repeat nodeset="/data/page/one">
      <input ref="/data/page/one/name"><label>姓名</label></input>
      <upload ref="/data/page/one/photo" mediatype="image/*"><label>照片</label></upload>
      <upload ref="/data/page/one/mark" mediatype="image/*" appearance="signature"><label>签名</label></upload>
      <group ref="/data/page/one/toy"><label>玩具</label><repeat nodeset="/data/page/one/toy">
        <upload ref="/data/page/one/toy/picture" mediatype="image/*"><label>玩具照片</label></upload></repeat></group>
    </repeat></group>
    <group ref="/data/page/paper"><label>纸</label><repeat nodeset="/data/page/paper" jr:count="/data/page/count">
      <upload ref="/data/page/paper/scan" mediatype="image/*"><label>扫描</label></upload></repeat></group>
  </group></h:body>
</h:html>"""
ONE, PAGE = "/data/page/one", "/data/page"


@pytest.fixture
def school() -> FakeSchool:
    found = furnished(FakeSchool())
    row: dict[str, Any] = {"id": "family", "version": "1", "sha256": hashlib.sha256(FAMILY.encode()).hexdigest(),
                           "titles": {"zh": "一家人"}, "purposes": ["routine"], "xml": FAMILY}  # fmt: skip
    found.publish(feeds.FORMS, "family@1", row)
    return found


def three(desk: Desk) -> VisitDraft:
    """Three people with a name, a photo and a signature each; the third has two toys."""
    draft = desk.open_draft(desk.start(CHILD, "family"))
    for place, name in enumerate("甲乙丙", 1):
        if place > 1:
            draft.add_instance(ONE)
        draft.answer(f"{ONE}[{place}]/name", name)
        draft.attach_photo(f"{ONE}[{place}]/photo", picture(place), "camera")
        draft.save_strokes(f"{ONE}[{place}]/mark", [[(1.0, 2.0, 0.0), (3.0, 4.0 + place, 10.0)]], 320, 200)
    for toy in (1, 2):
        draft.add_instance(f"{ONE}[3]/toy")
        draft.attach_photo(f"{ONE}[3]/toy[{toy}]/picture", picture(5 + toy), "camera")
    draft.go_to(PAGE, f"{ONE}[3]/name")
    return draft


def told(draft: VisitDraft) -> dict[str, Any]:
    """Everything a draft says, by question: the answer, the bytes of the file, the strokes."""
    found = {}
    for question in draft.questions(PAGE):
        if question.kind != "heading":
            attached, strokes = draft.attached(question.ref), draft.strokes(question.ref) if question.kind == "signature" else None
            found[question.ref.removeprefix(PAGE)] = (
                question.value, attached and attached.file.sha256, draft.file(question.ref), strokes and strokes.to_bytes())
    return found


def reopened(desk: Desk, draft: VisitDraft, folder: Path, school: FakeSchool) -> VisitDraft:
    desk.close()
    return phone(folder, school).open_draft(draft.draft_id)


def test_what_belongs_to_an_instance_moves_up_with_it(desk: Desk, school: FakeSchool, tmp_path: Path) -> None:
    draft = three(desk)
    before, gone = told(draft), draft.attached(f"{ONE}[2]/photo")
    draft.remove_instance(ONE, 2)
    expected = {ref.replace("one[3]", "one[2]"): answer for ref, answer in before.items() if "one[2]" not in ref}
    assert told(draft) == expected
    assert draft.focus_ref == f"{ONE}[2]/name"
    assert set(draft.session.answered) == {f"{PAGE}{ref}" for ref, answer in expected.items() if answer[0] and ref != "/count"}
    with pytest.raises(NoSuchFile):
        desk._work.books.store.files.get(gone.file.sha256)
    again = reopened(desk, draft, tmp_path, school)
    assert told(again) == expected and again.session.answered == draft.session.answered


def test_an_inner_instance_takes_only_its_own_along(desk: Desk) -> None:
    draft = three(desk)
    before = told(draft)
    draft.remove_instance(f"{ONE}[3]/toy", 1)
    inner = "/one[3]/toy[1]/picture"
    expected = {ref: answer for ref, answer in before.items() if "/toy" not in ref or "one[3]" not in ref}
    assert told(draft) == expected | {inner: before["/one[3]/toy[2]/picture"]}


def test_all_instances_may_go_and_come_back_blank(desk: Desk) -> None:
    draft = three(desk)
    for _ in range(3):
        draft.remove_instance(ONE, 1)
    assert [(repeat.ref, repeat.count) for repeat in draft.repeats(PAGE)] == [(ONE, 0)]
    draft.add_instance(ONE)
    assert told(draft)["/one[1]/photo"] == ("", None, None, None)


def test_a_removal_that_cannot_be_kept_changes_nothing(
    desk: Desk, school: FakeSchool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = three(desk)
    before = told(draft)
    with monkeypatch.context() as patch:
        patch.setattr(Drafts, "save", _full)
        with pytest.raises(StorageFull):
            draft.remove_instance(ONE, 1)
        assert told(draft) == before
    assert told(reopened(desk, draft, tmp_path, school)) == before


@pytest.mark.parametrize("step", ["drop_file", "drop_ink", "put_ink", "go_to", "save"])
def test_a_removal_cut_off_in_between_has_not_happened(
    desk: Desk, school: FakeSchool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    draft = three(desk)
    before = told(draft)
    with monkeypatch.context() as patch:
        patch.setattr(Drafts, step, _killed)
        with pytest.raises(Killed):
            draft.remove_instance(ONE, 1)
    assert told(reopened(desk, draft, tmp_path, school)) == before


def test_photos_of_instances_that_a_smaller_number_took_are_gone_with_them(desk: Desk) -> None:
    draft = three(desk)
    draft.answer(f"{PAGE}/count", "2")
    draft.attach_photo(f"{PAGE}/paper[2]/scan", picture(9), "camera")
    draft.answer(f"{PAGE}/count", "1")
    draft.answer(f"{PAGE}/count", "2")
    assert draft.attached(f"{PAGE}/paper[2]/scan") is None


def test_the_sealed_visit_names_each_file_by_where_its_instance_stands_now(desk: Desk, school: FakeSchool) -> None:
    draft = three(desk)
    draft.remove_instance(ONE, 1)
    photos = {f"{ONE}[{place}]/photo": draft.attached(f"{ONE}[{place}]/photo").file.sha256 for place in (1, 2)}
    rid = draft.finish()
    assert desk.sync().problem is None
    record = school.record(rid)
    assert {file.question: file.sha256 for file in record.att if file.question in photos} == photos
    assert {file.question for file in record.att if file.role == "signature"} == {f"{ONE}[1]/mark", f"{ONE}[2]/mark"}
    assert "甲" not in record.body["instance"]


def test_the_sealed_visit_names_what_stands_behind_a_hidden_instance_as_it_is_sealed(
    desk: Desk, school: FakeSchool, tmp_path: Path
) -> None:
    draft = three(desk)
    photos = [draft.attached(f"{ONE}[{place}]/photo").file.sha256 for place in (1, 3)]
    toy, third = draft.attached(f"{ONE}[3]/toy[2]/picture").file.sha256, draft.session.answered[f"{ONE}[3]/name"]
    draft.answer(f"{PAGE}/count", "7")  # hides the second
    rid = draft.finish()
    assert desk.sync().problem is None
    record = school.record(rid)
    by_question = {file.question: file.sha256 for file in record.att}
    assert set(by_question) == {*(f"{ONE}[{place}]/{name}" for place in (1, 2) for name in ("photo", "mark")),
                                *(f"{ONE}[2]/toy[{place}]/picture" for place in (1, 2))}  # fmt: skip
    assert [by_question[f"{ONE}[{place}]/photo"] for place in (1, 2)] == photos
    assert (by_question[f"{ONE}[2]/toy[2]/picture"], record.body["answered"][f"{ONE}[2]/name"]) == (toy, third)
    assert {signature["question"] for signature in record.body["signatures"]} == {f"{ONE}[1]/mark", f"{ONE}[2]/mark"}
    assert "<name>丙</name>" in record.body["instance"] and "乙" not in record.body["instance"]
    assert not any("one[3]" in ref for ref in record.body["answered"])


def test_what_cannot_grow_or_shrink_by_hand_is_refused(desk: Desk) -> None:
    draft = three(desk)
    for change in (lambda: draft.add_instance(f"{PAGE}/paper"), lambda: draft.remove_instance(ONE, 4)):
        with pytest.raises(AnswerInvalid):
            change()
    for _ in range(MOST_BY_HAND - 3):
        draft.session.add_repeat(ONE)
    with pytest.raises(TooManyInstances):
        draft.add_instance(ONE)


class Killed(BaseException):
    """The battery is dead."""


def _killed(*args: object) -> None:
    raise Killed


def _full(*args: object) -> None:
    raise StorageFull()
