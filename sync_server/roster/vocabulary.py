"""How schools call the columns, values and grades of a roster: aliases as data, looked up after the same cleaning."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import assets
from sync_server.roster.texts import code_text

STUDENTS, CLASSES, STAFF, VILLAGES = SHEETS = ("students", "classes", "staff", "villages")
_CODE_IN_FRONT = re.compile(r"\d+-(?=\D)")
_IN_BRACKETS = re.compile(r"\([^)]*\)\Z")


@dataclass(frozen=True)
class Vocabulary:
    """Everything of `assets/roster/columns.json`, ready to be asked."""

    said: Mapping[str, Any]
    headers: Mapping[str, Mapping[str, str]]
    sheets: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    grades: Mapping[str, int]
    flags: Mapping[str, str]
    unused: frozenset[str]

    def column(self, sheet: str, header: str) -> str | None:
        """The field a header stands for; what stands in brackets at its end does not matter."""
        known = self.headers[sheet]
        return known.get(bare(header)) or known.get(bare(_IN_BRACKETS.sub("", code_text(header))))

    def sheet(self, name: str) -> str | None:
        """What a sheet of this name holds: one of SHEETS, or "guide"."""
        return self.sheets.get(bare(name))

    def value(self, field: str, text: str) -> str | None:
        """The code of a value; both "男" and "1-男" are understood."""
        known = self.values[field]
        return known.get(bare(text)) or known.get(bare(_CODE_IN_FRONT.sub("", code_text(text), count=1)))

    def name_of(self, field: str, code: str) -> str:
        """How a code is written in a roster; the code itself when it has no name."""
        names = self.said["values"].get(field, {}).get(code)
        return str(names[0]) if names else code

    def header(self, sheet: str, field: str) -> str:
        """The usual header of a field."""
        return str(self.said[sheet][field][0])

    def ethnic(self, text: str) -> str | None:
        """The GB/T 3304 code of a nationality, by name or code."""
        plain = bare(_CODE_IN_FRONT.sub("", code_text(text), count=1))
        names, word = self.said["ethnic"], self.said["ethnic_word"]
        if plain.isdecimal() and 1 <= int(plain) <= len(names):
            return f"{int(plain):02d}"
        found = {name.removesuffix(word): place for place, name in enumerate(names, 1)}.get(plain.removesuffix(word))
        return f"{found:02d}" if found else None

    def ethnic_name(self, code: str) -> str:
        """The name of a nationality."""
        known = code.isdecimal() and 1 <= int(code) <= len(self.said["ethnic"])
        return str(self.said["ethnic"][int(code) - 1]) if known else code

    def is_nothing(self, text: str) -> bool:
        """Whether a cell says that there is nothing to say."""
        return text in self.said["nothing"]

    def is_footer(self, text: str) -> bool:
        """Whether a line below the list begins here: totals, signatures."""
        plain = bare(text)
        return any(plain.startswith(word) for word in self.said["footers"])


@lru_cache(20_000)
def bare(text: str) -> str:
    """A header or value by its letters and digits alone: marks of duty, brackets and blanks do not matter."""
    return "".join(sign for sign in code_text(text) if sign.isalnum()).upper()


@cache
def vocabulary() -> Vocabulary:
    """The aliases that ship with the program."""
    said = json.loads(assets.read_bytes("roster/columns.json"))
    sheets = {bare(alias): sheet for sheet, aliases in said["sheets"].items() for alias in aliases}
    return Vocabulary(
        said,
        {sheet: _turned(said[sheet]) for sheet in SHEETS},
        sheets | {bare(alias): "guide" for alias in said["guide"]},
        {field: _turned(codes) for field, codes in said["values"].items()},
        {alias: int(grade) for grade, aliases in said["grades"].items() for alias in aliases},
        _flags(),
        frozenset(map(bare, said["unused"])),
    )


def _flags() -> dict[str, str]:
    """Codes of key students and family circumstances (domain 4.7, 4.8) by code, and by the names that pages and
    phones give them: schools write either.
    """
    wording = assets.load_wording()
    codes = [f"{group}{number:02d}" for group in ("KS", "FM") for number in range(1, 30)]
    named = {wording(key): code for code in codes for area in ("app", "console")
             if wording.has(key := f"{area}.flag.{code}")}  # fmt: skip
    return {code: code for code in named.values()} | named


def _turned(aliases: Mapping[str, list[str]]) -> dict[str, str]:
    return {bare(alias): field for field, names in aliases.items() for alias in names}
