"""Reads the cells of an uploaded workbook as texts, and complains of what a sheet of a form cannot hold."""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from sync_server.authoring.complaints import Complaint, SheetsRefused
from sync_server.authoring.parcel import Parcel, refused
from sync_server.authoring.vocabulary import GUIDE, vocabulary

MAX_ROWS = 12_000
MAX_COLUMNS = 100
MAX_CELLS = 400_000
_CELL = re.compile(r"(?P<column>[A-Z]{1,3})(?P<row>[0-9]{1,7})\Z")
_ERROR = "e"  # type of a cell whose formula failed
_TEXT_RESULT = "str"  # type of a cell whose formula gave a text, which may be blank


@dataclass(frozen=True)
class Grid:
    """One sheet: its name in the file, and its rows that are not blank by their number in the spreadsheet."""

    name: str
    rows: dict[int, list[str]]


@dataclass(frozen=True)
class Limits:
    """How large a sheet may be."""

    rows: int = MAX_ROWS
    columns: int = MAX_COLUMNS
    cells: int = MAX_CELLS


@dataclass
class Survey:
    """What one look over a sheet's part finds: how far it reaches, merged cells, formulas without a result."""

    limits: Limits = Limits()
    rows: int = 0
    columns: int = 0
    cells: int = 0
    merged: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _at: str = ""
    _row: int = 0
    _column: int = 0
    _formula: bool = False
    _error: bool = False
    _filled: bool = False
    _value: bool = False

    def start(self, element: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if element == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._column = 0
        elif element == "c":
            self._begin_cell(attributes)
        elif element == "f":
            self._formula = True
        elif element in ("v", "is"):
            self._value = True
            self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._column)
            most = self.limits
            if self.rows > most.rows or self.columns > most.columns or self.cells > most.cells:
                raise refused("authoring.file.too_many_cells", rows=most.rows, columns=most.columns)
        elif element == "mergeCell":
            self.merged.append(attributes.get("ref", ""))

    def text(self, text: str) -> None:
        """A piece of text between two elements."""
        self._filled = self._filled or (self._value and bool(text.strip()))

    def end(self, element: str) -> None:
        """An element ends."""
        element = element.rpartition("}")[2]
        if element in ("v", "is"):
            self._value = False
        elif element == "c" and (self._error or (self._formula and not self._filled)):
            self.failed.append(self._at)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self.cells += 1
        self._column += 1
        place = _CELL.match(attributes.get("r", ""))
        if place:
            self._row, self._column = int(place["row"]), column_number(place["column"])
        self._at = attributes.get("r", "")
        kind = attributes.get("t")
        self._formula, self._filled, self._error = False, kind == _TEXT_RESULT, kind == _ERROR


def read_grids(content: bytes) -> dict[str, Grid]:
    """The sheets of a form by what they are (survey, choices, settings, entities); other sheets are passed over.

    Raises SheetsRefused: a file of another kind, damaged, unsafe or too large; merged cells, failed formulas.
    """
    parcel = Parcel(content)
    words = vocabulary()
    surveys: dict[str, tuple[str, Survey]] = {}
    complaints: list[Complaint] = []
    for name, part in parcel.sheet_parts().items():
        sheet = words.sheet(name)
        if sheet is None or sheet == GUIDE:
            continue
        if sheet in surveys:
            complaints.append(Complaint("authoring.sheet_twice", name, facts={"other": surveys[sheet][0]}))
            continue
        found = look_over(parcel, part)
        surveys[sheet] = name, found
        complaints += _complaints(name, found)
    if complaints:
        raise SheetsRefused(complaints)
    return read_cells(content, surveys)


def look_over(parcel: Parcel, part: str, limits: Limits = Limits()) -> Survey:
    """One look over a sheet, before its cells are read. Raises SheetsRefused when it is too large."""
    found = Survey(limits)
    parcel.scan(part, found.start, EndElementHandler=found.end, CharacterDataHandler=found.text)
    return found


def _complaints(name: str, found: Survey) -> Iterator[Complaint]:
    for place in found.merged:
        yield Complaint("authoring.merged", name, facts={"cells": place})
    for place in found.failed:
        yield Complaint("authoring.formula_failed", name, facts={"cell": place})


def read_cells(content: bytes, surveys: dict[str, tuple[str, Survey]]) -> dict[str, Grid]:
    """The texts of the sheets that were looked over, by the same keys. Raises SheetsRefused."""
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and pictures that openpyxl does not know concern nobody
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            grids = {}
            for sheet, (name, found) in surveys.items():
                page = book[name]
                page.reset_dimensions()  # what the file says about its size is often wrong
                drawn = page.iter_rows(max_row=found.rows or 1, max_col=found.columns or 1, values_only=True)
                rows = {number: [_text(value) for value in row] for number, row in enumerate(drawn, 1)}
                grids[sheet] = Grid(name, {number: row for number, row in rows.items() if any(row)})
    except SheetsRefused:
        raise
    except Exception as error:  # a file that the parts above let pass may still break the reader in any way
        raise refused("authoring.file.damaged") from error
    return grids


def column_number(letters: str) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _text(value: object) -> str:
    """A cell as its author reads it: whole numbers without a point, days as ISO days."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return format(value, ".15g")
        case dt.datetime():
            whole_day = value.time() == dt.time()
            return value.date().isoformat() if whole_day else value.isoformat(timespec="seconds")
        case dt.date() | dt.time():
            return value.isoformat()
    return str(value).replace("\r\n", "\n").replace("_x000D_", "").strip()
