"""A form as its author writes it: rows of sheets, which pyxform compiles and people can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

Row = Mapping[str, str]


class Unwritable(ValueError):
    """The form compiler refuses the sheets."""


@dataclass(frozen=True)
class Sheets:
    """The sheets of one form, and the files it reads."""

    survey: tuple[Row, ...]
    choices: tuple[Row, ...] = ()
    entities: tuple[Row, ...] = ()
    settings: Row = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def compiled(self) -> str:
        """The XForm. Raises Unwritable."""
        sheets: dict[str, object] = {"settings": [dict(self.settings)]}
        for name, rows in (("survey", self.survey), ("choices", self.choices), ("entities", self.entities)):
            if rows:
                sheets[name] = [dict(row) for row in rows]
                sheets[f"{name}_header"] = [dict.fromkeys(columns_of(rows))]
        try:
            return convert(sheets, validate=False, pretty_print=False).xform
        except (PyXFormError, KeyError, TypeError, AttributeError, ValueError) as error:
            # what the compiler does not expect of a sheet it meets with whatever exception comes first
            raise Unwritable(str(error)) from error

    def with_survey(self, rows: Iterable[Row]) -> Sheets:
        """The same with other questions."""
        return replace(self, survey=tuple(rows))

    def __str__(self) -> str:
        parts = [table(self.survey), table(self.used_choices()), table(self.entities), table((self.settings,))]
        parts += [f"{name}:\n{text}" for name, text in self.files.items() if name in str(self.survey)]
        return "\n\n".join(part for part in parts if part)

    def used_choices(self) -> tuple[Row, ...]:
        """The choices of lists that some question uses."""
        used = {row["type"].split()[-1] for row in self.survey if " " in row["type"]}
        return tuple(row for row in self.choices if row["list_name"] in used)


def columns_of(rows: Iterable[Row]) -> list[str]:
    """All columns, in the order they first appear."""
    return list(dict.fromkeys(column for row in rows for column in row))


def table(rows: Iterable[Row]) -> str:
    """The rows drawn with bars, as the tests of forms write them."""
    rows = [row for row in rows if row]
    columns = columns_of(rows)
    if not columns:
        return ""
    lines = [columns, *([row.get(column, "").replace("\n", " ") for column in columns] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
                     for line in lines)  # fmt: skip
