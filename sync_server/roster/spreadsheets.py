"""Reads the cells of a roster file, .xlsx or .csv, as texts; what is unsafe, damaged or too large is refused."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sync_server.authoring.complaints import Complaint, SheetsRefused
from sync_server.authoring.grids import Limits, column_number, look_over, read_cells
from sync_server.authoring.parcel import Parcel, refused

MAX_FILE_BYTES = 12 * 1024 * 1024
MAX_UNPACKED_BYTES = 160 * 1024 * 1024
LIMITS = Limits(rows=30_000, columns=200, cells=2_000_000)
MAX_MERGED = 5_000
MAX_CELL = 2_000
_BOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MERGED = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\Z")
_DELIMITERS = ",\t;"


@dataclass(frozen=True)
class Table:
    """One sheet: its name (blank for .csv), its rows by their number in the file, and which cells a merge filled."""

    name: str
    rows: dict[int, list[str]]
    filled: frozenset[tuple[int, int]] = field(default=frozenset())


def read_tables(content: bytes) -> list[Table]:
    """Every sheet that is not blank. Raises SheetsRefused with what is wrong with the file."""
    if not content:
        raise refused("authoring.file.empty")
    if len(content) > MAX_FILE_BYTES:
        raise refused("authoring.file.too_large", megabytes=MAX_FILE_BYTES // 1024 // 1024)
    tables = list(_workbook(content)) if content.startswith(_BOOKS) else [_text_file(content)]
    tables = [table for table in tables if table.rows]
    if not tables:
        raise refused("registry.file.blank")
    return tables


def letters(column: int) -> str:
    """The name of a column by its place from 0: 0 is A, 26 is AA."""
    name, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _workbook(content: bytes) -> Iterator[Table]:
    parcel = Parcel(content, MAX_FILE_BYTES, MAX_UNPACKED_BYTES)
    surveys = {name: (name, look_over(parcel, part, LIMITS)) for name, part in parcel.sheet_parts().items()}
    failed = [
        Complaint("authoring.formula_failed", name, facts={"cell": place})
        for name, found in surveys.values() for place in found.failed
    ]  # fmt: skip
    if failed:
        raise SheetsRefused(failed)
    for name, grid in read_cells(content, surveys).items():
        rows = {number: [cell[:MAX_CELL] for cell in row] for number, row in grid.rows.items()}
        yield Table(name, rows, _fill(rows, surveys[name][1].merged))


def _fill(rows: dict[int, list[str]], merged: list[str]) -> frozenset[tuple[int, int]]:
    """Gives every cell of a merged region the text of its first cell; returns which cells got one."""
    if len(merged) > MAX_MERGED:
        raise refused("registry.file.merged_too_often", most=MAX_MERGED)
    filled = set()
    for region in merged:
        corners = _MERGED.match(region)
        if corners is None:
            continue
        left, right = column_number(corners[1]) - 1, column_number(corners[3]) - 1
        top, bottom = int(corners[2]), int(corners[4])
        source = rows.get(top, [])
        text = source[left] if left < len(source) else ""
        for number in rows.keys() & set(range(top, min(bottom, LIMITS.rows) + 1)) if text else ():
            row = rows[number]
            for place in range(left, min(right + 1, len(row))):
                if (number, place) != (top, left):
                    row[place] = text
                    filled.add((number, place))
    return frozenset(filled)


def _text_file(content: bytes) -> Table:
    text = _decoded(content)
    if "\0" in text or text.lstrip()[:1] in ("<", "{", "%"):
        raise refused("authoring.file.other")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    rows: dict[int, list[str]] = {}
    cells = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            cells += len(row)
            if number > LIMITS.rows or len(row) > LIMITS.columns or cells > LIMITS.cells:
                raise refused("authoring.file.too_many_cells", rows=LIMITS.rows, columns=LIMITS.columns)
            if any(cell.strip() for cell in row):
                rows[number] = [cell.strip()[:MAX_CELL] for cell in row]
    except csv.Error as error:
        raise refused("authoring.file.damaged") from error
    return Table("", rows)


def _decoded(content: bytes) -> str:
    """UTF-8 or, as Chinese spreadsheet programs save by default, GB18030; UTF-16 when it says so itself."""
    is_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if is_utf_16 else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refused("registry.file.encoding")
