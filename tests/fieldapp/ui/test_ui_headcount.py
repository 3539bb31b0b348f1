"""The headcount on the screen: one tap for all, else only the absent; the summary; corrections; nothing lost on a kill."""

from __future__ import annotations

import flet as ft
import pytest

from casebook.protocol import Row
from fieldapp.headcounts import Tally
from tests.fieldapp.ui.fake_client import assert_named_and_roomy
from tests.fieldapp.ui.little_school import ABSENT, CASE_OPEN, GOOD_CODE, TEACHER, TODAY, LittleSchool
from tests.fieldapp.ui.phone import Phone, played

MORNING = "/headcount/c82/am"
TOMORROW = str(TODAY.replace(day=TODAY.day + 1))


@pytest.fixture
def phone(blank_phone: Phone) -> Phone:
    """The teacher's phone on the next school day, which nobody has counted yet."""
    blank_phone.clock.go_on(hours=20)
    return blank_phone.enrol()


def sealed(phone: Phone) -> list[dict[str, object]]:
    """Bodies of the teacher's own headcounts that school has, after a sync."""
    assert phone.desk.sync().complete
    return [dict(entry.record.body) for entry in phone.school.entries()
            if entry.record.type == "headcount" and entry.record.author == TEACHER]  # fmt: skip


def seat_of(phone: Phone, child: str) -> int:
    """The child's number in the list."""
    sheet = phone.desk.headcounts.sheet(phone.desk.headcounts.which("c82", "am"))
    return next(at for at, seat in enumerate(sheet.seats, 1) if seat.id == child)


@played
async def test_all_present_is_one_tap(phone: Phone) -> None:
    client = await phone.start(route=MORNING)
    assert "应到5 · 实到5 · 缺席0" in client.text("heads")
    await client.tap("all-present")
    assert "已封存" in client.text("safe") and client.has("correct")
    (body,) = sealed(phone)
    assert (body["expected"], body["present"], body["absent"], body["day"]) == (5, 5, [], TOMORROW)


@played
async def test_only_the_absent_are_tapped_and_the_summary_is_read_before_sealing(phone: Phone) -> None:
    at, other = seat_of(phone, ABSENT), seat_of(phone, CASE_OPEN)
    client = await phone.start(route=MORNING)
    await client.tap(f"seat-{at}")
    assert "未请假" in client.text(f"seat-{at}") and not client.has("all-present")
    await client.tap(f"seat-{other}")
    await client.tap(f"kind-{other}-late")
    await client.tap("source-monitor")
    await client.type("reporter", "班长小样")
    await client.tap("review")
    shown = client.text()
    assert client.text("figure-away").splitlines() == ["1", "缺席"]
    assert all(text in shown for text in ("未请假 1人", "吴天赐", "迟到 1人", "罗小妹", "班干部报 班长小样"))
    assert sealed(phone) == []
    await client.tap("seal")
    (body,) = sealed(phone)
    assert (body["present"], body["source"], body["reporter"]) == (4, "monitor", "班长小样")


@played
async def test_a_second_tap_brings_the_child_back(phone: Phone) -> None:
    client = await phone.start(route=MORNING)
    await client.tap("seat-1")
    await client.tap("seat-1")
    assert client.has("all-present") and not client.has("kind-1-sick")


@played
async def test_seldom_kinds_are_one_tap_further(phone: Phone) -> None:
    client = await phone.start(route=MORNING)
    await client.tap("seat-1")
    assert not client.has("kind-1-not_registered")
    await client.tap("kind-1-more")
    await client.tap("kind-1-not_registered")
    assert "未报到" in client.text("seat-1")


@played
async def test_ticks_survive_a_kill_and_can_be_thrown_away(phone: Phone) -> None:
    client = await phone.start(route=MORNING)
    await client.tap("seat-2")
    await client.tap("kind-2-sick")
    phone.kill()
    client = await phone.start(route=MORNING)
    assert "病假" in client.text("seat-2")
    await client.tap("leave-off")
    assert client.has("all-present")


@played
async def test_typed_words_are_kept_when_the_app_is_left(phone: Phone) -> None:
    client = await phone.start(route=MORNING)
    await client.tap("source-duty")
    await client.type("reporter", "值周的赵老师", leave=False)
    await client.fire(client.page, "app_lifecycle_state_change", {"state": "pause"})
    phone.kill()
    sheet = phone.desk.headcounts.sheet(phone.desk.headcounts.which("c82", "am"))
    assert sheet.tally.reporter == "值周的赵老师"


@played
async def test_an_unexcused_child_offers_call_and_visit(phone: Phone) -> None:
    phone.desk.headcounts.seal(phone.desk.headcounts.which("c82", "am"), Tally({ABSENT: "unexcused"}))
    client = await phone.start(route=MORNING)
    (call,) = client.find(ft.FilledButton, client.marked("call-1"))
    assert "tel:12000000001" in str(call.action.args) and "吴大山" in client.text("unexcused-1")
    await client.tap("visit-today-1")
    assert client.page.route.startswith("/visit/")


