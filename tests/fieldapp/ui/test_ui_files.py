"""Voice notes and documents on the screen: recorded, chosen, heard, replaced, removed, and refused in three sentences."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from casebook.filekinds import MAX_SOUND_BYTES
from fieldapp.capture import sound
from fieldapp.capture.sound import wave
from fieldapp.ui.widgets import sound as widget
from tests.fieldapp import sounds
from tests.fieldapp.ui.fake_client import FakeClient
from tests.fieldapp.ui.kinds_form import kept, kinds_form, opened, value
from tests.fieldapp.ui.little_school import LittleSchool
from tests.fieldapp.ui.phone import Phone, choose_photo, open_visit, played


@pytest.fixture
def school() -> LittleSchool:
    return LittleSchool(more_rows=[kinds_form()])


def microphone(client: FakeClient, content: bytes = b"", *, allowed: bool = True) -> None:
    """A phone's recorder, which leaves `content` in the file it was told."""

    def start(said: dict[str, Any]) -> bool:
        Path(said["output_path"]).write_bytes(content)
        return True

    client.answers |= {"has_permission": allowed, "start_recording": start, "stop_recording": "path"}


def source(phone: Phone, client: FakeClient) -> list[str | None]:
    drafts = phone.desk._work.books.drafts
    return [file.source for file in drafts.files(phone.desk._work.db, open_visit(client).draft.draft_id)]


@played
async def test_a_note_is_recorded_kept_and_there_after_a_kill(phone: Phone) -> None:
    client = await opened(phone)
    microphone(client, sounds.m4a(5))
    await client.tap("q-voice-record")
    assert "正在录音" in client.text("q-voice-running") and "3:00" in client.text("q-voice-running")
    await client.tap("q-voice-stop")
    await client.until(lambda: client.has("q-voice-kept"))
    assert client.text("q-voice-kept") == "0:05 · 1 KB"
    assert source(phone, client) == ["microphone"]
    assert not list((phone.folder / "uploads").iterdir())
    assert kept(phone, client, "voice").endswith(".m4a")


@played
async def test_in_a_browser_the_samples_come_one_by_one(phone: Phone) -> None:
    client = await opened(phone, web=True)
    client.answers |= {"has_permission": True, "start_recording": True, "stop_recording": None}
    await client.tap("q-voice-record")
    (service,) = [one for one in client.session.index.values() if type(one).__name__ == "AudioRecorder"]
    for number in range(4):
        await client.fire(service, "stream", {"chunk": bytes(16_000), "sequence": number, "bytes_streamed": 0})
    await client.tap("q-voice-stop")
    await client.until(lambda: client.has("q-voice-kept"))
    assert open_visit(client).draft.file(_ref(client, "voice")) == wave(bytes(21_334))
    assert client.text("q-voice-kept") == "0:00 · 22 KB"


def _ref(client: FakeClient, name: str) -> str:
    found = open_visit(client).named(name)
    assert found
    return found.question.ref


@played
async def test_the_longest_note_stops_by_itself_and_is_kept(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget, "LONGEST_S", 1)
    monkeypatch.setattr(widget, "TICK_S", 0.05)
    client = await opened(phone)
    microphone(client, sounds.wav(1))
    await client.tap("q-voice-record")
    await client.until(lambda: client.has("q-voice-kept"))
    assert not client.has("q-voice-stop")


@played
async def test_a_note_that_runs_when_the_page_is_left_is_kept(phone: Phone) -> None:
    client = await opened(phone)
    microphone(client, sounds.wav(1))
    visit = open_visit(client)
    await client.tap("q-voice-record")
    client.page.navigate("/")
    await client.until(lambda: visit.value_of("voice"))


@pytest.mark.parametrize("answers", [{"has_permission": False}, {"has_permission": True, "start_recording": False}])
def test_without_a_microphone_the_way_out_is_told(phone: Phone, answers: dict[str, Any]) -> None:
    @played
    async def story() -> None:
        client = await opened(phone)
        client.answers |= answers
        await client.tap("q-voice-record")
        await client.until(lambda: "用不了麦克风" in client.text())
        assert client.has("q-voice") and client.has("q-voice-record") and value(client, "voice") == ""

    story()


