"""Brother and sister at one door: the sister's form is one tap away and knows already who went and who was met."""

from __future__ import annotations

from pathlib import Path

import pytest

from casebook.kinds.visit import carried_of, outing_of
from tests.fieldapp.ui.fake_client import FakeClient
from tests.fieldapp.ui.little_school import ABSENT, SISTER, LittleSchool, form_row
from tests.fieldapp.ui.phone import Phone, choose_photo, fill_until, open_visit, picture, played


@pytest.fixture
def school() -> LittleSchool:
    """A school that has also published the routine visit and the shut door."""
    return LittleSchool(more_rows=[form_row("routine_visit"), form_row("nobody_home")])


async def at_the_door(phone: Phone, tmp_path: Path) -> FakeClient:
    """The brother's visit, written as far as the reasons."""
    client = await phone.start(route=f"/students/{ABSENT}")
    await client.tap("start-visit")
    await client.tap("q-with_whom-cadre")
    await client.type("q-companions", "村委会李主任")
    await client.tap("go-next")
    await client.tap("q-contact_result-met_guardian")
    await client.tap("q-met_same-same")
    return client


@played
async def test_after_the_seal_the_sister_is_one_tap_away(phone: Phone, tmp_path: Path) -> None:
    client = await phone.start(route=f"/students/{ABSENT}")
    await client.tap("start-visit")
    await fill_until(client, picture(tmp_path / "door.jpg"), "finish")
    brother = open_visit(client).draft
    met, whom = open_visit(client).value_of("contact_result"), open_visit(client).value_of("with_whom")
    await client.tap("seal")
    await client.until(lambda: client.has("sealed"))
    assert "吴天慧" in client.text("next-1") and "常规家访" in client.text("next-1")
    await client.tap("next-1")
    visit = open_visit(client)
    assert visit.draft.student["id"] == SISTER and visit.draft.draft_id != brother.draft_id
    assert (visit.value_of("contact_result"), visit.value_of("with_whom")) == (met, whom)
    assert client.has("carried-with_whom")
    assert visit.value_of("sign_mode") == visit.value_of("photos_1") == ""


@played
async def test_a_carried_answer_loses_its_mark_when_it_is_changed(phone: Phone, tmp_path: Path) -> None:
    client = await at_the_door(phone, tmp_path)
    await client.tap("household")
    await client.tap("next-1")
    assert client.has("carried-companions")
    phone.clock.go_on(minutes=1)
    await client.type("q-companions", "王医生")
    assert not client.has("carried-companions")


@played
async def test_two_drafts_are_open_and_one_switches_between_them(phone: Phone, tmp_path: Path) -> None:
    client = await at_the_door(phone, tmp_path)
    brother = open_visit(client).draft.draft_id
    await client.tap("household")
    await client.tap("next-1")
    sister = open_visit(client).draft.draft_id
    await client.tap("household")
    assert "吴天赐" in client.text("switch-1")
    await client.tap("switch-1")
    assert open_visit(client).draft.draft_id == brother
    phone.kill()
    client = await phone.start()
    await client.tap("household")
    assert "吴天慧" in client.text("switch-1")
    await client.tap("switch-1")
    assert open_visit(client).draft.draft_id == sister
    assert open_visit(client).value_of("companions") == "村委会李主任"


@played
async def test_what_is_being_typed_is_carried_too(phone: Phone, tmp_path: Path) -> None:
    client = await at_the_door(phone, tmp_path)
    await client.tap("go-back")
    await client.type("q-companions", "村医", leave=False)
    await client.tap("household")
    await client.tap("next-1")
    assert open_visit(client).value_of("companions") == "村医"


@played
async def test_another_form_for_the_same_child_is_offered_at_the_same_door(phone: Phone, tmp_path: Path) -> None:
    client = await at_the_door(phone, tmp_path)
    await client.tap("household")
    await client.tap("add-routine_visit")
    visit = open_visit(client)
    assert (visit.draft.student["id"], visit.draft.form_title) == (ABSENT, "常规家访")
    assert visit.value_of("companions") == "村委会李主任"