@played
async def test_without_a_form_for_calls_the_childs_page_opens(phone: Phone) -> None:
    phone.desk.headcounts.seal(phone.desk.headcounts.which("c82", "am"), Tally({ABSENT: "unexcused"}))
    client = await phone.start(route=MORNING)
    await client.tap("note-call-1")
    assert client.page.route == f"/students/{ABSENT}"


@played
async def test_a_correction_opens_the_old_one_asks_why_and_keeps_both(phone: Phone) -> None:
    at = seat_of(phone, ABSENT)
    phone.desk.headcounts.seal(phone.desk.headcounts.which("c82", "am"), Tally({ABSENT: "unexcused"}))
    client = await phone.start(route=MORNING)
    await client.tap("correct")
    assert "未请假" in client.text(f"seat-{at}") and "更正" in client.text()
    await client.tap(f"kind-{at}-sick")
    await client.tap("review")
    await client.tap("seal")
    assert len(sealed(phone)) == 1  # no reason yet
    await client.type("reason", "家长补了请假条")
    await client.tap("seal")
    assert all(text in client.text("version-1") for text in ("吴天赐：未请假 → 病假", "原因：家长补了请假条", "周老师"))
    assert "应到5，实到4" in client.text("version-2")
    assert [body.get("reason") for body in sealed(phone)] == [None, "家长补了请假条"]
    await client.tap("correct")
    assert client.has("review") and not client.has("seal")


@played
async def test_an_earlier_day_is_named_in_the_title(phone: Phone) -> None:
    client = await phone.start(route="/headcount/c82")
    assert "实到3" in client.text("earlier-1") and "最迟08:30" in client.text("earlier-4")
    await client.tap("earlier-4")
    assert client.page.route == "/headcount/c82/am/2025-10-13"
    assert "10月13日" in client.view().appbar.title.value
    await client.tap("all-present")
    (body,) = sealed(phone)
    assert body["day"] == "2025-10-13"
    await client.back()
    assert "应到5，实到5" in client.text("earlier-4")


@played
async def test_a_lesson_counts_heads(phone: Phone) -> None:
    client = await phone.start(route="/headcount/c82")
    await client.tap("lesson-3")
    await client.tap("heads-less")
    await client.tap("heads-less")
    assert "3" in client.text("lesson-heads")
    await client.tap("review")
    assert "还有2人没到" in client.text()
    await client.tap("seal")
    (body,) = sealed(phone)
    assert (body["lesson"], body["present"], body["absent"]) == ("3", 3, [])


@played
async def test_the_classes_lead_to_the_class(phone: Phone) -> None:
    client = await phone.start(route="/classes")
    assert "八年级（2）班" in client.text("class-1")
    await client.tap("class-1")
    assert client.page.route == "/headcount/c82" and "上午点名" in client.text("session-1")


@played
async def test_a_full_disk_is_told_and_the_tick_goes_back(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    from casebook.errors import StorageFull
    from fieldapp.headcounts import Headcounts

    client = await phone.start(route=MORNING)

    def full(*_: object) -> None:
        raise StorageFull

    monkeypatch.setattr(Headcounts, "jot", full)
    await client.tap("seat-1")
    assert client.find(ft.AlertDialog) and "未请假" not in client.text("seat-1")
    assert client.has("all-present")


@played
async def test_another_base_figure_is_told_and_nothing_stops(phone: Phone) -> None:
    phone.school.more_rows.append(Row("classes", "c82", {"id": "c82", "name": "八年级（2）班", "base": 7}))
    phone.desk.enrol("http://school", GOOD_CODE)  # reads the rows from the start
    assert phone.desk.sync().complete
    client = await phone.start(route=MORNING)
    assert "花名册现在5人，学年初基数7人" in client.text("base")
    await client.tap("all-present")
    assert len(sealed(phone)) == 1


@played
async def test_the_outbox_names_the_class(phone: Phone, school: LittleSchool) -> None:
    phone.desk.headcounts.seal(phone.desk.headcounts.which("c82", "am"), Tally({ABSENT: "unexcused"}))
    client = await phone.start(route="/outbox")
    assert all(text in client.text("visit-1") for text in ("八年级（2）班", "上午点名", "实到4", "已封存在本机"))


@played
async def test_a_headcount_that_school_puts_aside_says_why(phone: Phone) -> None:
    rid = phone.desk.headcounts.seal(phone.desk.headcounts.which("c82", "am"), Tally())
    books = phone.desk._work.books
    with books.store.write() as db:
        books.records.settle(db, rid, "quarantined", "not_your_class", {"sseq": 700})
    client = await phone.start(route="/outbox")
    assert "不是作者任教的班" in client.text("visit-1") and "等教导处核对" in client.text("visit-1")
    client.page.navigate(MORNING)
    await client.settle()
    assert client.has("all-present")  # it is no fact at school: the class can be counted again


@pytest.mark.parametrize("route", ["/classes", "/headcount/c82", MORNING])
def test_everything_that_is_tapped_has_a_name_and_large_text_has_room(phone: Phone, route: str) -> None:
    @played
    async def story() -> None:
        client = await phone.start(route=route, width=360, height=740)
        if route == MORNING:
            await client.tap("seat-1")
        assert_named_and_roomy(client)

    story()