@played
async def test_a_shell_without_the_plugins_still_takes_a_chosen_recording(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for plugin in ("flet_audio_recorder", "flet_audio"):
        monkeypatch.setitem(sys.modules, plugin, None)
    client = await opened(phone)
    await client.tap("q-voice-record")
    await client.until(lambda: "用不了麦克风" in client.text())
    (tmp_path / "memo.wav").write_bytes(sounds.wav(3))
    await choose_photo(client, "voice", tmp_path / "memo.wav")
    await client.until(lambda: client.has("q-voice-kept"))
    await client.tap("q-voice-play")
    await client.until(lambda: "这里不能播放" in client.text())


@played
async def test_nothing_recorded_is_told_and_changes_nothing(phone: Phone) -> None:
    client = await opened(phone)
    client.answers |= {"has_permission": True, "start_recording": True, "stop_recording": None}
    await client.tap("q-voice-record")
    await client.tap("q-voice-stop")
    await client.until(lambda: "没有录到声音" in client.text())
    assert value(client, "voice") == ""


@played
async def test_a_note_is_heard_recorded_again_and_removed(phone: Phone, tmp_path: Path) -> None:
    client = await opened(phone)
    (tmp_path / "memo.ogg").write_bytes(sounds.ogg(4))
    await choose_photo(client, "voice", tmp_path / "memo.ogg")
    await client.until(lambda: client.has("q-voice-kept"))
    first = value(client, "voice")
    await client.tap("q-voice-play")
    await client.until(lambda: "play" in [name for name, _ in client.calls])
    (speaker,) = [one for one in client.session.index.values() if type(one).__name__ == "Audio"]
    assert speaker.src == sounds.ogg(4)
    await client.fire(speaker, "state_change", {"state": "completed"})
    assert client.has("q-voice-play")
    await client.tap("q-voice-play")
    await client.tap("q-voice-hush")
    assert client.has("q-voice-play")
    microphone(client, sounds.m4a(9))
    await client.tap("q-voice-record")
    await client.tap("q-voice-stop")
    await client.until(lambda: value(client, "voice") != first)
    assert client.text("q-voice-kept").startswith("0:09")
    await client.tap("q-voice-remove")
    await client.tap("confirm-yes")
    assert value(client, "voice") == "" and not client.has("q-voice-kept")


@pytest.mark.parametrize(("name", "content", "told"), [
    ("voice", b"no sound at all", "这段录音打不开"), ("voice", b"RIFF" + bytes(MAX_SOUND_BYTES), "最多 8 MB"),
    ("paper", b"MZ a program", "这种文件不能附上"), ("paper", b"%PDF-" + bytes(13 * 1024 * 1024), "最多 12 MB"),
], ids=["sound", "large sound", "paper", "large paper"])  # fmt: skip
def test_what_cannot_be_kept_is_told_in_three_sentences(
    phone: Phone, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    @played
    async def story() -> None:
        client = await opened(phone)
        (tmp_path / "chosen.pdf").write_bytes(content)
        await choose_photo(client, name, tmp_path / "chosen.pdf")
        await client.until(lambda: client.has("error-close"))
        assert told in client.text() and "其他内容都已保存。" in client.text()
        assert value(client, name) == ""

    story()


@played
async def test_a_document_shows_its_name_and_is_replaced_and_removed(phone: Phone, tmp_path: Path) -> None:
    client = await opened(phone)
    for name in ("残疾证.pdf", "低保证明.exe"):
        (tmp_path / name).write_bytes(sounds.pdf(name))
        await choose_photo(client, "paper", tmp_path / name)
        shown = f"{Path(name).stem}.pdf · 1 KB"
        await client.until(lambda shown=shown: client.has("q-paper-kept") and client.text("q-paper-kept") == shown)
    await client.tap("q-paper-remove")
    await client.tap("confirm-no")
    assert client.has("q-paper-kept")
    await client.tap("q-paper-remove")
    await client.tap("confirm-yes")
    assert value(client, "paper") == "" and not client.has("q-paper-kept")


@played
async def test_the_choosers_show_what_fits(phone: Phone) -> None:
    client = await opened(phone)
    actions = {name: next(b.action for b in client.controls(client.marked(f"q-{name}")) if isinstance(b, ft.OutlinedButton))
               for name in ("voice", "paper", "photos_any")}  # fmt: skip
    assert actions["voice"].file_type is ft.FilePickerFileType.AUDIO
    assert actions["photos_any"].file_type is ft.FilePickerFileType.IMAGE
    assert set(actions["paper"].allowed_extensions) == {"pdf", "jpg", "jpeg", "png", "docx", "xlsx"}


@played
async def test_a_kind_of_question_unknown_here_says_so(phone: Phone) -> None:
    client = await opened(phone)

    field = open_visit(client).named("words")
    assert field
    field.question = field.question._replace(kind="hologram")
    await client.settle()
    assert "要新版的 App" in client.text("q-words")


def test_a_note_recorded_to_the_end_is_within_the_limit_of_the_school() -> None:
    assert len(wave(bytes(sound.LONGEST_S * sound.RATE * sound.BYTES_A_SAMPLE))) < MAX_SOUND_BYTES
