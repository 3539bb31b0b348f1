"""Voice notes and documents of a visit: told by their bytes, bounded, kept like photos, sealed and sent."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from casebook.errors import (
    AnswerInvalid,
    PaperTooLarge,
    PaperUnreadable,
    SoundTooLarge,
    SoundUnreadable,
    StorageFull,
)
from casebook.filekinds import MAX_PAPER_BYTES, MAX_SOUND_BYTES
from fieldapp.capture import paper, sound
from fieldapp.desk import Desk
from fieldapp.platform.clock import CHINA
from tests.fieldapp import sounds
from tests.fieldapp.fake_school import FakeSchool
from tests.fieldapp.phone import CHILD, clean, enrolled, furnished, phone, picture
from tests.fieldapp.test_store import fill_disk

VOICE, PAPER = "/data/voice", "/data/paper"
NOW = "2026-11-21T16:20:05+08:00"


@cache
def told_form() -> dict[str, Any]:
    """A form that asks for a voice note and a document."""
    from pyxform.xls2xform import convert

    survey = [{"type": "hidden", "name": "case"}, {"type": "audio", "name": "voice", "label": "语音"},
              {"type": "file", "name": "paper", "label": "文件"}]  # fmt: skip
    settings = {"form_id": "told", "form_title": "说一说", "version": "1", "name": "data"}
    xml = convert({"survey": survey, "settings": [settings]}).xform
    return {"id": "told", "version": "1", "sha256": hashlib.sha256(xml.encode()).hexdigest(),
            "titles": {"zh": "说一说"}, "purposes": ["talk"], "xml": xml}  # fmt: skip


@pytest.fixture
def school() -> FakeSchool:
    return furnished(FakeSchool(), told_form())


@pytest.fixture
def desk(tmp_path: Path, school: FakeSchool) -> Desk:
    return enrolled(tmp_path, school)


@pytest.mark.parametrize(("content", "ms"), [
    (sounds.wav(2.5), 2500), (sounds.m4a(5), 5000), (sounds.m4a(7, version=1), 7000), (sounds.ogg(3), 3000),
    (sounds.webm(), None), (b"RIFF\0\0\0\0WAVE", None), (sounds.m4a(0), None), (b"OggS", None),
])  # fmt: skip
def test_the_length_is_what_the_file_says_of_itself(content: bytes, ms: int | None) -> None:
    assert sound.length_of(content) == ms


def test_where_the_file_does_not_say_it_the_recorder_does() -> None:
    assert sound.examine(sounds.webm(), 4200).said == {"length_ms": 4200}
    assert sound.examine(sounds.wav(1), 4200).said == {"length_ms": 1000}
    assert sound.examine(sounds.webm()).said == {}


@pytest.mark.parametrize("content", [b"", b"hello", sounds.m4a(film=True), sounds.pdf()])
def test_what_is_no_sound_is_refused(content: bytes) -> None:
    with pytest.raises(SoundUnreadable):
        sound.examine(content)


def test_what_is_too_large_is_refused_with_the_limit() -> None:
    with pytest.raises(SoundTooLarge) as told:
        sound.examine(b"RIFF" + bytes(MAX_SOUND_BYTES))
    assert told.value.facts == {"limit": 8}
    with pytest.raises(PaperTooLarge) as told:
        paper.examine(sounds.pdf() + bytes(MAX_PAPER_BYTES), "大.pdf", CHINA)
    assert told.value.facts == {"limit": 12}


@pytest.mark.parametrize(("rate", "step"), [(16_000, 1), (24_000, 1), (44_100, 2), (48_000, 3)])
def test_the_rate_of_bare_samples_is_told_by_how_fast_they_come(rate: int, step: int) -> None:
    kept = sound.thinned(bytes(range(200)) * (rate // 25), rate * 1.03)
    assert abs(sound.length_of(kept) - 4000) < 2
    assert int.from_bytes(kept[24:28], "little") == rate // step
    assert kept[44:46] == bytes((0, 1)) and kept[46:48] == bytes((2 * step, 2 * step + 1))
    assert len(sound.thinned(bytes(rate * 2 * sound.LONGEST_S), rate)) <= MAX_SOUND_BYTES


def test_the_longest_note_recorded_here_fits() -> None:
    assert len(sounds.wav(sound.LONGEST_S)) < MAX_SOUND_BYTES


@pytest.mark.parametrize(("name", "shown"), [
    ("证明.pdf", "证明.pdf"), ("证明.exe", "证明.pdf"), ("C:\\学生\\证明.PDF", "证明.pdf"), ("../../etc/passwd", "passwd.pdf"),
    ("a\u202egpj.pdf", "agpj.pdf"), ("", ".pdf"), ("名" * 300 + ".pdf", "名" * 80 + ".pdf"), ("两\n行.pdf", "两行.pdf"),
])  # fmt: skip
def test_the_name_is_one_line_and_ends_as_the_content_says(name: str, shown: str) -> None:
    assert paper.examine(sounds.pdf(), name, CHINA).said == {"name": shown}


def test_a_name_says_nothing_about_the_kind() -> None:
    with pytest.raises(PaperUnreadable):
        paper.examine(b"MZ\x90\x00 a program", "照片.pdf", CHINA)
    assert paper.examine(sounds.pdf(), "照片.jpg", CHINA).type == "application/pdf"


def test_a_picture_is_shrunk_and_stripped_like_a_photo() -> None:
    kept = paper.examine(picture(3, 2400, 1800, "PNG"), "扫描.png", CHINA)
    assert (kept.role, kept.type, kept.suffix, kept.said) == ("file", "image/jpeg", "jpg", {"name": "扫描.jpg"})
    assert len(kept.content) <= 300 * 1024 and kept.dhash


def test_both_are_kept_over_a_kill_and_reach_the_school_with_what_is_known_of_them(
    desk: Desk, school: FakeSchool, tmp_path: Path
) -> None:
    draft = desk.open_draft(desk.start(CHILD, "told"))
    voice = draft.attach_sound(VOICE, sounds.wav(3), "microphone")
    letter = draft.attach_paper(PAPER, sounds.pdf(), "残疾证.pdf")
    desk.close()
    desk = phone(tmp_path, school)
    draft = desk.open_draft(draft.draft_id)
    assert draft.file(VOICE) == sounds.wav(3) and draft.file(PAPER) == sounds.pdf()
    assert draft.attached(VOICE).said == {"length_ms": 3000} and draft.attached(PAPER).said == {"name": "残疾证.pdf"}
    rid = draft.finish()
    clean(desk.sync())
    record = school.record(rid)
    assert [(file.role, file.type, file.source, file.taken_at, file.question) for file in record.att] == [
        ("audio", "audio/wav", "microphone", NOW, VOICE), ("file", "application/pdf", "chosen", None, PAPER)]
    assert record.body["file_facts"] == {voice: {"length_ms": 3000}, letter: {"name": "残疾证.pdf"}}
    assert "camera_claims" not in record.body and "残疾证" not in record.body["instance"]
    assert school.files == {voice: sounds.wav(3), letter: sounds.pdf()}
    assert [(item.state.value, item.files_sent) for item in desk.outbox()] == [("received", 2)]


def test_replaced_and_removed_ones_leave_the_phone(desk: Desk, tmp_path: Path) -> None:
    draft = desk.open_draft(desk.start(CHILD, "told"))
    draft.attach_sound(VOICE, sounds.wav(1), "chosen")
    draft.attach_sound(VOICE, sounds.wav(2), "chosen")
    assert draft.attached(VOICE).file.taken_at is None
    assert len(list((tmp_path / "files").iterdir())) == 1
    draft.remove_file(VOICE)
    assert draft.attached(VOICE) is None and draft.session.question(VOICE).value == ""
    assert list((tmp_path / "files").iterdir()) == []


def test_a_full_disk_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = desk.open_draft(desk.start(CHILD, "told"))
    draft.attach_sound(VOICE, sounds.wav(1), "chosen")
    with monkeypatch.context() as patched:
        fill_disk(patched, 1000)
        with pytest.raises(StorageFull):
            draft.attach_sound(VOICE, sounds.wav(2), "chosen")
    assert draft.file(VOICE) == sounds.wav(1)


def test_they_are_not_typed_in_and_each_goes_to_its_own_question(desk: Desk) -> None:
    draft = desk.open_draft(desk.start(CHILD, "told"))
    for ref in (VOICE, PAPER):
        with pytest.raises(AnswerInvalid):
            draft.answer(ref, "made up.pdf")
    with pytest.raises(AnswerInvalid):
        draft.attach_sound(PAPER, sounds.wav(), "chosen")
    with pytest.raises(AnswerInvalid):
        draft.attach_paper(VOICE, sounds.pdf(), "a.pdf")
