"""Each screen for itself: what it shows, where it leads, and what it says when something goes wrong."""

from __future__ import annotations

import threading
from pathlib import Path

import flet as ft
import pytest

from casebook.errors import StorageFull
from casebook.protocol import Row
from fieldapp.ui import actions, app
from fieldapp.ui.visit_state import name_of
from fieldapp.visiting import VisitDraft
from tests.fieldapp.ui.fake_client import AppCrashed, FakeClient
from tests.fieldapp.ui.little_school import (
    ABSENT,
    CASE_OPEN,
    FORM_NAMES,
    GOOD_CODE,
    LONG_NAME,
    VISIT_FORMS,
    LittleSchool,
    form_row,
)
from tests.fieldapp.ui.phone import Phone, fill_until, open_visit, picture, played


async def started(phone: Phone, student: str = ABSENT, form: str = "absence_visit") -> FakeClient:
    """A new visit, open on its first page."""
    return await phone.start(route=f"/visit/{phone.desk.start(student, form)}")


@played
async def test_tasks_stand_in_the_order_of_their_urgency_with_the_rule(phone: Phone) -> None:
    client = await phone.start()
    assert "超期 2 天" in client.text("task-1") and "罗小妹" in client.text("task-1")
    assert "今天内" in client.text("task-2") and "吴天赐" in client.text("task-2")
    assert "当日家访" in client.text("task-2")
    assert "已过期限（1）" in client.text() and "今天（2）" in client.text()


@played
async def test_a_draft_is_offered_again_and_the_task_goes_on_with_it(phone: Phone) -> None:
    phone.desk.start(ABSENT, "absence_visit")
    client = await phone.start()
    assert "吴天赐" in client.text("draft-1")
    assert "继续填写" in client.text("task-2")
    await client.tap("task-2")
    assert client.page.route.startswith("/visit/")


@pytest.mark.parametrize(("query", "found"), [("wtc", "吴天赐"), ("罗", "罗小妹"), ("abdl", "阿卜杜拉"), ("石板", "吴天慧")])
def test_a_child_is_found_by_name_initials_and_village(phone: Phone, query: str, found: str) -> None:
    @played
    async def story() -> None:
        client = await phone.start(route="/students")
        await client.type("search", query, leave=False)
        assert found in client.text()

    story()


