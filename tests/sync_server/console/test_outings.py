"""Visits of one going to one door stand side by side, for those who may see them; a photo used elsewhere is noticed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from casebook.casefile import fold
from casebook.records import decode
from sync_server.sample.fieldwork import SealedVisit
from tests.sync_server.console.campus import LIHUA, VISITED, WANG, Campus

COMPANY = "/data/visit/with_whom"
LATER = VISITED + dt.timedelta(minutes=20)


def same_photos(campus: Campus, first: SealedVisit, second: SealedVisit, **body: object) -> SealedVisit:
    """The second visit with the first one's photos, and with these parts of the body."""
    one, two = decode(first.sealed.payload), decode(second.sealed.payload)
    photos = [attachment for attachment in one.att if attachment.role == "photo"]
    others = [attachment for attachment in two.att if attachment.role != "photo"]
    files = {**second.files, **{photo.sha256: first.files[photo.sha256] for photo in photos}}
    made = campus.rewritten(second, att=(*photos, *others), body=body)
    kept = {attachment.sha256 for attachment in (*photos, *others)}
    return replace(made, files={sha256: file for sha256, file in files.items() if sha256 in kept})


def pair(campus: Campus, **more: object) -> tuple[str, str]:
    """A visit to the brother and, in the same outing, one to the sister in another class."""
    first = campus.visit(WANG)
    carried = {COMPANY: {"visit": first.visit, "answered": VISITED.isoformat()}}
    body = {"outing": first.visit, "arrived": VISITED.isoformat(), "carried": carried, **more}
    second = campus.rewritten(campus.visit(LIHUA, started=LATER), body=body)
    return campus.receive(first), campus.receive(second)


def test_each_names_the_other_with_a_link(campus: Campus) -> None:
    one, two = pair(campus)
    browser = campus.browser("principal")
    assert "同一次走访 另外 1 份记录： 李花 · 未到校家访" in browser.text(f"/visits/{one}")
    assert "王小明 · 未到校家访" in browser.text(f"/visits/{two}").split("另外 1 份记录：")[1]
    assert f'href="/visits/{two}"' in browser.get(f"/visits/{one}").text


@pytest.mark.parametrize(("login", "sees"), [("moral", True), ("teacher82", True), ("director8", False)])
def test_only_children_one_may_see_are_named(campus: Campus, login: str, sees: bool) -> None:
    one, two = pair(campus)
    page = campus.browser(login).get(f"/visits/{one}").text
    assert ("李花" in page) == (two in page) == sees


def test_visits_of_another_outing_or_author_are_not_named(campus: Campus) -> None:
    one, _ = pair(campus)
    campus.receive(campus.visit(LIHUA, started=LATER))
    stranger = campus.rewritten(campus.visit(LIHUA, "fellow"), "fellow", body={"outing": one})
    campus.receive(stranger)
    assert "另外 1 份记录" in campus.browser("principal").text(f"/visits/{one}")


def test_a_visit_alone_says_nothing_of_an_outing(campus: Campus) -> None:
    visit = campus.receive(campus.visit())
    assert "同一次走访" not in campus.browser("principal").text(f"/visits/{visit}")


def test_carried_answers_are_marked_with_the_time_they_were_given(campus: Campus) -> None:
    one, two = pair(campus)
    browser = campus.browser("principal")
    assert browser.text(f"/visits/{two}").count("沿用") == 1
    assert "11月20日（周四） 16:20填的" in browser.get(f"/visits/{two}").text
    assert "沿用" not in browser.text(f"/visits/{one}")


@pytest.mark.parametrize("carried", [7, {COMPANY: "x"}, {COMPANY: {"answered": 5}}, {"/data/none": {}}], ids=str)
def test_what_a_strange_phone_says_of_carrying_breaks_no_page(campus: Campus, carried: object) -> None:
    _, two = pair(campus, carried=carried, arrived="yesterday")
    assert "李花" in campus.browser("principal").text(f"/visits/{two}")


def test_a_photo_shared_within_the_outing_counts_for_both(campus: Campus) -> None:
    first = campus.visit(WANG)
    body = {"outing": first.visit, "arrived": VISITED.isoformat()}
    campus.receive(first)
    two = campus.receive(same_photos(campus, first, campus.visit(LIHUA, started=LATER), **body))
    assert "现场照片 现场拍的 2 张 20 / 20" in campus.browser("principal").text(f"/visits/{two}")


def test_a_photo_of_another_outing_is_noticed_whatever_the_child(campus: Campus) -> None:
    first = campus.visit(WANG)
    one = campus.receive(first)
    two = campus.receive(same_photos(campus, first, campus.visit(LIHUA, started=LATER)))
    browser = campus.browser("principal")
    assert "现场照片 有 2 张以前别的家访用过 0 / 20" in browser.text(f"/visits/{two}")
    assert "现场照片 现场拍的 2 张 20 / 20" in browser.text(f"/visits/{one}")  # the first one took them


def test_the_fold_does_not_look_at_the_outing(campus: Campus) -> None:
    pair(campus)
    file = campus.case_file(LIHUA)
    bare = [replace(entry, record=replace(entry.record, body={
        name: value for name, value in entry.record.body.items() if name not in ("outing", "arrived", "carried")}))
        for entry in file.timeline()]  # fmt: skip
    assert {prop: fold(LIHUA, bare).values(prop) for prop in file.properties()} == {
        prop: file.values(prop) for prop in file.properties()} != {}  # fmt: skip
