"""Many rows of one kind as columns: the values of one name stand together, and what repeats is said once.

A column is plain JSON, in the first of these forms that fits; unpacked, the rows are exactly what they were:

    {"has": "1101…", "of": c}        the rows under a 1 have such a value; c is their column
    "key"                            every value is the key of its row
    {"by": name, "each": c}          an earlier column decides it: one value for each different one of that
    {"spells": name, "as": {…}, "but": {…}}   texts that the characters of an earlier column spell, one after the
                                     other, and those of the rows (by number) where that is not so
    {"once": c, "at": [n, …]}        the different values as they first come; of each row 0 for one that was not
                                     there yet, else which of them it is, counted from 1
    {"hex": base64, "digits": n}     hexadecimal numbers of n digits
    {"text": "a\\nb"}                 texts without line breaks
    {"keys": [[n, "…"], …]}          lists of keys, where n stands for the key of row n
    {"sizes": c, "parts": {…}}       lists of objects: how many each has, and the columns of them all
    {"sizes": c, "pieces": c}        texts of markup, cut between its tags: how many pieces each has, and them all
    […]                              the values themselves
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from casebook.errors import RequestMalformed

SAID_ONCE = 0.75  # columns with no more different values than this part of their rows
LEAST_DIGITS = 8
MOST_ROWS = 100_000  # of a table that is read
MOST_TEXT = 64 * 1024**2  # characters that are put together of pieces in a column that is read
BETWEEN_TAGS = re.compile("(?<=>)(?=<)")
HEX = frozenset("0123456789abcdef")

#: The name of a column -> the column whose texts it spells, and how a row says that: a piece for each character.
Spellings = Mapping[str, tuple[str, Callable[[Mapping[str, Any]], Sequence[str]]]]


@dataclass(frozen=True)
class Table:
    """`count` rows of a feed: the column of their keys, and one column for each name in their values."""

    feed: str
    count: int
    keys: Any
    columns: dict[str, Any]


def packed(feed: str, rows: Mapping[str, Mapping[str, Any]], spellings: Spellings | None = None) -> Table:
    """The table of rows (JSON values) by their keys."""
    keys = list(rows)
    packing = _Packing({key: number for number, key in enumerate(keys)}, spellings or {})
    return Table(feed, len(keys), packing.column(keys, _marks(keys)), packing.columns(list(rows.values()), keys))


def unpacked(table: Table) -> dict[str, dict[str, Any]]:
    """The rows of a table by their keys. Raises RequestMalformed."""
    try:
        keys = _Unpacking([]).values(table.keys, table.count)
        if len({key for key in keys if isinstance(key, str)}) != table.count:
            raise ValueError(table.keys)
        rows = _Unpacking(keys).rows(table.columns, table.count)
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise RequestMalformed(field="columns") from error
    return dict(zip(keys, rows, strict=True))


@dataclass(frozen=True)
class _Packing:
    """Chooses the forms; `numbers` tells the row of a key."""

    numbers: Mapping[str, int]
    spellings: Spellings

    def columns(self, rows: Sequence[Mapping[str, Any]], keys: Sequence[str] = ()) -> dict[str, Any]:
        """One column for each name."""
        columns: dict[str, Any] = {}
        deciding: dict[str, list[object]] = {}
        names = dict.fromkeys(name for row in rows for name in row)
        for name in sorted(names, key=lambda name: name in self.spellings):
            values = [row[name] for row in rows if name in row]
            marks = _marks(values)
            if len(values) < len(rows):
                has = "".join("01"[name in row] for row in rows)
                columns[name] = {"has": has, "of": self.column(values, marks)}
            elif values == keys:
                columns[name] = "key"
            else:
                spelt = self._spelt(name, values, rows) if name in self.spellings else None
                columns[name] = spelt or self._decided(values, marks, deciding) or self.column(values, marks)
                if _is_said_once(marks):
                    deciding[name] = marks
        return columns

    def column(self, values: Sequence[Any], marks: Sequence[object]) -> Any:
        """The column of values, whatever stands beside it."""
        if not _is_said_once(marks):
            return self._each(values)
        seen: dict[object, int] = {}
        at = []
        for mark in marks:
            at.append(seen.get(mark, 0))
            seen.setdefault(mark, len(seen) + 1)
        return {"once": self._each([value for value, number in zip(values, at, strict=True) if not number]), "at": at}

    def _decided(self, values: Sequence[Any], marks: Sequence[object], deciding: Mapping[str, Sequence[object]]) -> Any:
        """The column as said by the one with the fewest different values that decides it; None: none does."""
        for name in sorted(deciding, key=lambda name: len(set(deciding[name]))):
            first: dict[object, int] = {}
            for number, by in enumerate(deciding[name]):
                first.setdefault(by, number)
            if all(marks[first[by]] == mark for by, mark in zip(deciding[name], marks, strict=True)):
                each = [values[number] for number in first.values()]
                return {"by": name, "each": self.column(each, _marks(each))}
        return None

    def _spelt(self, name: str, values: Sequence[Any], rows: Sequence[Mapping[str, Any]]) -> Any:
        """The column as what the characters of another spell, each as where it first came; None without that one."""
        other, spell = self.spellings[name]
        texts = [row[other] for row in rows if other in row]
        if len(texts) < len(rows) or not _are_texts([*texts, *values]):
            return None
        pieces: dict[str, str] = {}
        for row, text in zip(rows, texts, strict=True):
            if any(character not in pieces for character in text):
                pieces = dict(zip(text, spell(row), strict=False)) | pieces
        spelt = [_spell(text, pieces) for text in texts]
        but = {str(n): value for n, (value, text) in enumerate(zip(values, spelt, strict=True)) if value != text}
        return {"spells": other, "as": pieces, "but": but}

    def _each(self, values: Sequence[Any]) -> Any:
        """The column that says every value, one after the other."""
        if values and all(isinstance(value, str) and "><" in value for value in values):
            cut = [BETWEEN_TAGS.split(value) for value in values]
            sizes, pieces = [len(one) for one in cut], [piece for one in cut for piece in one]
            return {"sizes": self.column(sizes, _marks(sizes)), "pieces": self.column(pieces, pieces)}
        if values and _are_texts(values):
            return _texts(values)
        if values and all(isinstance(value, list) for value in values):
            parts = [part for value in values for part in value]
            if parts and all(isinstance(part, dict) for part in parts):
                sizes = [len(value) for value in values]
                return {"sizes": self.column(sizes, _marks(sizes)), "parts": self.columns(parts)}
            if any(isinstance(part, str) and part in self.numbers for part in parts) and _are_texts(parts):
                return {"keys": [[self.numbers.get(part, part) for part in value] for value in values]}
        return list(values)


@dataclass(frozen=True)
class _Unpacking:
    """Reads the forms; raises what Python raises when a column is none of them."""

    keys: Sequence[str]

    def rows(self, columns: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
        """As many rows, from their columns."""
        if count > MOST_ROWS:
            raise ValueError(count)
        rows: list[dict[str, Any]] = [{} for _ in range(count)]
        told: dict[str, list[Any]] = {}
        for name, column in columns.items():
            having = rows
            if isinstance(column, dict) and "has" in column:
                having = [row for row, has in zip(rows, column["has"], strict=True) if has == "1"]
                column = column["of"]
            told[name] = self.values(column, len(having), told)
            for row, value in zip(having, told[name], strict=True):
                row[name] = value
        return rows

    def values(self, column: Any, count: int, told: Mapping[str, Sequence[Any]] | None = None) -> list[Any]:
        """As many values, from their column; `told` are the columns before it."""
        match column:
            case list():
                values = column
            case "key":
                values = list(self.keys)
            case {"by": name, "each": each}:
                values = self._decided(_marks((told or {})[name]), each)
            case {"spells": name, "as": pieces, "but": but}:
                values = [but.get(str(n), _spell(text, pieces)) for n, text in enumerate((told or {})[name])]
            case {"once": once, "at": at}:
                different = self.values(once, at.count(0))
                new = iter(different)
                values = [next(new) if number == 0 else _numbered(different, number) for number in at]
            case {"hex": raw, "digits": digits}:
                text = base64.b64decode(raw, validate=True).hex()
                values = [text[start : start + digits] for start in range(0, len(text), digits)]
            case {"text": text}:
                values = text.split("\n")
            case {"keys": lists}:
                values = [[part if isinstance(part, str) else self.keys[part] for part in one] for one in lists]
            case {"sizes": said, "parts": parts}:
                sizes = self.values(said, count)
                rows = iter(self.rows(parts, sum(sizes)))
                values = [list(islice(rows, size)) for size in sizes]
            case {"sizes": said, "pieces": said_pieces}:
                sizes = self.values(said, count)
                values = _joined(self.values(said_pieces, sum(sizes)), sizes)
            case _:
                raise ValueError(column)
        if len(values) != count:
            raise ValueError(count)
        return values

    def _decided(self, by: Sequence[object], each: Any) -> list[Any]:
        numbers = {mark: number for number, mark in enumerate(dict.fromkeys(by))}
        values = self.values(each, len(numbers))
        return [values[numbers[mark]] for mark in by]


def _marks(values: Sequence[Any]) -> list[object]:
    """What is the same for the same JSON value, and can be looked up."""
    return [value if isinstance(value, str) else (json.dumps(value, sort_keys=True),) for value in values]


def _is_said_once(marks: Sequence[object]) -> bool:
    return 0 < len(set(marks)) <= len(marks) * SAID_ONCE


def _spell(text: str, pieces: Mapping[str, str]) -> str:
    return "".join(pieces.get(character, "") for character in text)


def _joined(pieces: Sequence[str], sizes: Sequence[int]) -> list[str]:
    if sum(map(len, pieces)) > MOST_TEXT:
        raise ValueError(len(pieces))
    left = iter(pieces)
    return ["".join(islice(left, size)) for size in sizes]


def _numbered(values: Sequence[Any], number: int) -> Any:
    if number < 0:
        raise ValueError(number)
    return values[number - 1]


def _are_texts(values: Sequence[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _texts(values: Sequence[str]) -> Any:
    digits = len(values[0])
    if digits >= LEAST_DIGITS and not digits % 2 and all(len(one) == digits and HEX.issuperset(one) for one in values):
        return {"hex": base64.b64encode(bytes.fromhex("".join(values))).decode(), "digits": digits}
    return list(values) if any("\n" in value for value in values) else {"text": "\n".join(values)}
