"""A form taken home and brought back unchanged is the same form, to the byte; both kinds of headers are understood."""

from __future__ import annotations

import datetime as dt

import pytest

from sync_server.authoring.reading import read_workbook_file
from sync_server.authoring.writing import write_workbook
from sync_server.forms import compile_workbook
from tests.sync_server.authoring.books import (
    FORMS,
    HEAD,
    SETTINGS,
    YES_NO,
    asked,
    bundled,
    column,
    download,
    opened,
    passed,
    put,
    row_of,
    saved,
    workbook,
)
from tests.sync_server.form_walk import compiled
from tests.sync_server.schoolhouse import version_of


@pytest.mark.parametrize("chinese", [True, False])
@pytest.mark.parametrize("form_id", FORMS)
def test_a_form_brought_back_unchanged_is_the_same_form(form_id: str, chinese: bool) -> None:
    reading = read_workbook_file(download(form_id, chinese))
    assert (reading.complaints, reading.remarks, reading.repairs) == ([], [], [])
    assert reading.workbook.rows == bundled(form_id).rows
    assert reading.workbook.columns["survey"] == bundled(form_id).columns["survey"]
    assert compile_workbook(reading.workbook).xml == compiled()[form_id].xml


@pytest.mark.parametrize("form_id", FORMS)
def test_every_form_of_the_program_passes_the_schools_own_examination(form_id: str) -> None:
    examined = passed(download(form_id))
    assert examined.compiled.sha256 == compiled()[form_id].sha256
    assert examined.remarks == ()


def test_a_download_is_made_for_people_who_use_spreadsheets() -> None:
    book = opened(download("absence_visit"))
    assert book.sheetnames == ["说明", "题目", "选项", "设置", "个案属性"]
    assert "怎样改" in str(book["说明"]["A1"].value)
    page = book["题目"]
    headers = [cell.value for cell in page[1]]
    assert headers[:5] == ["题型", "选项组", "变量名", "题干(中文)", "题干(英文)"]
    assert {"提示(中文)", "显示条件", "必填", "必填提示(中文)", "校验", "校验提示(英文)", "计算", "默认值", "外观", "选项筛选", "只读", "写入属性"} <= set(headers)
    types = {page.cell(row, 1).value for row in range(2, page.max_row + 1)}
    assert {"单选", "多选", "文本", "说明", "拍照", "签名", "定位", "确认", "计算", "分组开始", "分组结束"} <= types
    assert not any(str(kind).isascii() for kind in types)
    assert page.freeze_panes == "A2"
    assert page.column_dimensions["D"].width > 30
    offered = {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation}
    assert any(place.startswith("A2:A") and "单选" in choices for place, choices in offered.items())


def test_versions_and_telephone_numbers_stay_texts_in_the_spreadsheet() -> None:
    book = opened(download("absence_visit"))
    cell = book["设置"].cell(2, column(book["设置"], "版本"))
    assert (cell.value, cell.data_type, cell.number_format) == (version_of("absence_visit"), "s", "@")


def test_a_text_that_begins_like_a_formula_comes_back_as_it_was() -> None:
    content = workbook([["隐藏", "", "case"], asked(label="x"), asked("计算", "sum", "", 计算="1 + 1")])
    rows = read_workbook_file(content).workbook.rows
    rows["survey"][1]["label::中文 (zh)"] = "=1+1"
    again = read_workbook_file(write_workbook(read_workbook_file(content).workbook, True)).workbook.rows
    assert again["survey"][2]["calculation"] == "1 + 1"
    changed = read_workbook_file(content).workbook
    changed.rows["survey"][1]["label::中文 (zh)"] = "=1+1"
    assert read_workbook_file(write_workbook(changed, True)).workbook.rows["survey"][1]["label::中文 (zh)"] == "=1+1"


def test_what_a_school_changes_is_in_the_form() -> None:
    book = opened(download("absence_visit"))
    page, choices = book["题目"], book["选项"]
    put(page, row_of(page, "covisitors"), **{"题干(中文)": "和您同去的老师", "校验": "string-length(.) < 40"})
    choices.append(["mode", "boat", "坐船去", "By boat"])
    xml = passed(saved(book)).compiled.xml.decode()
    assert all(text in xml for text in ("和您同去的老师", "string-length(.) &lt; 40", "坐船去", "<name>boat</name>"))


def test_a_public_xlsform_is_taken_as_it_is() -> None:
    head = ("type", "name", "label", "relevance", "constraint", "constraint_message")
    survey = [
        ("hidden", "case"), ("select_one yn", "here", "Is the child here?"),
        ("begin group", "more", "More"), ("integer", "age", "How old?", "${here} = 'y'", ". < 19", "Under 19."), ("end group",),
    ]  # fmt: skip
    choices = (("list_name", "name", "label"), ("yn", "y", "Yes"), ("yn", "n", "No"))
    settings = (("form_title", "form_id", "version"), ("Sample", "sample", 2026112201))
    examined = passed(workbook(survey, choices, settings, head, ("survey", "choices", "settings")))
    assert (examined.compiled.form_id, examined.compiled.version) == ("sample", "2026112201")
    assert [remark.sentence for remark in examined.remarks] == ["authoring.remark.no_purpose"]


def test_headers_may_be_wide_and_types_may_carry_their_list() -> None:
    assert "题干（中文）" in HEAD
    survey = [["隐藏", "", "case"], asked("单选 yn", "here", "在吗？"), asked("多选题", "who", "谁？", 选项组="yn")]
    rows = read_workbook_file(workbook(survey)).workbook.rows["survey"]
    assert [row["type"] for row in rows] == ["hidden", "select_one yn", "select_multiple yn"]


def test_numbers_days_and_truths_are_read_as_people_read_them() -> None:
    settings = (*SETTINGS[:1], ("样表", "sample", 7.0, "中文 (zh)", "absence"))
    choices = (*YES_NO, ("n", 3, 0.25, dt.datetime(2026, 11, 22)), ("n", 4, True, dt.time(8, 30)))
    reading = read_workbook_file(workbook([asked()], choices, settings))
    assert reading.workbook.setting("version") == "7"
    assert [[*row.values()] for row in reading.workbook.rows["choices"][2:]] == [
        ["n", "3", "0.25", "2026-11-22"], ["n", "4", "TRUE", "08:30:00"],
    ]  # fmt: skip



def test_our_marks_are_chinese_in_chinese_sheets_and_come_back_as_they_were() -> None:
    book = opened(download("census"))
    page = book["题目"]
    told = {str(page.cell(row, column(page, "外观")).value) for row in range(2, page.max_row + 1)}
    assert "同上次" in told and "columns-pack 同上次" in told
    assert not any("same-as-last" in text for text in told)
    back = read_workbook_file(download("census")).workbook.rows["survey"]
    assert next(row for row in back if row.get("name") == "head_name")["appearance"] == "same-as-last"
