"""Finds the lists in a roster file: which sheet holds what, where its header stands, and what each line says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sync_server.authoring.complaints import Complaint
from sync_server.roster.classnames import class_name
from sync_server.roster.numbers import masked
from sync_server.roster.spreadsheets import Table, letters
from sync_server.roster.texts import cell_text
from sync_server.roster.vocabulary import CLASSES, SHEETS, STAFF, STUDENTS, VILLAGES, bare, vocabulary

HEADER_WITHIN = 15  # rows: titles and remarks may stand above the list
PRIVATE = frozenset({"id_no", "student_no"})
_OWN = {STUDENTS: "name", CLASSES: "class", STAFF: "name", VILLAGES: "name"}
_TELLING = frozenset({"id_no", "student_no", "gender", "birth", "class", "grade"})
_NEVER_MERGED = frozenset({"name", "id_no", "student_no"})


@dataclass(frozen=True)
class Header:
    """Where the header of a list stands and what its columns mean: place -> field."""

    kind: str
    row: int
    columns: Mapping[int, str]
    titles: Mapping[str, str]  # field -> "C 身份证号"


@dataclass(frozen=True)
class Line:
    """One line of a list: texts by field, and where it stands, so that every finding can name its place."""

    sheet: str
    row: int
    cells: Mapping[str, str]
    titles: Mapping[str, str]
    columns: frozenset[str]

    def get(self, name: str) -> str:
        """What the cell of a field says; blank when there is none."""
        return self.cells.get(name, "")

    def finding(self, sentence: str, name: str = "", /, **facts: object) -> Complaint:
        """A finding about one cell of this line; numbers of people are shown by their last four characters."""
        said = self.get(name)
        shown = masked(said) if name in PRIVATE else said
        return Complaint(sentence, self.sheet, self.row, self.titles.get(name, ""), shown, facts)


@dataclass
class Reading:
    """Every list of the file, and what is wrong (complaints) or only worth knowing (remarks) about it so far."""

    lines: dict[str, list[Line]] = field(default_factory=lambda: {kind: [] for kind in SHEETS})
    complaints: list[Complaint] = field(default_factory=list)
    remarks: list[Complaint] = field(default_factory=list)


def read_lists(tables: list[Table]) -> Reading:
    """The lists of all sheets. A sheet that is no list is passed over with a remark."""
    reading, with_header = Reading(), False
    for table in tables:
        if vocabulary().sheet(table.name) == "guide":
            continue
        header = _header(table)
        if header is None:
            reading.remarks.append(Complaint("registry.sheet.passed_over", table.name))
        else:
            with_header = True
            _name_columns(reading, table, header)
            reading.lines[header.kind] += _lines(reading, table, header)
    if not any(reading.lines.values()):
        reading.complaints.append(Complaint("registry.file.nobody" if with_header else "registry.file.no_list"))
    return reading


def _header(table: Table) -> Header | None:
    """The header is the row among the first that names the most fields."""
    kinds = [kind] if (kind := vocabulary().sheet(table.name)) in SHEETS else [STUDENTS]
    found = [
        header for number in list(table.rows)[:HEADER_WITHIN] for kind in kinds
        if (header := _as_header(kind, number, table.rows[number])) is not None
    ]  # fmt: skip
    return max(found, key=lambda header: len(header.titles), default=None)


def _as_header(kind: str, number: int, cells: list[str]) -> Header | None:
    columns: dict[int, str] = {}
    titles: dict[str, str] = {}
    for place, cell in enumerate(cells):
        name = vocabulary().column(kind, cell) if cell else None
        if name is not None:
            columns[place] = name
            titles.setdefault(name, f"{letters(place)} {cell_text(cell)}")
    if _OWN[kind] not in titles or (kind == STUDENTS and not _TELLING & titles.keys()):
        return None
    return Header(kind, number, columns, titles)


def _name_columns(reading: Reading, table: Table, header: Header) -> None:
    """Remarks about columns that nobody reads, or that say the same thing twice."""
    seen: dict[str, int] = {}
    for place, cell in enumerate(table.rows[header.row]):
        name, title = header.columns.get(place), f"{letters(place)} {cell_text(cell)}"
        if name is None and cell and bare(cell) not in vocabulary().unused:
            reading.remarks.append(Complaint("registry.column.unknown", table.name, header.row, title))
        elif name is not None and name in seen:
            facts = {"other": header.titles[name]}
            reading.remarks.append(Complaint("registry.column.twice", table.name, header.row, title, facts=facts))
        elif name is not None:
            seen[name] = place


def _lines(reading: Reading, table: Table, header: Header) -> Iterator[Line]:
    of_sheet = table.name if header.kind == STUDENTS and class_name("", table.name) else ""
    for number, cells in table.rows.items():
        if number <= header.row or _is_repeated_header(table, header, cells) or _is_blank(table, number, cells):
            continue
        said = _cells(header, cells)
        if of_sheet and not said.get("class") and "class" not in header.titles:
            said["class"] = of_sheet
        line = Line(table.name, number, said, header.titles, frozenset(header.titles))
        if _is_below_the_list(header, line, cells):
            continue
        reading.complaints += [
            line.finding("registry.cell.merged", name) for place, name in header.columns.items()
            if name in _NEVER_MERGED and (number, place) in table.filled
        ]  # fmt: skip
        yield line


def _cells(header: Header, cells: list[str]) -> dict[str, str]:
    said: dict[str, str] = {}
    for place, name in header.columns.items():
        text = cell_text(cells[place]) if place < len(cells) else ""
        if text and not said.get(name):
            said[name] = text
    return said


def _is_blank(table: Table, number: int, cells: list[str]) -> bool:
    return not any(cell for place, cell in enumerate(cells) if (number, place) not in table.filled)


def _is_repeated_header(table: Table, header: Header, cells: list[str]) -> bool:
    """Printed lists repeat their header on every page."""
    return cells == table.rows[header.row]


def _is_below_the_list(header: Header, line: Line, cells: list[str]) -> bool:
    """Totals and signatures: nobody's line, as no identity stands in it."""
    first = next((cell for cell in cells if cell), "")
    return vocabulary().is_footer(first) and not any(line.get(name) for name in ("birth", *PRIVATE))
