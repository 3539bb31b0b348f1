"""Writes a form as an .xlsx workbook for a school to change: a page that explains, Chinese headers or plain XLSForm."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from assets import load_wording
from casebook.wording import Wording
from sync_server.authoring.sheets import Row, Workbook
from sync_server.authoring.vocabulary import (
    COLUMNS,
    GUIDE,
    LIST_TYPES,
    SHEETS,
    SIGNATURE,
    SURVEY,
    TYPES,
    YES_NO_COLUMNS,
    vocabulary,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_AS_TEXT = "@"  # or a spreadsheet would turn versions into numbers and answers into dates
_SPARE_ROWS = 500  # rows below the last one that offer the same choices of types
_GUIDE_LINES = 18
_PINE, _PAPER = "FF2F6B5E", "FFE6F0EC"
_WIDTHS = {"label": 34, "hint": 26, "relevant": 34, "constraint": 30, "calculation": 40, "choice_filter": 26,
           "constraint_message": 30, "required_message": 26, "list_name": 14, "type": 13, "name": 20}  # fmt: skip
_USUAL_WIDTH = 12
_LIST = "list_name"


def write_workbook(workbook: Workbook, chinese: bool) -> bytes:
    """The sheets as an .xlsx file, after a page that explains them; headers and types in Chinese or as in XLSForm."""
    from openpyxl import Workbook as Book

    book = Book()
    book.remove(book.active)
    wording = load_wording("zh_CN" if chinese else "en")
    _write_guide(book.create_sheet(wording(f"authoring.sheet.{GUIDE}")), wording)
    for sheet in SHEETS:
        columns, rows = _laid_out(workbook, sheet, chinese)
        name = vocabulary().sheet_names[sheet] if chinese else sheet
        page = book.create_sheet(name)
        _write_sheet(page, [_header(sheet, column, chinese) for column in columns], _cells(columns, rows))
        _widen(page, columns)
        if chinese and sheet == SURVEY:
            _offer_choices(page, columns, rows, workbook)
    book.active = 1
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _laid_out(workbook: Workbook, sheet: str, chinese: bool) -> tuple[list[str], Sequence[Row]]:
    """Columns and rows; a Chinese survey has the list of choices in a column of its own."""
    rows: Sequence[Row] = workbook.rows.get(sheet, [])
    columns = list(workbook.columns.get(sheet) or COLUMNS[sheet])
    if chinese and sheet == SURVEY:
        rows = [_in_chinese(row) for row in rows]
        columns.insert(columns.index("type") + 1, _LIST)
    elif not workbook.columns.get(sheet):
        columns = [column for column in columns if column != _LIST or sheet != SURVEY]
    return columns, rows


def _header(sheet: str, column: str, chinese: bool) -> str:
    return vocabulary().header(sheet, column) if chinese else column


def _in_chinese(row: Row) -> Row:
    words, row = vocabulary(), dict(row)
    kind, _, rest = row.get("type", "").partition(" ")
    if kind in LIST_TYPES and rest:
        row["type"], row[_LIST] = words.type_names[kind], rest
    elif kind == "image" and not rest and row.get("appearance") == SIGNATURE:
        row["type"] = words.type_names[SIGNATURE]
        del row["appearance"]
    elif kind:
        row["type"] = words.type_names.get(words.type(row["type"]), row["type"])
    if "appearance" in row:
        row["appearance"] = " ".join(words.appearance_names.get(word, word) for word in row["appearance"].split())
    for column in YES_NO_COLUMNS:
        plain = {"yes": words.yes[0], "no": words.no[0]}
        if row.get(column) in plain:
            row[column] = plain[row[column]]
    return row


def _cells(columns: Sequence[str], rows: Sequence[Row]) -> Iterator[list[str]]:
    for row in rows:
        yield [row.get(column, "") for column in columns]


def _write_sheet(page: Worksheet, headers: Sequence[str], rows: Iterator[list[str]]) -> None:
    from openpyxl.cell.cell import TYPE_STRING
    from openpyxl.styles import Alignment, Font, PatternFill

    wrap = Alignment(vertical="top", wrap_text=True)
    for at, header in enumerate(headers, 1):
        cell = page.cell(1, at, header)
        cell.font, cell.fill = Font(bold=True, color=_PINE), PatternFill("solid", fgColor=_PAPER)
        cell.number_format = _AS_TEXT
    for number, row in enumerate(rows, 2):
        for at, text in enumerate(row, 1):
            if text:
                cell = page.cell(number, at)
                cell.value, cell.data_type = text, TYPE_STRING  # a text that begins with = is still a text
                cell.alignment, cell.number_format = wrap, _AS_TEXT
    page.freeze_panes = "A2"


def _widen(page: Worksheet, columns: Sequence[str]) -> None:
    from openpyxl.utils import get_column_letter

    for at, column in enumerate(columns, 1):
        shape: Any = page.column_dimensions[get_column_letter(at)]
        shape.width = _WIDTHS.get(column.partition("::")[0], _USUAL_WIDTH)
        shape.number_format = _AS_TEXT


def _offer_choices(page: Worksheet, columns: Sequence[str], rows: Sequence[Row], workbook: Workbook) -> None:
    """Types and yes/no to choose from; what a list does not hold may still be typed."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    words, last = vocabulary(), len(rows) + _SPARE_ROWS
    offered: dict[str, tuple[str, ...]] = {column: (words.yes[0], words.no[0]) for column in YES_NO_COLUMNS}
    offered["type"] = _offered_types()
    for column, choices in offered.items():
        if column in columns:
            letter = get_column_letter(columns.index(column) + 1)
            rule = DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=True, showErrorMessage=False)
            rule.add(f"{letter}2:{letter}{last}")
            page.add_data_validation(rule)


def _offered_types() -> tuple[str, ...]:
    """As many of the usual types, in Chinese, as a spreadsheet's list can hold (255 characters)."""
    names = vocabulary().type_names
    found: list[str] = []
    for kind in TYPES:
        if len(",".join([*found, names[kind]])) < 255:
            found.append(names[kind])
    return tuple(found)


def _write_guide(page: Worksheet, wording: Wording) -> None:
    from openpyxl.styles import Alignment, Font

    page.column_dimensions["A"].width = 24
    page.column_dimensions["B"].width = 96
    page.cell(1, 1, wording("authoring.guide.title")).font = Font(bold=True, size=14, color=_PINE)
    for line in range(1, _GUIDE_LINES + 1):
        title, _, text = wording(f"authoring.guide.{line}").partition("|")
        page.cell(line + 2, 1, title).font = Font(bold=True)
        page.cell(line + 2, 2, text).alignment = Alignment(vertical="top", wrap_text=True)
    page.sheet_view.showGridLines = False


