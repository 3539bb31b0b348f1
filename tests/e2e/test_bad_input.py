"""What a teacher may do wrong, or the world to a teacher: each gets a clear sentence, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.screen import Screen
from tests.e2e.visit_form import answer
from tests.whole.link import Link
from tests.whole.phone_files import draft_texts, kept_files
from tests.whole.processes import free_port
from tests.whole.story import PhoneApp, SchoolServer


@pytest.fixture
def fresh(school: SchoolServer, phone: PhoneApp, screen: Screen) -> Screen:
    """A phone that belongs to nobody yet, and a school that runs."""
    school.start()
    phone.start()
    return screen.open()


@pytest.fixture
def portal(school: SchoolServer) -> Iterator[Link]:
    """A network that answers everything with its own login page."""
    way = Link(school.port)
    way.portal = True
    yield way
    way.close()


def enrol(screen: Screen, code: str, server: str | None = None) -> None:
    if server:
        screen.type("server", server)
    screen.type("code", code)
    screen.tap("enrol")


def test_wrong_code_used_code_and_unreachable_school_are_told_apart(
    school: SchoolServer, fresh: Screen, portal: Link
) -> None:
    enrol(fresh, "AAAA-3333")
    fresh.told("登记码不对", "本机没有任何改动")
    enrol(fresh, school.enrol_code(), f"http://127.0.0.1:{free_port()}")
    fresh.told("没连上学校的服务器")
    enrol(fresh, school.enrol_code(), portal.url)
    fresh.told("不是学校的服务器")
    code = school.enrol_code()
    enrol(fresh, code, school.url)
    fresh.wait_for("sync-done")


def test_a_captive_portal_at_sync_is_told_and_the_visit_stays_safe(
    school: SchoolServer, phone: PhoneApp, screen: Screen, tmp_path: Path
) -> None:
    school.start()
    way = Link(school.port)
    phone.environment["JIAFANG_SERVER"] = way.url
    phone.start()
    screen.open()
    enrol(screen, school.enrol_code())
    screen.wait_for("sync-done")
    way.portal = True
    screen.tap("sync")
    screen.see("不是学校的服务器")
    way.portal = False
    before = school.pulls()
    screen.tap("sync")
    school.wait_for_pull(before)
    way.close()


def test_files_that_are_no_photo_and_endless_text_are_refused_in_plain_words(
    school: SchoolServer, phone: PhoneApp, fresh: Screen, tmp_path: Path
) -> None:
    enrol(fresh, school.enrol_code())
    fresh.wait_for("sync-done")
    fresh.tap("task-1")
    fresh.tap("start-visit")
    for name, choice in (("mode", "door"), ("with_whom", ["cadre"])):
        answer(fresh, name, choice)
    fresh.tap("go-next")
    answer(fresh, "contact_result", "no_one_home")
    reach_photos(fresh)
    text = tmp_path / "letter.jpg"
    text.write_text("this is a letter, not a picture")
    huge = tmp_path / "huge.jpg"
    huge.write_bytes(b"\xff\xd8\xff" + bytes(40 * 1024 * 1024))
    before = kept_files(phone.data)
    for wrong, said in ((text, "这个文件打不开"), (huge, "照片太大")):
        fresh.choose_file("q-photos_door", wrong)
        fresh.told(said, "已保存")
    assert kept_files(phone.data) == before and "no_one_home" in draft_texts(phone.data)


def reach_photos(screen: Screen) -> None:
    """On to the page with the photo of the closed door; what is still open on the way is skipped."""
    for _ in range(12):
        if screen.has("q-photos_door"):
            return
        screen.tap("go-next")
        screen.page.wait_for_timeout(900)
    raise AssertionError(screen.text())
