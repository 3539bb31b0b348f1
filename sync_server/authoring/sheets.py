"""Reads the CSV sheets of a form, as spreadsheet programs save them, into the rows the form compiler takes."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from casebook.errors import FormBroken

REQUIRED_SHEETS = ("survey", "settings")
SHEETS = ("survey", "choices", "settings", "entities")

Row = dict[str, str]


@dataclass(frozen=True)
class Workbook:
    """The sheets of one form: rows without their empty cells, and the columns of every sheet."""

    rows: dict[str, list[Row]]
    columns: dict[str, list[str]]

    def setting(self, name: str) -> str:
        """One cell of the settings sheet; "" when it is empty."""
        return self.rows["settings"][0].get(name, "")

    def as_compiler_input(self) -> dict[str, list[dict[str, str | None]]]:
        """The form compiler wants the rows and, beside them, the header of each sheet."""
        sheets: dict[str, list[dict[str, str | None]]] = {}
        for sheet, rows in self.rows.items():
            sheets[sheet] = [dict(row) for row in rows]
            sheets[f"{sheet}_header"] = [dict.fromkeys(self.columns[sheet])]
        return sheets


def read_workbook(folder: Traversable) -> Workbook:
    """Reads `<sheet>.csv` of every sheet in `folder`; choices and entities may be missing.

    Raises FormBroken (sheet, sentence) for a missing or unreadable sheet and for empty settings.
    """
    rows: dict[str, list[Row]] = {}
    columns: dict[str, list[str]] = {}
    for sheet in SHEETS:
        file = folder.joinpath(f"{sheet}.csv")
        if file.is_file():
            columns[sheet], rows[sheet] = _read_sheet(sheet, file)
        elif sheet in REQUIRED_SHEETS:
            raise FormBroken(sheet=sheet, sentence="authoring.sheet_missing")
    if not rows["settings"]:
        raise FormBroken(sheet="settings", sentence="authoring.settings_empty")
    return Workbook(rows, columns)


def _read_sheet(sheet: str, file: Traversable) -> tuple[list[str], list[Row]]:
    try:
        # Spreadsheet programs put a byte order mark in front.
        reader = csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline=""), strict=True)
        rows = [{column: cell for column, cell in row.items() if column and cell} for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormBroken(sheet=sheet, sentence="authoring.sheet_unreadable") from error
    return list(reader.fieldnames or ()), rows
