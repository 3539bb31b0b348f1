"""What differs between two versions of a form, question by question, so that somebody can look before publishing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sync_server.authoring.sheets import Row, Workbook
from sync_server.authoring.vocabulary import CHOICES, ENTITIES, SETTINGS, SURVEY, vocabulary

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
_VERSION = "version"


@dataclass(frozen=True)
class Change:
    """One difference: `kind` is added, removed, changed (then with column, before and after) or moved."""

    kind: str
    sheet: str
    name: str
    label: str = ""
    column: str = ""
    before: str = ""
    after: str = ""


def changes(before: Workbook, after: Workbook) -> list[Change]:
    """All differences but that of the version itself, in the order of the sheets."""
    return [change for sheet in (SURVEY, CHOICES, SETTINGS, ENTITIES) for change in _of_sheet(sheet, before, after)]


def _of_sheet(sheet: str, before: Workbook, after: Workbook) -> Iterator[Change]:
    name = vocabulary().sheet_names[sheet]
    old, new = (_keyed(sheet, workbook.rows.get(sheet, [])) for workbook in (before, after))
    for key, row in new.items():
        if key not in old:
            yield Change(ADDED, name, _shown(key), _label(row))
        else:
            yield from _of_row(sheet, key, old[key], row)
    for key, row in old.items():
        if key not in new:
            yield Change(REMOVED, name, _shown(key), _label(row))
    if [key for key in old if key in new] != [key for key in new if key in old]:
        yield Change(MOVED, name, "")


def _of_row(sheet: str, key: tuple[str, ...], old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for column in dict.fromkeys([*old, *new]):
        was, now = old.get(column, ""), new.get(column, "")
        if was != now and column != _VERSION:
            header = vocabulary().header(sheet, column)
            yield Change(CHANGED, vocabulary().sheet_names[sheet], _shown(key), _label(new), header, was, now)


def _keyed(sheet: str, rows: list[Row]) -> dict[tuple[str, ...], Row]:
    """Rows by what makes them the same row in both versions; ends of groups have no name and say nothing."""
    if sheet == CHOICES:
        return {(row.get("list_name", ""), row.get("name", "")): row for row in rows}
    if sheet == SETTINGS:
        return dict(zip([("",)], rows, strict=False))
    key = "name" if sheet == SURVEY else "list_name"
    return {(row[key],): row for row in rows if key in row}


def _shown(key: tuple[str, ...]) -> str:
    return " / ".join(part for part in key if part)


def _label(row: Mapping[str, str]) -> str:
    return next((text for column, text in row.items() if column.partition("::")[0] == "label"), "")
