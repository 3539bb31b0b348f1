"""Workbooks as schools send them: downloads that somebody changed, and sheets written from scratch."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

import assets
from sync_server.authoring.complaints import Complaint, SheetsRefused
from sync_server.authoring.examining import Examined, Lineage, examine, read
from sync_server.authoring.sheets import Workbook, read_workbook
from sync_server.authoring.writing import write_workbook
from tests.sync_server.form_walk import FRIDAY

FORMS = sorted(
    folder.name for folder in assets.root().joinpath("forms").iterdir() if folder.joinpath("survey.csv").is_file()
)
HEAD = ("题型", "选项组", "变量名", "题干（中文）", "题干（英文）", "显示条件", "必填", "校验", "校验提示（中文）", "校验提示（英文）", "计算", "选项筛选", "写入属性")
SETTINGS = (("表名", "表编号", "版本", "默认语言", "用途"), ("样表", "sample", "1", "中文 (zh)", "absence"))
CASE = ("隐藏", "", "case")
YES_NO = (("选项组", "选项值", "选项文字(中文)", "选项文字(英文)"), ("yn", "y", "是", "Yes"), ("yn", "n", "否", "No"))
Rows = Sequence[Sequence[object]]


@cache
def bundled(form_id: str) -> Workbook:
    """The sheets of a form of the program."""
    return read_workbook(assets.root().joinpath("forms", form_id))


@cache
def download(form_id: str, chinese: bool = True) -> bytes:
    """The form as the console hands it out."""
    return write_workbook(bundled(form_id), chinese)


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def saved(book: openpyxl.Workbook) -> bytes:
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def column(page: Worksheet, header: str) -> int:
    """Number of the column under that header."""
    return next(cell.column for cell in page[1] if cell.value == header)


def row_of(page: Worksheet, name: str) -> int:
    """Number of the row of the question with that name."""
    at = column(page, "变量名")
    return next(row for row in range(2, page.max_row + 1) if page.cell(row, at).value == name)


def put(page: Worksheet, row: int, **cells: object) -> None:
    """Writes cells of one row by header."""
    for header, value in cells.items():
        page.cell(row, column(page, header)).value = value


def workbook(
    survey: Rows, choices: Rows = YES_NO, settings: Rows = SETTINGS, head: Sequence[str] = HEAD,
    names: Sequence[str] = ("题目", "选项", "设置"), **more: Rows,
) -> bytes:  # fmt: skip
    """A workbook with the given rows; those of the survey stand below the usual Chinese headers."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in zip(names, ([head, *survey], choices, settings), strict=True):
        page = book.create_sheet(name)
        for row in rows:
            page.append(list(row))
    for name, rows in more.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(list(row))
    return saved(book)


def asked(kind: str = "文本", name: str = "who", label: str = "姓名", **cells: str) -> list[str]:
    """A row of the survey, by header."""
    filled = {"题型": kind, "变量名": name, "题干（中文）": label, "题干（英文）": label and "Name"} | cells
    return [filled.get(header, "") for header in HEAD]


def passed(content: bytes, lineage: Lineage | None = None, renumber: bool = True) -> Examined:
    """What comes out of a workbook that may be published."""
    return examine(read(content), lineage or Lineage(), FRIDAY.date(), renumber)


def refused(content: bytes, lineage: Lineage | None = None, renumber: bool = True) -> list[Complaint]:
    """What is wrong with a workbook that may not."""
    try:
        passed(content, lineage, renumber)
    except SheetsRefused as error:
        return list(error.complaints)
    raise AssertionError("it was taken")


def places(complaints: Sequence[Complaint]) -> list[tuple[str, str, int, str]]:
    """(what, sheet, row, column) of each."""
    return [(one.sentence.removeprefix("authoring."), one.sheet, one.row, one.column) for one in complaints]


def repacked(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The file with some of its inner parts replaced or added."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for name in [*old.namelist(), *(name for name in parts if name not in old.namelist())]:
            new.writestr(name, parts.get(name, b"") if name in parts else old.read(name))
    return kept.getvalue()
