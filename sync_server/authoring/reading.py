"""Turns the cells of an uploaded workbook into the sheets of a form: headers understood, wide signs repaired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sync_server.authoring.complaints import Complaint, SheetsRefused
from sync_server.authoring.grids import Grid, read_grids
from sync_server.authoring.punctuation import repaired_expression, repaired_name, repaired_text
from sync_server.authoring.sheets import REQUIRED_SHEETS, Row, Workbook
from sync_server.authoring.vocabulary import (
    CHOICES,
    COLUMNS,
    ENTITIES,
    LIST_TYPES,
    SETTINGS,
    SIGNATURE,
    SURVEY,
    YES_NO_COLUMNS,
    vocabulary,
)

EXPRESSIONS = {
    SURVEY: ("relevant", "constraint", "calculation", "choice_filter", "repeat_count", "trigger", *YES_NO_COLUMNS),
    CHOICES: (),
    SETTINGS: ("instance_name",),
    ENTITIES: ("entity_id", "update_if", "create_if", "label"),
}
_NAMES = {
    SURVEY: ("type", "list_name", "name", "appearance", "parameters", "save_to"),
    CHOICES: ("list_name", "name"),
    SETTINGS: ("form_id", "version", "style", "purposes"),
    ENTITIES: ("list_name",),
}
_LIST = "list_name"  # in the survey a column of ours: XLSForm has it in the type
_UNKNOWN_PASSES = (CHOICES, SETTINGS)  # columns that a choice filter looks at; titles in further languages


@dataclass(frozen=True)
class Repair:
    """A cell whose wide signs were replaced."""

    sheet: str
    row: int
    column: str
    before: str
    after: str


@dataclass
class Reading:
    """What an uploaded workbook says, and how its author calls sheets and columns."""

    workbook: Workbook = field(default_factory=lambda: Workbook({}, {}))
    sheet_names: dict[str, str] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    repairs: list[Repair] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    remarks: list[Complaint] = field(default_factory=list)

    @classmethod
    def of(cls, workbook: Workbook) -> Reading:
        """Sheets that did not come as a file."""
        headers = {sheet: {column: column for column in columns} for sheet, columns in workbook.columns.items()}
        return cls(workbook, dict(vocabulary().sheet_names), headers)

    def complaint(self, sentence: str, sheet: str, index: int | None, column: str, /, **facts: object) -> Complaint:
        """A complaint about a cell (of a row, when `column` is blank; of the sheet, when `index` is None)."""
        name = self.sheet_names.get(sheet) or vocabulary().sheet_names[sheet]
        if index is None:
            return Complaint(sentence, name, facts=facts)
        content = self.workbook.rows[sheet][index].get(column, "")
        header = self.header(sheet, column) if column else ""
        return Complaint(sentence, name, self.workbook.number(sheet, index), header, content, facts)

    def header(self, sheet: str, column: str) -> str:
        """What the author has written above a column."""
        if sheet == SURVEY and column == "type" and not self.headers[sheet].get(column):
            return vocabulary().header(sheet, column)
        return self.headers[sheet].get(column) or vocabulary().header(sheet, column)


def read_workbook_file(content: bytes) -> Reading:
    """Reads an .xlsx file. Raises SheetsRefused when it cannot be read, or lacks a sheet."""
    grids = read_grids(content)
    reading = Reading(sheet_names={sheet: grid.name for sheet, grid in grids.items()})
    missing = [sheet for sheet in REQUIRED_SHEETS if sheet not in grids or not grids[sheet].rows]
    if missing:
        names = vocabulary().sheet_names
        raise SheetsRefused([Complaint("authoring.sheet_missing", facts={"sheet": names[sheet]}) for sheet in missing])
    for sheet, grid in grids.items():
        if grid.rows:
            _read_sheet(reading, sheet, grid)
    if not reading.workbook.rows[SETTINGS]:
        reading.complaints.append(reading.complaint("authoring.settings_empty", SETTINGS, None, "", sheet=SETTINGS))
        raise SheetsRefused(reading.complaints)
    return reading


def _read_sheet(reading: Reading, sheet: str, grid: Grid) -> None:
    numbers = list(grid.rows)
    headers = grid.rows[numbers[0]]
    columns = _columns(reading, sheet, headers)
    rows, places = [], []
    for number in numbers[1:]:
        cells = {column: grid.rows[number][at] for at, column in columns.items() if grid.rows[number][at]}
        row = _repaired(reading, sheet, number, cells)
        if row:
            rows.append(_canonical(row) if sheet == SURVEY else row)
            places.append(number)
    order = [column for column in columns.values() if not (sheet == SURVEY and column == _LIST)]
    if sheet == SURVEY and "appearance" not in order and any("appearance" in row for row in rows):
        order.append("appearance")
    reading.workbook.rows[sheet] = rows
    reading.workbook.columns[sheet] = order
    reading.workbook.numbers[sheet] = places


def _columns(reading: Reading, sheet: str, headers: list[str]) -> dict[int, str]:
    """Which column of the form stands at each place; what we do not know is left out with a remark."""
    words, columns = vocabulary(), {}
    name = reading.sheet_names[sheet]
    known = reading.headers.setdefault(sheet, {})
    for at, header in enumerate(headers):
        if not header:
            continue
        column = words.column(sheet, header)
        if column in known:
            facts = {"other": known[column]}
            reading.complaints.append(Complaint("authoring.column_twice", name, 1, header, facts=facts))
        elif column.partition("::")[0] in COLUMNS[sheet] or sheet in _UNKNOWN_PASSES or _is_xlsform(column):
            known[column], columns[at] = header, column
        else:
            reading.remarks.append(Complaint("authoring.column_unknown", name, 1, header))
    return columns


def _is_xlsform(column: str) -> bool:
    """Media and the like, which public forms may have; a Chinese header is somebody's own note."""
    return column.partition("::")[0] in ("image", "big-image", "audio", "video", "disabled", "rows")


def _repaired(reading: Reading, sheet: str, number: int, cells: Row) -> Row:
    row = {}
    for column, before in cells.items():
        after = _repair_of(sheet, column, before)(before)
        if after:
            row[column] = after
        if after != before and "".join(after.split()) != "".join(before.split()):
            header = reading.header(sheet, column)
            reading.repairs.append(Repair(reading.sheet_names[sheet], number, header, before, after))
    return row


def _repair_of(sheet: str, column: str, cell: str) -> Callable[[str], str]:
    if column in _NAMES[sheet]:
        return repaired_name
    if column in EXPRESSIONS[sheet] or (column == "default" and "$" in repaired_name(cell)):
        return repaired_expression
    return repaired_text


def _canonical(row: Row) -> Row:
    """A row of the survey as XLSForm writes it: the list in the type, a signature as an image, yes and no."""
    words, row = vocabulary(), dict(row)
    named = row.pop(_LIST, "")
    if "type" in row:
        row["type"] = words.type(row["type"])
    if named and row.get("type") in LIST_TYPES:
        row["type"] = f"{row['type']} {named}"
    elif named:
        row[_LIST] = named  # examined and complained of later
    if row.get("type") == SIGNATURE:
        row["type"] = "image"
        row["appearance"] = " ".join(dict.fromkeys([*row.get("appearance", "").split(), SIGNATURE]))
    if "appearance" in row:
        row["appearance"] = " ".join(words.appearances.get(word, word) for word in row["appearance"].split())
    for column in YES_NO_COLUMNS:
        if row.get(column) in words.yes:
            row[column] = "yes"
        elif row.get(column) in words.no:
            row[column] = "no"
    return row
