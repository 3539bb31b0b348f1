"""Whatever is wrong with an uploaded file is told in the author's language, with sheet, row and cell; nothing crashes."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets import load_wording
from sync_server.authoring.complaints import Complaint, SheetsRefused
from sync_server.authoring.examining import read
from sync_server.authoring.grids import MAX_COLUMNS, MAX_ROWS
from sync_server.authoring.parcel import MAX_FILE_BYTES
from tests.sync_server.authoring.books import (
    HEAD,
    SETTINGS,
    YES_NO,
    asked,
    download,
    opened,
    passed,
    places,
    put,
    refused,
    repacked,
    row_of,
    saved,
    workbook,
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
SHEET = "xl/worksheets/sheet1.xml"
CASE = ["隐藏", "", "case"]


def zipped(**parts: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return kept.getvalue()


def with_doctype(part: str, encoding: str = "utf-8") -> bytes:
    text = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><worksheet><sheetData/></worksheet>'
    if encoding != "utf-8":
        text = text.replace('"1.0"', f'"1.0" encoding="{encoding}"')
    return repacked(workbook([asked()]), {part: text.encode(encoding)})


def lying_about_its_size() -> bytes:
    """A directory entry that claims four gigabytes."""
    content = bytearray(workbook([asked()]))
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 0xFFFFFFF0)
    return bytes(content)


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "file.empty"),
    "xls": (lambda: OLE, "file.old"),
    "et": (lambda: OLE + "Workbook".encode("utf-16-le"), "file.old"),
    "password": (lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "file.locked"),
    "csv": (lambda: "type,name\n文本,who\n".encode(), "file.text"),
    "gbk csv": (lambda: "题型,变量名\n文本,who\n".encode("gb18030"), "file.text"),
    "ods": (lambda: zipped(content_dot_xml=b"<a/>", mimetype=b"x"), "file.open_document"),
    "xlsb": (lambda: zipped(xl__workbook_dot_bin=b"x"), "file.binary"),
    "docx": (lambda: zipped(word__document_dot_xml=b"<a/>"), "file.other"),
    "pdf": (lambda: b"%PDF-1.7\n", "file.other"),
    "picture": (lambda: b"\xff\xd8\xff\xe0" + bytes(64), "file.other"),
    "web page": (lambda: b"<html><body>", "file.other"),
    "half a file": (lambda: download("absence_visit")[:9000], "file.damaged"),
    "broken xml": (lambda: repacked(workbook([asked()]), {SHEET: b"<worksheet><sheetData>"}), "file.damaged"),
    "no relations": (lambda: zipped(xl__workbook_dot_xml=b"<workbook/>"), "file.damaged"),
    "doctype": (lambda: with_doctype(SHEET), "file.document_type"),
    "doctype in utf-16": (lambda: with_doctype(SHEET, "utf-16"), "file.document_type"),
    "doctype in styles": (lambda: with_doctype("xl/styles.xml"), "file.document_type"),
    "too large": (lambda: b"PK\x03\x04" + bytes(MAX_FILE_BYTES), "file.too_large"),
    "bomb": (lambda: repacked(workbook([asked()]), {"xl/media/a.bin": bytes(40_000_000)}), "file.too_much_inside"),
    "many parts": (lambda: repacked(workbook([asked()]), {f"x/{n}": b"" for n in range(500)}), "file.too_much_inside"),
    "lying": (lying_about_its_size, "file.too_much_inside"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_no_form_is_refused_with_what_to_do(kind: str) -> None:
    make, sentence = FILES[kind]
    (complaint,) = refused(make())
    assert complaint.sentence == f"authoring.{sentence}"
    said = load_wording()(complaint.sentence, **complaint.facts)
    assert said.endswith("。") and "—" not in said


_SAMPLE = workbook([asked()])


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", OLE[:8]]))
def test_no_bytes_crash_the_reader(tail: bytes, head: bytes) -> None:
    with pytest.raises(SheetsRefused):
        read(head + tail)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_crashes_the_reader(data: st.DataObject) -> None:
    content = bytearray(_SAMPLE)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(content))
    except SheetsRefused as error:
        assert error.complaints


def test_a_sheet_that_reaches_too_far_is_refused() -> None:
    for row, at in ((MAX_ROWS + 1, 1), (2, MAX_COLUMNS + 1)):
        book = opened(workbook([asked()]))
        book["题目"].cell(row, at).value = "x"
        assert [one.sentence for one in refused(saved(book))] == ["authoring.file.too_many_cells"]


def test_formats_far_below_the_last_row_do_no_harm() -> None:
    book = opened(workbook([CASE, asked()]))
    book["题目"].cell(100_000, 3).number_format = "@"
    assert passed(saved(book)).compiled.form_id == "sample"


def test_merged_cells_are_refused_with_their_place() -> None:
    book = opened(workbook([asked(), asked(name="b")]))
    book["题目"].merge_cells("D2:D3")
    book["选项"].merge_cells("A2:A3")
    complaints = refused(saved(book))
    assert [(one.sentence, one.sheet, one.facts["cells"]) for one in complaints] == [
        ("authoring.merged", "题目", "D2:D3"), ("authoring.merged", "选项", "A2:A3"),
    ]  # fmt: skip


def test_merged_cells_of_other_sheets_are_nobodys_business() -> None:
    book = opened(workbook([CASE, asked()], 备忘=(("a", "b"),)))
    book["备忘"].merge_cells("A1:B1")
    assert passed(saved(book))


def test_a_formula_without_a_result_is_named_and_one_with_a_result_is_its_value() -> None:
    book = opened(workbook([CASE, asked()]))
    book["题目"]["D3"] = "=1+1"
    content = saved(book)
    (complaint,) = refused(content)
    assert (complaint.sentence, complaint.facts["cell"]) == ("authoring.formula_failed", "D3")
    part = next(name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if b"1+1" in zipfile.ZipFile(io.BytesIO(content)).read(name))
    sheet = zipfile.ZipFile(io.BytesIO(content)).read(part)
    solved = sheet.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>").replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
    assert solved != sheet
    assert read(repacked(content, {part: solved})).workbook.rows["survey"][1]["label::中文 (zh)"] == "2"


@pytest.mark.parametrize("sheet", ["题目", "设置"])
def test_a_missing_sheet_is_named_as_the_author_calls_it(sheet: str) -> None:
    book = opened(workbook([asked()]))
    del book[sheet]
    (complaint,) = refused(saved(book))
    assert sheet in load_wording()(complaint.sentence, **complaint.facts)


def test_changing_a_case_needs_the_list_of_cases() -> None:
    entity = (("名单", "个案编号"), ("cases", "${case}"))
    (complaint,) = refused(workbook([CASE, asked()], 个案属性=entity))
    assert places([complaint]) == [("row.list_undeclared", "个案属性", 2, "名单")]
    assert "外部名单" in load_wording()(complaint.sentence, **complaint.facts)


def test_two_sheets_or_columns_of_the_same_meaning_are_refused() -> None:
    (complaint,) = refused(workbook([asked()], **{"survey ": (("type", "name"),)}))
    assert (complaint.sentence, complaint.sheet, complaint.facts["other"]) == ("authoring.sheet_twice", "survey ", "题目")
    twice = workbook([[*asked(), "x"]], head=(*HEAD, "label::中文 (zh)"))
    assert places(refused(twice)) == [("column_twice", "题目", 1, "label::中文 (zh)")]


ROWS: dict[str, tuple[list[list[str]], list[tuple[str, str, int, str]]]] = {
    "type missing": ([asked("")], [("row.type_missing", "题目", 2, "题型")]),
    "type unknown": ([asked("单項")], [("row.type_unknown", "题目", 2, "题型")]),
    "list blank": ([asked("单选")], [("row.list_blank", "题目", 2, "题型")]),
    "list unknown": ([asked("多选", 选项组="colours")], [("row.list_unknown", "题目", 2, "题型")]),
    "list needless": ([asked("文本", 选项组="yn")], [("row.list_needless", "题目", 2, "选项组")]),
    "list elsewhere": ([asked("名单单选", 选项组="towns.csv")], [("row.list_elsewhere", "题目", 2, "题型")]),
    "file elsewhere": ([asked("外部名单", "towns", "")], [("row.list_elsewhere", "题目", 2, "变量名")]),
    "name blank": ([asked(name="")], [("row.name_blank", "题目", 2, "变量名")]),
    "name in Chinese": ([asked(name="姓名")], [("row.name_not_ascii", "题目", 2, "变量名")]),
    "name with blank": ([asked(name="1 st")], [("row.name_wrong", "题目", 2, "变量名")]),
    "name twice": ([asked(), asked(name="b"), asked(name="WHO")], [("row.name_twice", "题目", 4, "变量名")]),
    "label blank": ([asked(label="")], [("row.label_blank", "题目", 2, "")]),
    "calculation blank": ([asked("计算", "c")], [("row.calculation_blank", "题目", 2, "计算")]),
    "office property": ([asked(写入属性="case_no")], [("row.office_property", "题目", 2, "写入属性")]),
    "end alone": ([asked(), ["分组结束"]], [("row.end_alone", "题目", 3, "题型")]),
    "never ends": ([asked("分组开始", "g"), asked()], [("row.never_ends", "题目", 2, "题型")]),
    "wrong end": ([asked("分组开始", "g"), asked(), ["重复结束"], ["分组结束"]], [("row.end_alone", "题目", 4, "题型")]),
    "reference unknown": ([asked(显示条件="${nobody} = 1")], [("cell.reference_unknown", "题目", 2, "显示条件")]),
    "reference in label": ([asked(label="${wha}", name="what")], [("cell.reference_near", "题目", 2, "题干（中文）")]),
    "reference open": ([asked(name="a"), asked(显示条件="${a = 1")], [("cell.reference_open", "题目", 3, "显示条件")]),
    "function unknown": ([asked(校验="frobnicate(.)")], [("cell.function_unknown", "题目", 2, "校验")]),
    "function near": ([asked(校验="select(., 'a')")], [("cell.function_near", "题目", 2, "校验")]),
    "arguments": ([asked(校验="regex(.)")], [("cell.arguments", "题目", 2, "校验")]),
    "bracket": ([asked(校验="(. > 1")], [("cell.bracket", "题目", 2, "校验")]),
    "quote": ([asked(校验=". = 'a")], [("cell.bracket", "题目", 2, "校验")]),
    "unreadable": ([asked(校验=". = = 1")], [("cell.unreadable", "题目", 2, "校验")]),
    "neither yes nor no": ([asked(必填="是的")], [("cell.yes_no", "题目", 2, "必填")]),
    "name without braces": ([asked(), asked(name="b", 显示条件="who = 'a'")], [("cell.bare_name", "题目", 3, "显示条件")]),
    "filter by nothing": ([asked("单选", 选项组="yn", 选项筛选="town = 'x'")], [("cell.filter_column", "题目", 2, "选项筛选")]),
}  # fmt: skip


@pytest.mark.parametrize("kind", ROWS)
def test_a_fault_is_told_with_its_cell(kind: str) -> None:
    survey, expected = ROWS[kind]
    complaints = refused(workbook(survey))
    if kind == "reference in label":
        assert ("cell.reference_near", "题目", 2, "题干（中文）") in places(complaints)
    else:
        assert places(complaints) == expected
    for locale in ("zh_CN", "en"):
        said = load_wording(locale)(complaints[0].sentence, **complaints[0].facts)
        assert not said.startswith("authoring.") and "—" not in said


def test_all_faults_are_told_at_once_in_the_order_of_the_sheets() -> None:
    survey = [asked(), asked("文本", "姓名"), [], asked(name="c", 校验="(. > 1"), asked("单选", "d", 选项组="x")]
    choices = (*YES_NO, ("yn", "y", "又是"), ("yn", "a b", "空格"), ("", "z", "无组"), ("yn", "q", ""))
    settings = (SETTINGS[0], ("", "Sample Form", "一版", "English (xx)", ""))
    complaints = refused(workbook(survey, choices, settings))
    assert places(complaints) == [
        ("row.name_not_ascii", "题目", 3, "变量名"), ("cell.bracket", "题目", 5, "校验"), ("row.list_unknown", "题目", 6, "题型"),
        ("row.choice_twice", "选项", 4, "选项值"), ("row.choice_spaced", "选项", 5, "选项值"),
        ("row.choice_blank", "选项", 6, "选项组"), ("row.choice_label", "选项", 7, ""),
        ("setting_blank", "设置", 0, ""), ("form_id_wrong", "设置", 2, "表编号"), ("version_wrong", "设置", 2, "版本"),
        ("language_unknown", "设置", 2, "默认语言"),
    ]  # fmt: skip
    assert complaints[0].content == "姓名"


LATE: dict[str, tuple[list[list[str]], str, str]] = {
    "circle": ([asked("计算", "a", 计算="${b} + 1"), asked("计算", "b", 计算="${a} + 1")], "forms.lint.circle", "a → b"),
    "shown by itself": ([asked(), asked(name="b", 显示条件="${b} = 1")], "forms.lint.circle", "b"),
    "unknown list": ([asked("计算", "a", 计算="instance('x')/root/item[name = 1]/label")], "forms.lint.unknown_list", "x"),
    "bad pattern": ([asked(校验="regex(., '[')")], "forms.lint.pattern", "who"),
    "stored truth": ([asked(), asked("计算", "t", 计算="${who} = 'x'"), asked(name="c", 显示条件="${t}")], "forms.lint.stored_truth", "c"),
}


@pytest.mark.parametrize("kind", LATE)
def test_what_only_the_whole_form_shows_is_told_in_words(kind: str) -> None:
    survey, sentence, names = LATE[kind]
    complaint = refused(workbook(survey))[0]
    assert (complaint.sentence, complaint.sheet) == (sentence, "题目")
    assert complaint.row > 1
    said = load_wording()(complaint.sentence, **complaint.facts)
    assert names.split()[0] in said and "/data/" not in said


def test_a_rule_of_the_compiler_keeps_its_row_although_rows_are_blank() -> None:
    survey = [[*asked(), ""], [], [], [*asked("拍照", "p", "照片"), "pixels=1"]]
    (complaint,) = refused(workbook(survey, head=(*HEAD, "参数")))
    assert (complaint.sentence, complaint.facts["sheet"], complaint.facts["row"]) == ("authoring.parameter_wrong", "题目", 5)


def test_a_list_of_five_thousand_choices_is_taken() -> None:
    choices = [("选项组", "选项值", "选项文字(中文)", "选项文字(英文)"), *(("village", f"v{n}", f"村{n}", f"V{n}") for n in range(5000))]
    examined = passed(workbook([CASE, asked("单选", "village", "哪个村？", 选项组="village")], choices))
    assert examined.compiled.xml.count(b"<name>v") == 5000


def test_remarks_do_not_stop_a_form() -> None:
    head = (*HEAD, "备注")
    examined = passed(workbook([[*asked(), "自己看的"]], head=head))
    sentences = {remark.sentence for remark in examined.remarks}
    assert {"authoring.column_unknown", "authoring.remark.no_case"} <= sentences


def test_texts_missing_in_one_language_are_counted() -> None:
    survey = [CASE, asked(), ["文本", "", "b", "只有中文"]]
    (remark,) = passed(workbook(survey)).remarks
    assert (remark.sentence, remark.facts["language"], remark.facts["count"]) == ("authoring.remark.untranslated", "English (en)", 1)


def test_a_broken_download_names_its_cell() -> None:
    book = opened(download("absence_visit"))
    page = book["题目"]
    row = row_of(page, "covisitors")
    put(page, row, 显示条件="selected（${with_whom}，“teacher”） and ${modde} = 'x'")
    (complaint,) = refused(saved(book))
    assert isinstance(complaint, Complaint)
    assert (complaint.row, complaint.column, complaint.facts["near"]) == (row, "显示条件", "mode")