@played
async def test_going_alone_takes_back_the_company_that_was_carried_from_the_form_before(phone: Phone, tmp_path: Path) -> None:
    client = await at_the_door(phone, tmp_path)
    await client.tap("household")
    await client.tap("add-routine_visit")
    assert client.has("carried-with_whom") and open_visit(client).value_of("companions")
    phone.clock.go_on(minutes=1)
    await client.tap("q-with_whom-alone")
    assert (open_visit(client).value_of("with_whom"), open_visit(client).value_of("companions")) == ("alone", "")
    assert not client.has("problem-with_whom") and not client.has("carried-with_whom")
    await client.tap("q-with_whom-cadre")
    assert open_visit(client).value_of("with_whom") == "cadre"
    assert open_visit(client).value_of("companions") == "村委会李主任"


@played
async def test_the_sisters_page_asks_whether_it_is_the_same_going(phone: Phone, tmp_path: Path) -> None:
    client = await at_the_door(phone, tmp_path)
    client.page.navigate(f"/students/{SISTER}")
    await client.settle()
    assert "同一次走访" in client.text() and "吴天赐" in client.text("switch-1")
    await client.tap("start-visit")
    await client.tap("start-routine_visit")
    await client.tap("same-outing")
    assert open_visit(client).value_of("companions") == "村委会李主任"
    client.page.navigate(f"/students/{SISTER}")
    await client.settle()
    await client.tap("start-visit")
    await client.tap("start-persuasion_visit")
    await client.tap("another-outing")
    assert open_visit(client).value_of("companions") == ""


@played
async def test_a_draft_that_is_there_already_is_opened_without_a_question(phone: Phone, tmp_path: Path) -> None:
    client = await at_the_door(phone, tmp_path)
    brother = open_visit(client).draft.draft_id
    client.page.navigate(f"/students/{ABSENT}")
    await client.settle()
    await client.tap("start-visit")
    assert open_visit(client).draft.draft_id == brother


@played
async def test_a_shut_door_takes_three_taps_for_the_sister(phone: Phone, tmp_path: Path, school: LittleSchool) -> None:
    client = await phone.start(route=f"/students/{ABSENT}")
    await client.tap("start-other")
    await client.tap("start-nobody_home")
    photo = picture(tmp_path / "door.jpg")
    await fill_until(client, photo, "finish")
    brother = open_visit(client).draft
    await client.tap("seal")
    await client.until(lambda: client.has("sealed"))
    assert "家里没人" in client.text("next-1")
    await client.tap("next-1")
    visit = open_visit(client)
    assert not client.has("q-photos_door-share")  # a picture without a known time is no evidence of this visit
    await choose_photo(client, "photos_door", photo)
    await fill_until(client, photo, "finish")
    rid = visit.draft.finish()
    assert rid and brother.draft_id != visit.draft.draft_id
    assert (await synced(client, phone, school)) == 2
    one, two = [entry.record for entry in school.entries() if entry.record.type == "visit"]
    assert outing_of(one) == outing_of(two) and carried_of(two) and not carried_of(one)


async def synced(client: FakeClient, phone: Phone, school: LittleSchool) -> int:
    report = phone.desk.sync()
    assert report.complete, report
    return len(school.received)


@played
async def test_the_photo_taken_just_now_is_offered_and_used_by_one_tap(phone: Phone, tmp_path: Path) -> None:
    client = await phone.start(route=f"/students/{ABSENT}")
    await client.tap("start-other")
    await client.tap("start-nobody_home")
    await client.tap("q-met_nobody-no_one_home")
    brother = open_visit(client).draft
    door = brother.session.ref_of("photos_door") or ""
    sha256 = brother.attach_photo(door, picture(tmp_path / "door.jpg").read_bytes(), "camera")
    phone.clock.go_on(minutes=2)
    await client.tap("household")
    await client.tap("next-1")
    assert client.has("q-photos_door-share")
    await client.tap("q-photos_door-share")
    assert client.has("q-photos_door-photo") and client.has("carried-photos_door")
    assert open_visit(client).value_of("photos_door") == f"{sha256}.jpg"
