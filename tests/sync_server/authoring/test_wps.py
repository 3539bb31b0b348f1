"""What WPS Spreadsheets writes is read as what Excel writes, whatever its texts and parts look like inside."""

from __future__ import annotations

import pytest

from sync_server.authoring.examining import read
from tests.sync_server.authoring.books import (
    CASE,
    HEAD,
    SETTINGS,
    YES_NO,
    asked,
    bundled,
    download,
    opened,
    passed,
    places,
    refused,
    workbook,
)
from tests.sync_server.authoring.wps import Rows, WpsBook

SURVEY = [CASE, asked("单选", "here", "孩子在家吗？", 选项组="yn", 必填="是"), asked("文本", "why", "为什么 没来？", 显示条件="${here} = 'n'")]
SHEETS: dict[str, Rows] = {"题目": [HEAD, *SURVEY], "选项": YES_NO, "设置": SETTINGS}
WAYS = {
    "shared rich texts": {}, "shared plain texts": {"rich": False}, "rich texts in their cells": {"inline": True},
    "plain texts in their cells": {"rich": False, "inline": True}, "targets from the root": {"absolute": True},
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_wps_writes_the_same_form(way: str) -> None:
    by_excel = passed(workbook(SURVEY))
    by_wps = passed(WpsBook(SHEETS, **WAYS[way]).content())
    assert by_wps.compiled.xml == by_excel.compiled.xml
    assert (by_wps.compiled.titles, by_wps.compiled.purposes) == (by_excel.compiled.titles, by_excel.compiled.purposes)


def test_a_form_of_the_program_survives_wps() -> None:
    book = opened(download("absence_visit"))
    sheets = {page.title: [[str(cell or "") for cell in row] for row in page.iter_rows(values_only=True)] for page in book}
    reading = read(WpsBook(sheets).content())
    assert reading.workbook.rows == bundled("absence_visit").rows


def test_wide_signs_of_headers_types_names_and_conditions_are_understood() -> None:
    wide = {"必填": "是", "显示条件": "selected（${here}，‘n’） and ＄｛here｝＝“n”"}
    survey = [HEAD, CASE, asked("单选　ｙｎ", "ｈｅｒｅ", "孩子（本人）在家吗？"), asked("文本", "why", "为什么？", **wide)]
    examined = passed(WpsBook({"题目　": survey, "选项": YES_NO, "设置": SETTINGS}).content())
    row = examined.compiled.workbook.rows["survey"][2]  # type: ignore[union-attr]
    assert row["relevant"] == "selected(${here},'n') and ${here}=\"n\""
    assert "孩子（本人）在家吗？" in examined.compiled.xml.decode()


def test_a_fault_in_what_wps_wrote_is_told_with_its_cell() -> None:
    survey = [HEAD, CASE, asked(name="姓名"), asked(name="b", 校验="(. > 1")]
    complaints = refused(WpsBook({"题目": survey, "选项": YES_NO, "设置": SETTINGS}).content())
    assert places(complaints) == [("row.name_not_ascii", "题目", 3, "变量名"), ("cell.bracket", "题目", 4, "校验")]
