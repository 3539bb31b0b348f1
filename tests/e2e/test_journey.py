"""The whole road once: a visit recorded with no signal reaches the principal's screen, and the answer comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.office import Office
from tests.e2e.screen import Screen
from tests.e2e.visit_form import SIGNATURE, answer, fill, read_and_sign, to_seal
from tests.whole.phone_files import attachments, draft_texts, drafts, sealed_visits
from tests.whole.story import PhoneApp, SchoolServer
from tests.whole.visits import SUMMARY, Answer, Typed, absence_visit, photo

REMARK = "请补充孩子现在由谁照看，再补一句联系方式。"
ADDED = "孩子现在由奶奶照看，已核对电话。"


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    return [photo(tmp_path / f"photo-{number}.jpg", number) for number in (1, 2)]


@pytest.fixture
def enrolled(school: SchoolServer, phone: PhoneApp, screen: Screen) -> Screen:
    """A phone that was enrolled at school, and is now out of reach of it."""
    school.start()
    phone.start()
    screen.open()
    screen.type("code", school.enrol_code()).tap("enrol")
    screen.wait_for("sync-done")
    school.kill()
    return screen


def restarted(phone: PhoneApp, screen: Screen) -> Screen:
    """The app killed at once and opened again, by a browser that does not keep the old session alive."""
    phone.kill()
    screen.page.goto("about:blank")
    phone.start()
    return screen.open()


def find_child(screen: Screen, query: str, name: str) -> None:
    """Search by the name or its initials, and open the child's page."""
    screen.tap("students")
    screen.type("search", query)
    screen.see_only("student-", name)
    screen.tap("student-1")


def seal(screen: Screen) -> None:
    to_seal(screen)
    screen.tap("seal")
    screen.wait_for("sealed")


def synced(school: SchoolServer, screen: Screen) -> None:
    """One tap on sync, and all of it has arrived: the conversation came to its last step, the pull."""
    before = school.pulls()
    screen.tap("sync")
    school.wait_for_pull(before)
    screen.see("同步好了", "写好的记录都已到校")


def test_a_visit_without_signal_reaches_the_principal_and_the_answer_comes_back(
    school: SchoolServer, phone: PhoneApp, enrolled: Screen, console: Page, photos: list[Path]
) -> None:
    answers = absence_visit(photos)
    screen = begun_and_killed(phone, enrolled, answers)
    fill(screen, answers)
    assert_the_pad_keeps_every_finished_stroke(phone, screen)
    seal(screen)
    (visit,) = sealed_visits(phone.data)
    assert len(attachments(visit, "photo")) == 2 and SUMMARY in visit["body"]["instance"]
    screen = restarted(phone, screen)
    screen.tap("outbox") if screen.has("outbox") else screen.open("/outbox")
    screen.see("已封存在本机", "记录 1 份，附件")

    school.start()
    synced(school, screen)
    screen.see("已到校（收据号")
    office = Office(console, school).log_in().open_visit("欧阳艳㛃")
    assert_the_office_sees_all_of_it(office, school, phone, visit)
    office.decide("returned", REMARK)
    answered_with_a_supplement(school, screen)
    assert_both_versions_are_shown(office.open_visit("欧阳艳㛃"), phone, visit)
    office.decide("accepted")
    synced(school, screen)
    screen.open("/outbox").see("通过")
    assert school.calm() and phone.calm()


def begun_and_killed(phone: PhoneApp, screen: Screen, answers: Mapping[str, Answer]) -> Screen:
    """Without a server: the child is found, the form begun, the app killed; the same answer of the same draft is back."""
    screen = restarted(phone, screen)
    screen.see("要做的事")
    find_child(screen, "oyyj", "欧阳艳㛃")
    screen.see("没请假")
    screen.tap("start-visit")
    for name in ("mode", "with_whom", "companions"):
        answer(screen, name, answers[name])
    screen.tap("go-next")
    screen.wait_for("q-contact_result")
    answer(screen, "contact_result", "met_guardian")
    screen = restarted(phone, screen)
    screen.wait_for("q-contact_result-met_guardian")
    assert screen.marked("q-contact_result-met_guardian").get_attribute("aria-checked") == "true"
    assert drafts(phone.data) == 1 and "村委会李主任" in draft_texts(phone.data)
    screen.tap("go-back")
    screen.wait_for("q-companions")
    assert screen.marked("q-with_whom-cadre").get_attribute("aria-checked") == "true"
    return screen


def answered_with_a_supplement(school: SchoolServer, screen: Screen) -> None:
    """The returned visit is a thing to do on the phone; the teacher adds to it and sends it."""
    synced(school, screen)
    screen.open("/").see("家访被退回", REMARK)
    supplement(screen)
    synced(school, screen)


def assert_both_versions_are_shown(office: Office, phone: PhoneApp, visit: dict) -> None:
    """The office reads the supplement and still the first version; the first record is as it was."""
    shown = office.text()
    assert all(text in shown for text in ("第2版", "第1版", SUMMARY, ADDED)), shown
    first, second = sealed_visits(phone.data)
    assert first == visit and second["amends"] and attachments(second, "photo") == attachments(visit, "photo")


def assert_the_pad_keeps_every_finished_stroke(phone: PhoneApp, screen: Screen) -> None:
    """Two strokes are drawn, the app is killed, the third is drawn: all three are there."""
    read_and_sign(screen, SIGNATURE[:2], done=False)
    screen.see("已存 2 笔")  # a stroke that the app has not yet heard of is one in progress
    restarted(phone, screen).wait_for("pad")
    screen.draw("pad", SIGNATURE[2:]).see("已存 3 笔")
    screen.tap("sign-done")
    screen.wait_for("go-next")


def assert_the_office_sees_all_of_it(office: Office, school: SchoolServer, phone: PhoneApp, visit: dict) -> None:
    """Complete answers, byte-identical photos, the very strokes, an unbroken seal and its receipt."""
    shown = office.text()
    missing = [text for text in (SUMMARY, "3 笔", "一个字没有动过", "收据号") if text not in shown]
    assert not missing, f"{missing} not in:\n{shown}"
    assert office.photos() == office.photo_names() == attachments(visit, "photo")
    (strokes,) = attachments(visit, "signature")
    at_school = next(path for path in (school.data / "files").rglob(f"{strokes}*")).read_bytes()
    on_phone = next(path for path in (phone.data / "files").rglob(f"{strokes}*")).read_bytes()
    assert at_school == on_phone
    assert [len(stroke) >= 2 for stroke in json.loads(at_school)["strokes"]] == [True] * 3


def supplement(screen: Screen) -> None:
    """Answer the remark: open the returned visit from the child's page, change the summary, sign again, seal."""
    find_child(screen, "oyyj", "欧阳艳㛃")
    screen.see("家访被退回", REMARK)
    screen.tap("returned-1")
    screen.wait_for("remark")
    fill(screen, {"summary": Typed(SUMMARY + ADDED), "read_aloud": True})
    read_and_sign(screen)
    seal(screen)
