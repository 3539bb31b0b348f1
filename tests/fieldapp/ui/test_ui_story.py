"""The whole story on one phone, driven through the screens: from the code to the receipt, and back with a remark."""

from __future__ import annotations

import json
from pathlib import Path

import flet as ft

from casebook.casefile import fold
from tests.fieldapp.ui.little_school import ABSENT, GOOD_CODE, LittleSchool
from tests.fieldapp.ui.phone import Phone, draw, fill_until, open_visit, picture, played


@played
async def test_from_the_code_to_the_list_of_tasks(blank_phone: Phone) -> None:
    client = await blank_phone.start()
    await client.type("server", "http://school")
    await client.type("code", "WRONG")
    await client.tap("enrol")
    await client.until(lambda: client.has("error-close"))
    assert "登记码不对" in client.text()
    await client.tap("error-close")
    await client.type("code", GOOD_CODE)
    await client.tap("enrol")
    await client.until(lambda: client.has("task-2"))
    assert client.page.route == "/"
    assert "吴天赐" in client.text()


@played
async def test_the_language_can_be_chosen_before_anything_else(blank_phone: Phone) -> None:
    client = await blank_phone.start()
    await client.tap("language-en")
    assert "Set up" in client.text("enrol")


@played
async def test_an_unreachable_server_is_told_in_three_sentences(blank_phone: Phone, school: LittleSchool) -> None:
    school.down = True
    client = await blank_phone.start()
    await client.type("server", "http://school")
    await client.type("code", GOOD_CODE)
    await client.tap("enrol")
    await client.until(lambda: client.has("error-close"))
    words = client.text()
    assert all(client_words in words for client_words in ("没连上", "安全", "再"))


@played
async def test_a_visit_without_signal_reaches_the_school_at_the_next_sync(
    phone: Phone, school: LittleSchool, tmp_path: Path
) -> None:
    school.down = True
    photo = picture(tmp_path / "door.jpg")
    client = await phone.start()
    await client.tap("students")
    await client.type("search", "wtc")
    await client.tap("student-1")
    await client.tap("start-visit")
    await fill_until(client, photo, "readback")
    await client.tap("read")
    assert "吴天赐" in client.text("readback")
    await client.tap("read-done")
    await client.tap("go-back")
    await fill_until(client, photo, "finish")
    await client.tap("seal")
    await client.until(lambda: client.has("sealed"))
    assert "吴天赐" in client.text("sealed")
    await client.tap("sync")
    await client.until(lambda: client.has("sync-problem"))
    assert "安全" in client.text("sync-problem")
    assert school.received == {}
    school.down = False
    await client.tap("outbox")
    await client.tap("sync")
    await client.until(lambda: client.has("sync-done"))
    number = client.text("visit-1").split("收据号")[1].split("）")[0]
    assert number.strip().isdecimal() and client.text("visit-1").count("收据号") == 1
    await client.back()
    await client.tap("students")
    await client.type("search", "wtc")
    await client.tap("student-1")
    assert f"已到校（收据号{number}）" in client.text()
    (entry,) = [entry for entry in school.entries() if entry.record.type == "visit"]
    assert {attachment.role for attachment in entry.record.att} == {"photo", "signature"}
    assert all(attachment.sha256 in school.files for attachment in entry.record.att)
    strokes = next(a for a in entry.record.att if a.role == "signature")
    assert len(json.loads(school.files[strokes.sha256])["strokes"]) == 2


@played
async def test_a_returned_visit_comes_back_as_a_task_and_is_supplemented(
    phone: Phone, school: LittleSchool, tmp_path: Path
) -> None:
    photo = picture(tmp_path / "door.jpg")
    client = await phone.start()
    await client.tap("sync")
    await client.until(lambda: client.has("sync-done"))
    await client.tap("task-2")
    await client.tap("start-visit")
    await fill_until(client, photo, "finish")
    await client.tap("seal")
    await client.until(lambda: client.has("sealed"))
    assert not client.has("sync-done")  # what an earlier sync achieved says nothing about this visit
    await client.tap("sync")
    await client.until(lambda: client.has("sync-done"))
    rid = next(iter(school.received))
    school.review(rid, "returned", "照片里看不清门牌，请补一张。")
    await client.tap("outbox")
    await client.tap("sync")
    await client.until(lambda: client.has("supplement-1"))
    assert "看不清门牌" in client.text("visit-1")
    await client.back()
    await client.tap(next(name for name in client.identifiers() if "去补充" in client.text(name)))
    assert "看不清门牌" in client.text("remark")
    assert open_visit(client).value_of("contact_result") == "met_guardian"
    await fill_until(client, photo, "finish")
    await client.tap("seal")
    await client.until(lambda: client.has("sealed"))
    await client.tap("sync")
    await client.until(lambda: client.has("sync-done"))
    (visit,) = fold(ABSENT, [entry for entry in school.entries() if entry.record.case == ABSENT]).visits
    assert visit.versions[0].rid == rid
    assert len(visit.versions) == 2


@played
async def test_a_killed_app_opens_on_the_same_question_of_the_same_draft(phone: Phone, tmp_path: Path) -> None:
    photo = picture(tmp_path / "door.jpg")
    client = await phone.start()
    await client.tap("task-2")
    await client.tap("start-visit")
    await fill_until(client, photo, "meeting")
    await client.tap("q-contact_result-met_guardian")
    draft = client.page.route
    phone.kill()
    client = await phone.start()
    assert client.page.route == draft
    visit = open_visit(client)
    assert visit.leaf.ref.endswith("/meeting")
    assert visit.leaf.here and visit.leaf.here.endswith("/contact_result")
    assert visit.value_of("contact_result") == "met_guardian"
    scrolls = [arguments for name, arguments in client.calls if name == "scroll_to"]
    assert scrolls and scrolls[-1]["scroll_key"] == visit.leaf.here


@played
async def test_strokes_are_kept_when_the_app_dies_on_the_pad(phone: Phone, tmp_path: Path) -> None:
    photo = picture(tmp_path / "door.jpg")
    client = await phone.start()
    await client.tap("task-2")
    await client.tap("start-visit")
    await fill_until(client, photo, "signing")
    await client.tap("q-sign_mode-handwritten")
    await client.tap("q-guardian_signature")
    await draw(client, [(10, 10), (40, 60)], [(50, 50), (90, 90)])
    phone.kill()
    client = await phone.start()
    assert client.page.route.endswith("/sign/guardian_signature")
    assert "2" in client.text("sign-kept")
    await client.tap("sign-clear")
    assert client.has("sign-restore")
    assert client.find(ft.GestureDetector)
    await client.tap("sign-restore")
    assert "2" in client.text("sign-kept")
