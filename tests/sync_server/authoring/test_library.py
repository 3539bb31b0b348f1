"""Drafts, publishing and withdrawing: who may, what is kept, what phones are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from casebook.errors import NoSuchPage, NotAllowed
from casebook.protocol import PushRequest, from_json
from sync_server import founding
from sync_server.authoring import library, renewing
from sync_server.authoring.changes import changes
from sync_server.authoring.complaints import SheetsRefused
from sync_server.authoring.library import Library, Supplied, remarks_of
from sync_server.authoring.reading import read_workbook_file
from sync_server.authoring.writing import write_workbook
from sync_server.forms import compile_workbook
from sync_server.store import audit, devices, forms, migrations, rows
from sync_server.store.accounts import Account
from sync_server.store.engine import Store
from sync_server.wiring import Wiring
from tests.sync_server.authoring.books import FORMS, bundled, download, opened, put, row_of, saved
from tests.sync_server.older_store import go_back
from tests.sync_server.schoolhouse import SCHOOL, Phone, make_school, push_body, version_of

VERSION = version_of("absence_visit")
AUTHORS = ("principal", "academic_office", "registrar")


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = make_school(tmp_path)
    form = compile_workbook(bundled("absence_visit"))
    wiring.store.run_tx(lambda conn: library.publish(conn, SCHOOL, form, wiring.now()))
    yield wiring
    wiring.close()


@pytest.fixture
def shelf(school: Wiring) -> Library:
    return Library(school.store, SCHOOL, school.clock)


def author(school: Wiring, *roles: str) -> Account:
    return Account("a" * 32, SCHOOL, "principal", "P", roles or ("principal",))


def changed(label: str = "和您同去的老师") -> bytes:
    book = opened(download("absence_visit"))
    put(book["题目"], row_of(book["题目"], "covisitors"), **{"题干(中文)": label})
    return saved(book)


def published(school: Wiring, version: str) -> dict[str, object] | None:
    with school.store.read() as conn:
        return rows.one(conn, SCHOOL, "forms", f"absence_visit@{version}")


def acts(school: Wiring) -> list[tuple[str, str]]:
    with school.store.read() as conn:
        return [(line.act, line.subject) for line in reversed(audit.newest(conn, SCHOOL))]


@pytest.mark.parametrize("role", AUTHORS)
def test_authors_may(school: Wiring, shelf: Library, role: str) -> None:
    who = author(school, role)
    version = shelf.take_in(who, changed(), True).compiled.version
    assert shelf.publish(who, "absence_visit", shelf.file(who, "absence_visit").draft.sha256)  # type: ignore[union-attr]
    assert published(school, version)


@pytest.mark.parametrize("role", ["deputy", "class_teacher", "moral_edu", "grade_director", "duty_checker"])
def test_nobody_else_may(school: Wiring, shelf: Library, role: str) -> None:
    who = author(school, role)
    for act in (
        lambda: shelf.files(who), lambda: shelf.file(who, "absence_visit"), lambda: shelf.supplied(who),
        lambda: shelf.xform(who, "absence_visit", VERSION), lambda: shelf.sheets(who, "absence_visit", VERSION),
        lambda: shelf.take_in(who, changed(), True), lambda: shelf.adopt(who, "call_log"),
        lambda: shelf.publish(who, "absence_visit", ""), lambda: shelf.discard(who, "absence_visit"),
        lambda: shelf.offer(who, "absence_visit", False),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            act()
    assert acts(school) == []


def test_an_upload_changes_nothing_until_it_is_published(school: Wiring, shelf: Library) -> None:
    who = author(school)
    examined = shelf.take_in(who, changed(), True)
    assert published(school, examined.compiled.version) is None
    file = shelf.file(who, "absence_visit")
    assert file.draft and file.draft.sha256 == examined.compiled.sha256
    assert shelf.publish(who, "absence_visit", file.draft.sha256)
    value = published(school, examined.compiled.version)
    assert value and value["sha256"] == examined.compiled.sha256 and "和您同去的老师" in str(value["xml"])
    file = shelf.file(who, "absence_visit")
    assert file.draft is None
    assert [version.form.version for version in file.versions] == [examined.compiled.version, VERSION]
    assert [version.account for version in file.versions] == [who.id, None]
    assert acts(school) == [("upload_form", "form:absence_visit"), ("publish_form", "form:absence_visit")]


def test_the_old_version_stays_as_it_was(school: Wiring, shelf: Library) -> None:
    before, who = published(school, VERSION), author(school)
    draft = shelf.take_in(who, changed(), True).compiled
    assert shelf.publish(who, "absence_visit", draft.sha256)
    assert published(school, VERSION) == before


def test_what_was_not_seen_is_not_published(school: Wiring, shelf: Library) -> None:
    who = author(school)
    first = shelf.take_in(who, changed("一"), True).compiled
    second = shelf.take_in(who, changed("二"), True).compiled
    assert not shelf.publish(who, "absence_visit", first.sha256)
    assert shelf.publish(who, "absence_visit", second.sha256)
    assert not shelf.publish(who, "absence_visit", second.sha256)
    newest = shelf.file(who, "absence_visit").newest
    assert newest and newest.form.sha256 == second.sha256


def test_a_faulty_upload_leaves_everything_as_it_was(school: Wiring, shelf: Library) -> None:
    who = author(school)
    book = opened(download("absence_visit"))
    put(book["题目"], row_of(book["题目"], "covisitors"), 变量名="同行")
    with pytest.raises(SheetsRefused):
        shelf.take_in(who, saved(book), True)
    assert shelf.file(who, "absence_visit").draft is None
    assert acts(school) == []


def test_an_unchanged_upload_is_told_so(school: Wiring, shelf: Library) -> None:
    with pytest.raises(SheetsRefused) as caught:
        shelf.take_in(author(school), download("absence_visit"), True)
    assert caught.value.complaints[0].sentence == "authoring.unchanged"
    assert caught.value.complaints[0].facts == {"version": VERSION}


def test_a_new_form_is_taken_and_published(school: Wiring, shelf: Library) -> None:
    who = author(school)
    book = opened(download("call_log"))
    book["设置"]["A2"] = "我校的电话记录"
    put(book["设置"], 2, 表编号="our_calls", 版本="5")
    draft = shelf.take_in(who, saved(book), False).compiled
    assert (draft.form_id, draft.version, draft.titles["zh"]) == ("our_calls", "5", "我校的电话记录")
    assert shelf.file(who, "our_calls").versions == ()
    assert shelf.publish(who, "our_calls", draft.sha256)
    assert shelf.file(who, "our_calls").offered


def test_a_draft_may_be_thrown_away(school: Wiring, shelf: Library) -> None:
    who = author(school)
    shelf.take_in(who, changed(), True)
    shelf.discard(who, "absence_visit")
    shelf.discard(who, "absence_visit")
    assert shelf.file(who, "absence_visit").draft is None
    assert acts(school)[1:] == [("discard_form", "form:absence_visit")]


def test_a_withdrawn_form_is_no_longer_offered_but_stays_on_phones(school: Wiring, shelf: Library) -> None:
    who = author(school)
    shelf.offer(who, "absence_visit", False)
    shelf.offer(who, "absence_visit", False)
    value = published(school, VERSION)
    assert value and value["offered"] is False and value["xml"]
    assert not shelf.file(who, "absence_visit").offered
    shelf.offer(who, "absence_visit", True)
    again = published(school, VERSION)
    assert again and "offered" not in again
    assert acts(school) == [("withdraw_form", "form:absence_visit"), ("offer_form", "form:absence_visit")]


def test_sheets_of_every_version_are_kept(school: Wiring, shelf: Library) -> None:
    who = author(school)
    draft = shelf.take_in(who, changed(), True).compiled
    assert shelf.publish(who, "absence_visit", draft.sha256)
    old, new = (shelf.sheets(who, "absence_visit", version) for version in (VERSION, draft.version))
    assert old and old.rows == bundled("absence_visit").rows
    assert new and compile_workbook(new).sha256 == draft.sha256
    assert [(change.kind, change.name, change.before, change.after) for change in changes(old, new)] == [
        ("changed", "covisitors", "同行老师的姓名", "和您同去的老师")
    ]


def test_a_version_published_before_sheets_were_kept_is_found_in_the_program(school: Wiring, shelf: Library) -> None:
    school.store.run_tx(lambda conn: conn.execute(text("DELETE FROM form_sheets")))
    kept = shelf.sheets(author(school), "absence_visit", VERSION)
    assert kept and kept.rows == bundled("absence_visit").rows
    school.store.run_tx(lambda conn: conn.execute(text("UPDATE form SET sha256 = 'other'")))
    assert shelf.sheets(author(school), "absence_visit", VERSION) is None


def test_forms_of_the_program_can_be_taken_over(school: Wiring, shelf: Library) -> None:
    who = author(school)
    assert {one.form_id for one in shelf.supplied(who)} == set(FORMS) - {"absence_visit"}
    draft = shelf.adopt(who, "call_log").compiled
    assert "call_log" not in {one.form_id for one in shelf.supplied(who)}
    assert shelf.publish(who, "call_log", draft.sha256)
    assert draft.sha256 == compile_workbook(bundled("call_log")).sha256
    with pytest.raises(NoSuchPage):
        shelf.adopt(who, "call_log")


def test_what_was_repaired_and_remarked_is_kept_with_the_draft(school: Wiring, shelf: Library) -> None:
    who, book = author(school), opened(download("absence_visit"))
    put(book["题目"], row_of(book["题目"], "covisitors"), 显示条件="selected（${with_whom}，‘teacher’）")
    book["题目"].cell(1, book["题目"].max_column + 1).value = "备注"
    shelf.take_in(who, saved(book), True)
    notes = remarks_of(shelf.file(who, "absence_visit").draft)  # type: ignore[arg-type]
    assert notes["repairs"][0]["after"] == "selected(${with_whom},'teacher')"
    assert notes["remarks"][0]["sentence"] == "authoring.column_unknown"
    assert notes["renumbered"]


def test_unknown_forms_and_versions_are_no_page(school: Wiring, shelf: Library) -> None:
    for ask in (lambda: shelf.file(author(school), "x"), lambda: shelf.xform(author(school), "absence_visit", "9")):
        with pytest.raises(NoSuchPage):
            ask()


def test_visits_are_counted_by_the_version_they_were_made_with(school: Wiring, shelf: Library) -> None:
    phone = Phone().enrol(school)
    with school.store.read() as conn:
        device = devices.by_id(conn, SCHOOL, phone.dev)
    assert device
    for number in range(3):
        school.intake.push(device, from_json(PushRequest, push_body(phone.visit(f"v{number}"))))
    assert [version.visits for version in shelf.file(author(school), "absence_visit").versions] == [3]


def test_an_older_store_learns_the_versions_of_its_visits(tmp_path: Path) -> None:
    """The step that adds the column reads them from the sealed records."""
    wiring = make_school(tmp_path)
    phone = Phone().enrol(wiring)
    with wiring.store.read() as conn:
        device = devices.by_id(conn, SCHOOL, phone.dev)
    assert device
    wiring.intake.push(device, from_json(PushRequest, push_body(phone.visit("v1"))))
    go_back(wiring.store, "0001")
    wiring.close()
    store = Store(wiring.settings.store_url)
    migrations.upgrade(store)
    with store.read() as conn:
        assert conn.execute(text("SELECT visit, form_version FROM visit")).all() == [("v1", VERSION)]
    store.close()


def test_reading_back_what_was_published_gives_the_same_form(school: Wiring, shelf: Library) -> None:
    kept = shelf.sheets(author(school), "absence_visit", VERSION)
    assert kept
    again = read_workbook_file(write_workbook(kept, True)).workbook
    with school.store.read() as conn:
        known = forms.sha256_of(conn, SCHOOL, "absence_visit", VERSION)
    assert compile_workbook(again).sha256 == known


def test_an_upgrade_publishes_new_versions_of_forms_that_the_school_uses_as_they_came(
    school: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program_brings(monkeypatch, "absence_visit", f"{VERSION}1")
    (news,) = founding.upgrade(school.settings, school.clock)
    assert (news.form.form_id, news.form.version, news.own) == ("absence_visit", f"{VERSION}1", False)
    assert published(school, f"{VERSION}1") and published(school, VERSION)
    assert founding.upgrade(school.settings, school.clock) == []


@pytest.mark.parametrize("state", ["changed", "being changed", "withdrawn"])
def test_an_upgrade_leaves_a_form_that_the_school_made_its_own_to_the_office(
    school: Wiring, shelf: Library, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    who = author(school)
    if state == "withdrawn":
        shelf.offer(who, "absence_visit", False)
    else:
        draft = shelf.take_in(who, changed(), True).compiled.sha256
        assert state == "being changed" or shelf.publish(who, "absence_visit", draft)
    _program_brings(monkeypatch, "absence_visit", f"{VERSION}1")
    (news,) = founding.upgrade(school.settings, school.clock)
    assert news.own and published(school, f"{VERSION}1") is None
    if state != "being changed":
        assert [one.form_id for one in shelf.supplied(who)] == ["absence_visit"]


def test_a_school_gets_a_form_that_the_program_did_not_have_before(
    school: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program_brings(monkeypatch, "call_log", version_of("call_log"))
    assert [news.form.form_id for news in founding.upgrade(school.settings, school.clock)] == ["call_log"]
    with school.store.read() as conn:
        assert forms.sha256_of(conn, SCHOOL, "call_log", version_of("call_log"))


def _program_brings(monkeypatch: pytest.MonkeyPatch, form_id: str, version: str) -> None:
    """The program has this one form, in this version."""
    workbook = bundled(form_id)
    sheets = workbook.rows | {"settings": [{**workbook.rows["settings"][0], "version": version}]}
    newer = replace(workbook, rows=sheets)
    monkeypatch.setattr(library, "supplied_forms", lambda: (Supplied(form_id, version),))
    monkeypatch.setattr(renewing, "bundled_forms", lambda left_out: [] if left_out else [compile_workbook(newer)])
