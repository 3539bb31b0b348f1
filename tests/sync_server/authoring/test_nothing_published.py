"""Whatever is uploaded: what cannot be a form is refused in words, and leaves no draft, no version and no line behind."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from assets import load_wording
from sync_server.authoring.complaints import Complaint, SheetsRefused
from sync_server.authoring.library import Library
from sync_server.store.accounts import Account
from sync_server.wiring import Wiring
from tests.sync_server.authoring.books import CASE, HEAD, SETTINGS, YES_NO, asked, opened, repacked, saved, workbook
from tests.sync_server.authoring.test_faults import CASE as CASE_ROW
from tests.sync_server.authoring.test_faults import FILES, LATE, OLE, ROWS, SHEET
from tests.sync_server.authoring.wps import WpsBook
from tests.sync_server.schoolhouse import SCHOOL, make_school

OFFICE = Account("a" * 32, SCHOOL, "office", "贾主任", ("academic_office",))
LAUGHS = '<!DOCTYPE sst [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE worksheet [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
CHOOSING = asked("单选", "here", "孩子在家吗？", 选项组="yn")


def merged() -> bytes:
    book = opened(workbook([CASE, asked(), asked(name="b")]))
    book["题目"].merge_cells("B2:B3")
    return saved(book)


def locked_inside() -> bytes:
    """Every part is marked as encrypted, as a packer with a password does."""
    content = bytearray(workbook([asked()]))
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


def understated() -> bytes:
    """A bomb: the directory says ten bytes, thirty megabytes come out."""
    content = bytearray(repacked(workbook([asked()]), {"xl/theme/theme9.xml": b"<a>" + bytes(30_000_000).replace(b"\0", b" ") + b"</a>"}))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 10)
    return bytes(content)


def bare(*sheets: str) -> bytes:
    kept = io.BytesIO(workbook([CASE, asked()]))
    book = opened(kept.getvalue())
    for name in sheets:
        book[name].delete_rows(1, 10)
    return saved(book)


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "billion laughs": (lambda: repacked(workbook([asked()]), {"xl/sharedStrings.xml": (LAUGHS + "<sst>&c;</sst>").encode()}), "file.document_type"),
    "outside entity": (lambda: repacked(workbook([asked()]), {SHEET: (OUTSIDE + "<worksheet>&f;</worksheet>").encode()}), "file.document_type"),
    "csv called xlsx": (lambda: "题型,变量名,题干\r\n文本,who,姓名\r\n".encode("utf-8-sig"), "file.text"),
    "et called xlsx": (lambda: OLE + "ET".encode("utf-16-le"), "file.old"),
    "locked parts": (locked_inside, "file.locked"),
    "understated bomb": (understated, "file.damaged"),
    "zip of nothing": (lambda: b"PK\x05\x06" + bytes(18), "file.other"),
    "merged cells": (merged, "merged"),
    "questions without anything": (lambda: bare("题目"), "sheet_missing"),
    "settings without anything": (lambda: bare("设置"), "sheet_missing"),
    "settings with headers only": (lambda: workbook([CASE, asked()], settings=SETTINGS[:1]), "settings_empty"),
    "no choices at all": (lambda: workbook([CASE, CHOOSING], choices=YES_NO[:1]), "row.list_unknown"),
    "the choices sheet is gone": (lambda: WpsBook({"题目": [HEAD, CASE, CHOOSING], "设置": SETTINGS}).content(), "row.list_unknown"),
    "two questions of one name": (lambda: workbook([CASE, asked(), asked()]), "row.name_twice"),
    "a Chinese name": (lambda: workbook([CASE, asked(name="姓名")]), "row.name_not_ascii"),
    "an unknown function": (lambda: workbook([CASE, asked(校验="frobnicate(.)")]), "cell.function_unknown"),
    "too many choices": (lambda: workbook([CASE, CHOOSING], [*YES_NO, *(("yn", f"v{n}", f"村{n}", "V") for n in range(13_000))]), "file.too_many_cells"),
}  # fmt: skip


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiring]:
    wiring = make_school(tmp_path_factory.mktemp("school"))
    yield wiring
    wiring.close()


def left_behind(school: Wiring) -> list[object]:
    tables = ("form", "form_draft", "form_sheets", "audit")
    with school.store.read() as conn:
        return [conn.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in tables]


def refused(school: Wiring, content: bytes) -> tuple[Complaint, ...]:
    """What the office is told; nothing may have changed."""
    before = left_behind(school)
    with pytest.raises(SheetsRefused) as caught:
        Library(school.store, SCHOOL, school.clock).take_in(OFFICE, content, True)
    assert left_behind(school) == before
    for complaint in caught.value.complaints:
        said = load_wording()(complaint.sentence, **complaint.facts)
        assert said.endswith(("。", "？", "！")) and not said.startswith("authoring.") and "{" not in said.replace("${", "")
    return tuple(caught.value.complaints)


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_a_form_is_refused_with_its_place(school: Wiring, kind: str) -> None:
    make, sentence = BAD[kind]
    complaints = refused(school, make())
    assert f"authoring.{sentence}" in {one.sentence for one in complaints}
    if sentence.startswith(("row.", "cell.")):
        assert all(one.sheet and one.row > 1 for one in complaints)


@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_another_kind_leaves_nothing_behind(school: Wiring, kind: str) -> None:
    refused(school, FILES[kind][0]())


@pytest.mark.parametrize("kind", [*ROWS, *LATE])
def test_a_fault_anywhere_leaves_nothing_behind(school: Wiring, kind: str) -> None:
    refused(school, workbook((ROWS.get(kind) or LATE[kind])[0]))


def test_long_lists_and_long_repeats_are_taken(school: Wiring) -> None:
    choices = [YES_NO[0], *(("village", f"v{n}", f"村{n}", f"V{n}") for n in range(5_000))]
    head = (*HEAD, "重复次数")
    survey = [
        CASE_ROW, asked("单选", "village", "哪个村？", 选项组="village"), [*asked("重复开始", "member", "家人"), "200"],
        asked("整数", "age", "几岁？"), ["重复结束"],
    ]  # fmt: skip
    examined = Library(school.store, SCHOOL, school.clock).take_in(OFFICE, workbook(survey, choices, head=head), True)
    assert examined.compiled.xml.count(b"<name>v") == 5_000 and b"200" in examined.compiled.xml