@played
async def test_a_long_list_is_cut_and_says_how_many_more(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    from fieldapp.ui.screens import students

    monkeypatch.setattr(students, "LIMIT", 2)
    client = await phone.start(route="/students")
    assert not client.has("student-3")
    assert "还有 3 个" in client.text()


@played
async def test_nobody_found_is_told(phone: Phone) -> None:
    client = await phone.start(route="/students")
    await client.type("search", "zzzz", leave=False)
    assert "没有找到" in client.text()


@played
async def test_the_childs_page_tells_whom_to_call_and_what_to_mind(phone: Phone) -> None:
    client = await phone.start(route=f"/students/{CASE_OPEN}")
    shown = client.text()
    assert all(text in shown for text in ("罗阿婆", "奶奶", "不识字", "12000000001", "石板村三组21号", "立案"))
    (button,) = client.find(ft.OutlinedButton, client.marked("call-1"))
    assert "tel:12000000001" in str(button.action.args)


@played
async def test_the_suggested_form_is_one_tap_and_the_others_two(phone: Phone) -> None:
    client = await phone.start(route=f"/students/{CASE_OPEN}")
    assert "劝返" in client.text("start-visit")
    await client.tap("start-other")
    await client.tap("start-absence_visit")
    assert client.page.route.startswith("/visit/")
    assert open_visit(client).draft.form_title == "未到校家访"


@played
async def test_a_child_without_a_task_offers_the_list_of_forms(phone: Phone) -> None:
    client = await phone.start(route=f"/students/{LONG_NAME}")
    await client.tap("start-visit")
    assert {f"start-{form_id}" for form_id in VISIT_FORMS} <= set(client.identifiers())
    await client.tap("start-cancel")
    assert client.has("start-visit")


@played
async def test_an_unknown_address_of_a_visit_says_so_and_leads_home(phone: Phone) -> None:
    client = await phone.start()
    client.page.navigate("/visit/unknown")
    await client.settle()
    assert "封存的记录在" in client.text()
    await client.tap("home")
    assert client.has("task-1")


@played
async def test_going_back_loses_nothing(phone: Phone) -> None:
    client = await started(phone)
    await client.tap("q-with_whom-teacher")
    await client.type("q-covisitors", "王建国", leave=False)
    await client.back()
    assert client.page.route == "/"
    await client.tap("draft-1")
    assert open_visit(client).value_of("covisitors") == "王建国"
    phone.kill()
    assert phone.desk.open_draft(phone.desk.today().drafts[0].draft_id).session.value(
        "/data/visit/covisitors") == "王建国"


@played
async def test_colleagues_are_tapped_and_found_by_a_part_of_the_name(phone: Phone) -> None:
    staff = ["郭谷", "萧洁荷", "王建国", *(f"老师{n}" for n in range(9))]
    phone.school.more_rows = [Row("staff", f"s{n}", {"id": f"s{n}", "name": name, "roles": []}) for n, name in enumerate(staff)]
    phone.desk.enrol("http://school", GOOD_CODE)  # reads the rows from the start
    assert phone.desk.sync().complete
    client = await started(phone)
    await client.tap("q-with_whom-teacher")
    assert "还有 7 位" in client.text() and client.has("q-covisitors-pick-6") and not client.has("q-covisitors-pick-7")
    await client.type("q-covisitors", "外校赵老师、国", leave=False)
    assert client.text("q-covisitors-pick-2") == "王建国" and not client.has("q-covisitors-pick-1")
    await client.tap("q-covisitors-pick-2")
    assert open_visit(client).value_of("covisitors") == "外校赵老师、王建国"
    assert client.marked("q-covisitors-pick-2").checked and "外校赵老师" in client.text("unknown-covisitors")
    await client.tap("q-covisitors-pick-1")
    await client.tap("q-covisitors-pick-2")
    assert open_visit(client).value_of("covisitors") == "外校赵老师、教导处"


@played
async def test_leaving_the_app_writes_what_was_being_typed(phone: Phone) -> None:
    client = await started(phone)
    await client.tap("q-with_whom-teacher")
    await client.type("q-covisitors", "写到一半", leave=False)
    await client.fire(client.page, "app_lifecycle_state_change", {"state": "pause"})
    draft = client.page.route.split("/")[2]
    phone.kill()
    assert phone.desk.open_draft(draft).session.value("/data/visit/covisitors") == "写到一半"


@played
async def test_a_full_disk_is_told_and_the_screen_goes_back_to_what_is_kept(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await started(phone)

    def full(*_: object) -> None:
        raise StorageFull

    with monkeypatch.context() as broken:
        broken.setattr(VisitDraft, "answer", full)
        await client.tap("q-with_whom-teacher")
    assert client.has("error-close") and "没存上" in client.text("saved")
    await client.tap("error-close")
    assert not client.marked("q-with_whom-teacher").checked
    await client.tap("q-with_whom-teacher")
    assert "已存" in client.text("saved")


@played
async def test_problems_are_listed_with_a_jump_and_the_way_back_is_short(phone: Phone, tmp_path: Path) -> None:
    client = await started(phone)
    for _ in range(12):
        if client.page.route.endswith("/finish"):
            break
        await client.tap("go-next")
    assert not client.has("seal")
    await client.tap("fix-1")
    visit = open_visit(client)
    assert visit.leaf.checking and visit.leaf.here
    assert client.has(f"problem-{name_of(visit.leaf.here)}")
    await fill_until(client, picture(tmp_path / "p.jpg"), "finish")
    assert client.page.route.endswith("/finish")


@played
async def test_a_draft_is_thrown_away_only_after_being_asked(phone: Phone) -> None:
    client = await started(phone)
    await client.tap("q-with_whom-teacher")
    client.page.navigate("/outbox")
    await client.settle()
    await client.tap("discard-1")
    assert client.find(ft.FilledButton, client.marked("confirm-no"))  # a hasty thumb keeps the draft
    assert not client.find(ft.FilledButton, client.marked("confirm-yes"))
    await client.tap("confirm-no")
    assert phone.desk.today().drafts
    await client.tap("discard-1")
    await client.tap("confirm-yes")
    assert not phone.desk.today().drafts
    assert "还没有记录" in client.text()


@played
async def test_changed_words_after_the_signature_are_told_beside_it(phone: Phone, tmp_path: Path) -> None:
    photo = picture(tmp_path / "p.jpg")
    client = await started(phone)
    await fill_until(client, photo, "finish")
    assert client.has("seal")
    visit = open_visit(client)
    visit.answer(visit.named("excuse").question.ref, "family_event")
    client.page.navigate("/")
    await client.settle()
    client.page.navigate(f"/visit/{visit.draft.draft_id}/finish")
    await client.settle()
    assert not client.has("seal")
    signature = [n for n in client.identifiers() if n.startswith("fix-") and "签" in client.text(n)]
    await client.tap(signature[-1])
    assert "签" in client.text("problem-guardian_signature")


@played
async def test_the_sync_shows_real_figures_and_can_be_stopped(
    phone: Phone, school: LittleSchool, tmp_path: Path
) -> None:
    client = await started(phone)
    await fill_until(client, picture(tmp_path / "p.jpg"), "finish")
    await client.tap("seal")
    await client.until(lambda: client.has("sealed"))
    arrived, gate = threading.Event(), threading.Event()

    def hold() -> None:
        arrived.set()
        gate.wait(10)

    school.piece_hook = hold
    await client.tap("sync")
    await client.until(arrived.is_set)
    await client.until(lambda: "文字已到校 1/1" in client.text())
    assert "附件 0/2" in client.text("sync-progress")
    assert not client.has("sync")
    await client.tap("sync-cancel")
    await client.until(lambda: client.has("sync-stopped"))  # without waiting for the answer
    gate.set()
    school.piece_hook = None
    back = ("app_lifecycle_state_change", {"state": "resume"})
    await client.fire(client.page, *back)
    assert client.has("sync-stopped"), "what the teacher has stopped is not begun again behind her back"
    school.down = True
    await client.tap("sync")
    await client.until(lambda: client.has("sync-problem"))
    school.down = False
    await client.fire(client.page, *back)
    await client.until(lambda: client.has("sync-done"))


@played
async def test_settings_hold_for_this_phone_and_for_the_next_start(phone: Phone) -> None:
    client = await phone.start(route="/settings")
    normal = client.page.theme.text_theme.body_medium.size
    for choice in ("text-true", "mode-true", "language-en"):
        await client.tap(choice)
    assert "Settings" in client.text()
    assert client.page.theme.text_theme.body_medium.size == pytest.approx(normal * 1.35)
    phone.kill()
    client = await phone.start()
    assert client.page.theme_mode == ft.ThemeMode.DARK
    assert client.page.route == "/settings" and "Settings" in client.text()


@played
async def test_diagnostics_hold_no_names(phone: Phone, tmp_path: Path) -> None:
    client = await started(phone)
    client.page.navigate("/settings")
    await client.settle()
    (button,) = client.find(ft.OutlinedButton, client.marked("diagnostics"))
    told = str(button.action.args)
    assert "jiafang" in told and "吴天赐" not in told and "周老师" not in told


@played
async def test_a_phone_that_the_school_switched_off_shows_no_child_until_it_is_enrolled_anew(phone: Phone) -> None:
    client = await started(phone)  # in the middle of a visit
    with phone.desk._work.books.store.write() as db:
        phone.desk._work.books.settings.put(db, revoked=True)
    client.close()
    client = await phone.start()
    assert "教导处" in client.text() and "吴天赐" not in client.text()
    client.page.navigate("/students")
    await client.settle()
    assert "吴天赐" not in client.text() and client.has("sync") and not client.has("search")
    await client.tap("enrol-anew")
    assert client.has("code")
    with phone.desk._work.books.store.write() as db:
        phone.desk._work.books.settings.put(db, revoked=False)
    assert "吴天赐" in (await phone.start()).text()


@played
async def test_a_second_tab_is_a_session_of_its_own_over_the_same_desk(phone: Phone) -> None:
    first = await phone.start()
    second = await FakeClient().start(app.main)
    await second.settle()
    await second.tap("students")
    assert first.page.route == "/" and second.page.route == "/students"
    await first.tap("task-1")
    assert first.has("start-visit") and second.has("search")
    second.close()


@played
async def test_a_second_tap_at_once_is_no_second_tap(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await started(phone)
    monkeypatch.setattr(actions, "ECHO_S", 30.0)
    await client.tap("go-next")
    await client.tap("go-next")
    assert client.has("problem-with_whom")


@played
async def test_an_unguarded_error_is_logged_and_the_app_lives(phone: Phone) -> None:
    client = await phone.start()
    client.session.error("planted")
    with pytest.raises(AppCrashed, match="planted"):
        await client.settle()
    client.crashes.clear()
    await client.tap("students")
    assert client.has("search")


@pytest.mark.parametrize("form_id", FORM_NAMES)
def test_every_form_that_ships_can_be_paged_through(blank_phone: Phone, school: LittleSchool, form_id: str) -> None:
    school.more_rows = [form_row(form_id)]
    phone = blank_phone.enrol()

    @played
    async def story() -> None:
        client = await started(phone, CASE_OPEN, form_id)
        for _ in range(60):
            if client.page.route.endswith("/finish"):
                return
            await client.tap("go-next")
        raise AssertionError("no end")

    story()


@pytest.mark.parametrize("form_id", FORM_NAMES)
def test_every_form_that_ships_can_be_filled_to_the_seal(
    blank_phone: Phone, school: LittleSchool, form_id: str, tmp_path: Path
) -> None:
    school.more_rows = [form_row(form_id)]
    phone = blank_phone.enrol()

    @played
    async def story() -> None:
        client = await started(phone, CASE_OPEN, form_id)
        await fill_until(client, picture(tmp_path / "p.jpg"), "finish")
        assert client.has("seal"), client.text()
        await client.tap("seal")
        await client.until(lambda: client.has("sealed"))
        assert [item.state for item in phone.desk.outbox()] == ["sealed"]

    story()


@pytest.mark.parametrize(("ref", "name"), [
    ("/data/kid[1]/age", "age"), ("/data/kid[2]/age", "age-2"), ("/data/a[3]/b[2]/c", "c-3-2"), ("/data/visit/mode", "mode"),
])  # fmt: skip
def test_questions_of_a_repeat_have_names_of_their_own(ref: str, name: str) -> None:
    assert name_of(ref) == name
