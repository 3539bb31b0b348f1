"""Every kind of question on a real form: shown, answered by hand, kept, and wrong answers told beside the question."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from fieldapp.ui.widgets.moment import picked_day
from fieldapp.ui.widgets.rich import plain, spans
from tests.fieldapp.ui.fake_client import FakeClient
from tests.fieldapp.ui.kinds_form import SURVEY, kept, kinds_form, opened, value
from tests.fieldapp.ui.little_school import LittleSchool
from tests.fieldapp.ui.phone import Phone, choose_photo, open_visit, picture, played


@pytest.fixture
def school() -> LittleSchool:
    return LittleSchool(more_rows=[kinds_form()])


@played
async def test_every_kind_is_shown(phone: Phone) -> None:
    client = await opened(phone)
    names = [name for kind, name, _ in SURVEY if not kind.endswith("repeat")]
    missing = [name for name in names if not any(i.startswith(f"q-{name}") for i in client.identifiers())]
    assert missing == []


@pytest.mark.parametrize(("name", "text", "expected"), [
    ("words", "两行\n文字", "两行\n文字"), ("count", "３", "3"), ("hours", "2.5", "2.5"), ("code", "AB-1", "AB-1"),
])  # fmt: skip
def test_what_is_typed_is_kept(phone: Phone, name: str, text: str, expected: str) -> None:
    @played
    async def story() -> None:
        client = await opened(phone)
        await client.type(f"q-{name}", text)
        assert kept(phone, client, name) == expected

    story()


@played
async def test_typing_reaches_the_draft_without_leaving_the_field(phone: Phone) -> None:
    client = await opened(phone)
    await client.type("q-words", "还没离开", leave=False)
    assert "正在存" in client.text("saved")
    await client.until(lambda: "已存" in client.text("saved"))
    assert kept(phone, client, "words") == "还没离开"


@played
async def test_a_number_is_stepped_with_a_thumb(phone: Phone) -> None:
    client = await opened(phone)
    for _ in range(3):
        await client.tap("q-count-more")
    await client.tap("q-count-less")
    assert value(client, "count") == "2"


@played
async def test_a_wrong_answer_is_told_beside_its_question_and_kept(phone: Phone) -> None:
    client = await opened(phone)
    await client.type("q-count", "9")
    assert "最多5个" in client.text("problem-count")
    await client.type("q-count", "4")
    assert not client.has("problem-count")


@played
async def test_a_half_typed_number_is_no_fault_yet(phone: Phone) -> None:
    client = await opened(phone)
    await client.type("q-any_phone", "120", leave=False)
    await client.until(lambda: "已存" in client.text("saved"))
    assert not client.has("problem-any_phone")
    await client.type("q-any_phone", "120")
    assert client.has("problem-any_phone")


@played
async def test_near_days_are_one_tap_and_others_come_from_the_calendar(phone: Phone) -> None:
    client = await opened(phone)
    await client.tap("q-on-tomorrow")
    assert value(client, "on") == "2025-10-17"
    await client.tap("q-on")
    calendar = client.dialog(ft.DatePicker)
    client.session.apply_patch(calendar._i, {"value": dt.datetime(2025, 11, 14, 16, tzinfo=dt.UTC)})
    await client.fire(calendar, "change", None)
    assert value(client, "on") == "2025-11-15"
    assert "11月15日（周六）" in client.text("q-on")
    await client.tap("q-on-clear")
    assert value(client, "on") == ""


@pytest.mark.parametrize(("told", "meant"), [
    (dt.datetime(2026, 11, 14, 16, tzinfo=dt.UTC), dt.date(2026, 11, 15)),
    (dt.datetime(2026, 11, 15, 10, tzinfo=dt.UTC), dt.date(2026, 11, 15)),
    (dt.date(2026, 11, 15), dt.date(2026, 11, 15)),
])  # fmt: skip
def test_a_picked_day_is_the_day_that_was_seen(told: dt.date, meant: dt.date) -> None:
    assert picked_day(told) == meant


@played
async def test_a_time_and_a_moment(phone: Phone) -> None:
    client = await opened(phone)
    await client.tap("q-at")
    await _pick_time(client, dt.time(16, 20))
    assert value(client, "at").startswith("16:20")
    await client.tap("q-moment")
    calendar = client.dialog(ft.DatePicker)
    client.session.apply_patch(calendar._i, {"value": dt.datetime(2025, 10, 17, 16, tzinfo=dt.UTC)})
    await client.fire(calendar, "change", None)
    await _pick_time(client, dt.time(9, 5))
    assert value(client, "moment").startswith("2025-10-18T09:05")
    assert "09:05" in client.text("q-moment")
    assert not client.has("problem-at") and not client.has("problem-moment")


async def _pick_time(client: FakeClient, time: dt.time) -> None:
    clock = client.dialog(ft.TimePicker)
    client.session.apply_patch(clock._i, {"value": time})
    await client.fire(clock, "change", None)


@played
async def test_choices(phone: Phone) -> None:
    client = await opened(phone)
    await client.tap("q-one-b")
    assert value(client, "one") == "b" and client.marked("q-one-b").checked
    await client.tap("q-one-b")
    assert value(client, "one") == ""
    for choice in ("c", "a"):
        await client.tap(f"q-several-{choice}")
    assert value(client, "several") == "a c"
    await client.tap("q-several-a")
    assert value(client, "several") == "c"
    for choice in ("c", "a", "b"):
        await client.tap(f"q-order-{choice}")
    assert value(client, "order") == "c a b"
    await client.tap("q-order-c")
    assert value(client, "order") == "a b"
    await client.tap("q-yes")
    assert value(client, "yes") == "OK"
    await client.tap("q-mood-4")
    assert value(client, "mood") == "4"


@played
async def test_a_long_list_is_searched(phone: Phone) -> None:
    client = await opened(phone)
    assert not client.has("q-long-v37")
    await client.type("q-long-search", "37", leave=False)
    await client.tap("q-long-v37")
    assert value(client, "long") == "v37"
    assert client.marked("q-long-v37").checked


@played
async def test_a_wide_range_is_a_slider(phone: Phone) -> None:
    client = await opened(phone)
    (slider,) = client.find(ft.Slider)
    client.session.apply_patch(slider._i, {"value": 35.0})
    await client.fire(slider, "change_end", 35.0)
    assert value(client, "wide") == "35"


@played
async def test_a_photo_is_kept_replaced_and_removed(phone: Phone, tmp_path: Path) -> None:
    client = await opened(phone, platform=ft.PagePlatform.LINUX)
    await choose_photo(client, "photos_any", picture(tmp_path / "one.jpg"))
    await client.until(lambda: client.has("q-photos_any-photo"))
    first = value(client, "photos_any")
    await choose_photo(client, "photos_any", picture(tmp_path / "two.jpg", colour="#204060"))
    await client.until(lambda: value(client, "photos_any") != first)
    await client.tap("q-photos_any-remove")
    await client.tap("confirm-yes")
    assert value(client, "photos_any") == ""
    assert not client.has("q-photos_any-photo")


@played
async def test_a_phone_takes_the_photo_with_its_own_camera(phone: Phone, tmp_path: Path) -> None:
    client = await opened(phone)
    back = {"name": "0", "lens_direction": "back", "sensor_orientation": 90}
    client.answers |= {"get_available_cameras": [{**back, "lens_direction": "front"}, back], "request": "granted",
                       "take_picture": picture(tmp_path / "shot.jpg").read_bytes()}
    await client.tap("q-photos_any-camera")
    assert client.page.route.endswith("/photo/photos_any")
    await client.until(lambda: "initialize" in [name for name, _ in client.calls])
    await client.settle()
    await client.tap("shoot")
    await client.until(lambda: client.has("q-photos_any-photo"))
    assert [a.source for a in phone.desk._work.books.drafts.files(phone.desk._work.db, open_visit(client).draft.draft_id)
            ] == ["camera"]


@played
async def test_a_camera_that_does_not_open_says_so_and_the_way_back_is_there(phone: Phone) -> None:
    client = await opened(phone)
    client.answers |= {"get_available_cameras": [], "request": "granted"}
    await client.tap("q-photos_any-camera")
    await client.until(lambda: "打不开相机" in client.text())
    await client.tap("camera-back")
    assert client.has("q-photos_any-camera")


@played
async def test_what_is_no_photo_is_told_and_nothing_changes(phone: Phone, tmp_path: Path) -> None:
    (tmp_path / "letter.jpg").write_text("not a picture")
    client = await opened(phone)
    await choose_photo(client, "photos_any", tmp_path / "letter.jpg")
    await client.until(lambda: client.has("error-close"))
    assert "不像是照片" in client.text()
    assert value(client, "photos_any") == ""


@played
async def test_a_photo_that_is_far_too_big_is_refused_before_it_is_read(phone: Phone, tmp_path: Path) -> None:
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(40 * 1024 * 1024)
    client = await opened(phone)
    await choose_photo(client, "photos_any", huge)
    await client.until(lambda: client.has("error-close"))
    assert "太大" in client.text()


@played
async def test_ten_thousand_characters_are_refused_and_the_former_answer_stays(phone: Phone) -> None:
    client = await opened(phone)
    await client.type("q-words", "先写一句")
    await client.type("q-words", "长" * 10_000)
    await client.until(lambda: client.has("error-close"))
    assert "太长" in client.text()
    assert "没存上" in client.text("saved")
    assert kept(phone, client, "words") == "先写一句"


@played
async def test_a_missing_answer_shows_after_next_and_next_again_goes_on(phone: Phone) -> None:
    client = await opened(phone)
    assert not client.has("problem-asked")
    await client.tap("go-next")
    assert "请写一句" in client.text("problem-asked")
    assert "先跳过" in client.text("go-next")
    await client.tap("go-next")
    assert client.page.route.endswith("/finish")
    await client.tap("fix-1")
    assert client.page.route.count("/") == 2
    assert client.has("problem-asked")
    assert "去检查" in client.text("go-next") or "写完" in client.text("go-next")
    await client.type("q-asked", "写了")
    await client.tap("go-next")
    assert client.has("seal")


@played
async def test_a_worked_out_answer_is_shown_as_text(phone: Phone) -> None:
    client = await opened(phone)
    await client.type("q-count", "4")
    assert client.text("q-fixed") == "共4"
    assert not client.find(ft.TextField, client.marked("q-fixed"))


@played
async def test_a_repeat_grows_and_shrinks_and_its_answers_stand_apart(phone: Phone) -> None:
    client = await opened(phone)
    for _ in range(2):
        await client.tap("q-children-more")
    for name, text in (("nick", "大娃"), ("nick-2", "二娃"), ("nick-3", "三娃")):
        await client.type(f"q-{name}", text)
    await client.tap("q-children-less")
    assert client.has("q-nick-2") and not client.has("q-nick-3")
    open_visit(client).redraw()
    await client.settle()
    assert "二娃" in client.text("q-nick-2") and "大娃" in client.text("q-nick")


@played
async def test_the_form_changes_its_language_with_the_app(phone: Phone) -> None:
    client = await phone.start()
    await client.tap("task-2")
    await client.tap("start-visit")
    chinese = client.text("section")
    client.page.navigate("/settings")
    await client.settle()
    await client.tap("language-en")
    client.page.navigate("/")
    await client.settle()
    await client.tap("draft-1")
    assert client.text("section") != chinese
    assert "Next" in client.text("go-next")


def test_bold_places_of_a_label_are_shown_bold() -> None:
    runs = [(run.text, bool(run.style)) for run in spans("甲 **乙** 丙")]
    assert runs == [("甲 ", False), ("乙", True), (" 丙", False)]
    assert plain("# 甲 **乙**") == "甲 乙"


def test_the_form_has_every_kind_that_has_a_builder() -> None:
    from fieldapp.ui.widgets.question import BUILDERS

    asked: dict[str, Any] = {"dateTime": "datetime"}
    kinds = {asked.get(kind.split()[0], kind.split()[0]) for kind, _, _ in SURVEY if not kind.endswith("repeat")}
    assert set(BUILDERS) - kinds == {"signature", "heading"}  # the story signs; headings are groups within a page


@played
async def test_the_pad_names_who_signs_and_sends_a_witness_to_no_question_of_the_guardian(phone: Phone) -> None:
    client = await opened(phone)
    await client.tap("q-witness_signature")
    assert client.text("signer") == "见证人签名 · 周大山"
    assert "怎么签" not in client.text()
