"""The sheets of a form as rows for the form compiler, read from CSV files as spreadsheet programs save them."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable

from casebook.errors import FormBroken

REQUIRED_SHEETS = ("survey", "settings")
SHEETS = ("survey", "choices", "settings", "entities")

Row = dict[str, str]

# The form compiler straightens curly quotes, which Chinese texts need; they travel through it in disguise.
_CURLY = "“”‘’"
_DISGUISE = str.maketrans(_CURLY, "\ue000\ue001\ue002\ue003")
_REVEAL = {disguise: curly for curly, disguise in _DISGUISE.items()}
_TEXT_COLUMN = re.compile(r"(label|hint|guidance_hint|\w+_message)(::|\Z)")


@dataclass(frozen=True)
class Workbook:
    """The sheets of one form: rows without their empty cells, and the columns of every sheet.

    `numbers` say where the rows stand in the author's file, when it had blank rows between them.
    """

    rows: dict[str, list[Row]]
    columns: dict[str, list[str]]
    numbers: dict[str, list[int]] = field(default_factory=dict)

    def setting(self, name: str) -> str:
        """One cell of the settings sheet; "" when it is empty."""
        return self.rows["settings"][0].get(name, "")

    def settle(self, name: str, value: str) -> None:
        """Writes one cell of the settings sheet, in a column of its own where there is none."""
        self.rows["settings"][0][name] = value
        if name not in self.columns["settings"]:
            self.columns["settings"].append(name)

    def number(self, sheet: str, index: int) -> int:
        """The row of the spreadsheet (header: 1) in which a row of ours stands."""
        known = self.numbers.get(sheet)
        return known[index] if known and index < len(known) else index + 2

    def to_json(self) -> str:
        """The sheets as text, to be kept beside what was made from them."""
        return json.dumps({"rows": self.rows, "columns": self.columns}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Workbook:
        """What `to_json` wrote."""
        kept = json.loads(text)
        return cls(kept["rows"], kept["columns"])

    def as_compiler_input(self) -> dict[str, list[dict[str, str | None]]]:
        """The form compiler wants the rows and, beside them, the header of each sheet."""
        sheets: dict[str, list[dict[str, str | None]]] = {}
        for sheet, rows in self.rows.items():
            sheets[sheet] = [
                {column: _disguised(column, cell) for column, cell in row.items()} for row in rows
            ]
            sheets[f"{sheet}_header"] = [dict.fromkeys(self.columns[sheet])]
        return sheets


def reveal_quotes(xform: str) -> str:
    """The compiler's output with the curly quotes of texts as their author wrote them."""
    return xform.translate(_REVEAL)


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


def _disguised(column: str, cell: str) -> str:
    return cell.translate(_DISGUISE) if _TEXT_COLUMN.match(column) else cell
