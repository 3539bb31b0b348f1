"""Looks at the sheets row by row, before anything is compiled, so that all that is wrong is told at once."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from casebook.policies import Policy, policy_of
from sync_server.authoring.complaints import Complaint
from sync_server.authoring.reading import Reading
from sync_server.authoring.vocabulary import CHOICES, ENTITIES, LIST_TYPES, SETTINGS, SURVEY, TYPES, vocabulary

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
FORM_ID = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
VERSION = re.compile(r"[0-9A-Za-z._-]{1,20}\Z")
_OPENING = {"begin_group": "end_group", "begin_repeat": "end_repeat"}
_CLOSING = {end: begin for begin, end in _OPENING.items()}
_SILENT = frozenset(
    {"calculate", "hidden", "start", "end", "today", "deviceid", "username", "csv-external", "xml-external", "audit"}
    | {"start-geopoint", "phonenumber", *_OPENING, *_CLOSING}
)
_NAMELESS = frozenset({*_CLOSING, "audit"})
_FROM_FILE = ("select_one_from_file", "select_multiple_from_file")
_FILES = ("csv-external", "xml-external")
_ON_PHONES = "cases"  # the only list that phones bring to a form
_NEEDED_SETTINGS = ("form_title", "form_id", "version")
_SHOWN_TYPES = 3


@dataclass
class Outline:
    """Where the questions stand: path -> row of the survey, and how often each name is used."""

    rows: dict[str, int] = field(default_factory=dict)
    names: Counter[str] = field(default_factory=Counter)

    @property
    def questions(self) -> frozenset[str]:
        """All names that `${name}` may mean."""
        return frozenset(self.names)


def outline(reading: Reading) -> Outline:
    """Reads the groups of the survey; what does not fit together is passed over here."""
    found, groups = Outline(), ["/data"]
    for index, row in enumerate(reading.workbook.rows[SURVEY]):
        kind, name = _kind(row), row.get("name", "")
        if kind in _CLOSING:
            groups = groups[:-1] or groups
        elif name:
            found.names[name] += 1
            found.rows.setdefault(f"{groups[-1]}/{name}", index)
        if kind in _OPENING:
            groups.append(f"{groups[-1]}/{name}")
    return found


def row_complaints(reading: Reading) -> Iterator[Complaint]:
    """Everything that a single row, or its neighbours, show to be wrong (expressions are examined elsewhere)."""
    yield from _settings(reading)
    for index, row in enumerate(reading.workbook.rows[SURVEY]):
        yield from _type(reading, index, row)
        yield from _name(reading, index, row)
        yield from _content(reading, index, row)
    yield from _frames(reading)
    yield from _same_names(reading)
    yield from _choices(reading)
    yield from _entities(reading)


def _kind(row: Mapping[str, str]) -> str:
    return row.get("type", "").partition(" ")[0]


def _settings(reading: Reading) -> Iterator[Complaint]:
    row = reading.workbook.rows[SETTINGS][0]
    headers = {name: vocabulary().header(SETTINGS, name) for name in _NEEDED_SETTINGS}
    for name in _NEEDED_SETTINGS:
        if not row.get(name):
            yield reading.complaint("authoring.setting_blank", SETTINGS, None, "", name=headers[name])
    for name, pattern in (("form_id", FORM_ID), ("version", VERSION)):
        if row.get(name) and not pattern.match(row[name]):
            yield reading.complaint(f"authoring.{name}_wrong", SETTINGS, 0, name)
    languages = {column.partition("::")[2] for column in reading.workbook.columns[SURVEY] if "::" in column}
    language = row.get("default_language", "")
    if language and languages and language not in languages:
        known = ", ".join(sorted(languages))
        yield reading.complaint("authoring.language_unknown", SETTINGS, 0, "default_language", languages=known)


def _type(reading: Reading, index: int, row: Mapping[str, str]) -> Iterator[Complaint]:
    kind, rest = _kind(row), row.get("type", "").partition(" ")[2]
    if not kind:
        yield reading.complaint("authoring.row.type_missing", SURVEY, index, "type")
    elif kind not in TYPES:
        names = vocabulary().type_names
        near = difflib.get_close_matches(row["type"], names.values(), _SHOWN_TYPES, 0.4)
        shown = near or [names[one] for one in ("text", "select_one", "select_multiple", "note")]
        yield reading.complaint("authoring.row.type_unknown", SURVEY, index, "type", near=", ".join(shown))
    elif kind in LIST_TYPES and not rest:
        yield reading.complaint("authoring.row.list_blank", SURVEY, index, "type")
    elif kind in LIST_TYPES and kind not in _FROM_FILE and not _list_there(reading, rest):
        yield reading.complaint("authoring.row.list_unknown", SURVEY, index, "type", name=rest)
    elif kind in _FROM_FILE and rest.split()[0] != f"{_ON_PHONES}.csv":
        yield reading.complaint("authoring.row.list_elsewhere", SURVEY, index, "type", name=_ON_PHONES)
    elif kind in _FILES and row.get("name", _ON_PHONES) != _ON_PHONES:
        yield reading.complaint("authoring.row.list_elsewhere", SURVEY, index, "name", name=_ON_PHONES)
    elif "list_name" in row:
        yield reading.complaint("authoring.row.list_needless", SURVEY, index, "list_name")


def _list_there(reading: Reading, named: str) -> bool:
    name = named.split()[0]
    if name.startswith("${"):
        return True  # choices out of a repeat
    return any(row.get("list_name") == name for row in reading.workbook.rows.get(CHOICES, ()))


def _name(reading: Reading, index: int, row: Mapping[str, str]) -> Iterator[Complaint]:
    name, kind = row.get("name", ""), _kind(row)
    if not name:
        if kind and kind not in _NAMELESS:
            yield reading.complaint("authoring.row.name_blank", SURVEY, index, "name")
    elif not name.isascii():
        yield reading.complaint("authoring.row.name_not_ascii", SURVEY, index, "name")
    elif not NAME.match(name):
        yield reading.complaint("authoring.row.name_wrong", SURVEY, index, "name")


def _content(reading: Reading, index: int, row: Mapping[str, str]) -> Iterator[Complaint]:
    kind, bases = _kind(row), {column.partition("::")[0] for column in row}
    if kind in TYPES and kind not in _SILENT and not bases & {"label", "hint"}:
        yield reading.complaint("authoring.row.label_blank", SURVEY, index, "")
    if kind == "calculate" and not bases & {"calculation", "default", "trigger"}:
        yield reading.complaint("authoring.row.calculation_blank", SURVEY, index, "calculation")
    prop = row.get("save_to", "").rpartition("#")[2]
    if prop and policy_of(prop) is Policy.OFFICE:
        yield reading.complaint("authoring.row.office_property", SURVEY, index, "save_to")


def _frames(reading: Reading) -> Iterator[Complaint]:
    """Groups that end without a beginning, or begin without an end."""
    open_frames: list[tuple[str, int]] = []
    for index, row in enumerate(reading.workbook.rows[SURVEY]):
        kind = _kind(row)
        if kind in _OPENING:
            open_frames.append((kind, index))
        elif kind in _CLOSING:
            if open_frames and open_frames[-1][0] == _CLOSING[kind]:
                open_frames.pop()
            else:
                yield reading.complaint("authoring.row.end_alone", SURVEY, index, "type")
    for kind, index in open_frames:
        end = vocabulary().type_names[_OPENING[kind]]
        yield reading.complaint("authoring.row.never_ends", SURVEY, index, "type", end=end)


def _same_names(reading: Reading) -> Iterator[Complaint]:
    """Two rows of one group may not have the same name; case makes no difference to people."""
    groups: list[dict[str, int]] = [{}]
    for index, row in enumerate(reading.workbook.rows[SURVEY]):
        kind, name = _kind(row), row.get("name", "").lower()
        if kind in _CLOSING:
            groups = groups[:-1] or groups
        elif name:
            first = groups[-1].setdefault(name, index)
            if first != index:
                other = reading.workbook.number(SURVEY, first)
                yield reading.complaint("authoring.row.name_twice", SURVEY, index, "name", other=other)
        if kind in _OPENING:
            groups.append({})


def _choices(reading: Reading) -> Iterator[Complaint]:
    rows = reading.workbook.rows.get(CHOICES, [])
    for column in reading.workbook.columns.get(CHOICES, ()):
        base = column.partition("::")[0]
        if not NAME.match(base) and "::" not in column:
            yield reading.complaint("authoring.row.filter_column", CHOICES, None, "", name=column)
    seen: dict[tuple[str, str], int] = {}
    for index, row in enumerate(rows):
        listed, name = row.get("list_name", ""), row.get("name", "")
        for column in ("list_name", "name"):
            if not row.get(column):
                yield reading.complaint("authoring.row.choice_blank", CHOICES, index, column)
        if re.search(r"\s", name):
            yield reading.complaint("authoring.row.choice_spaced", CHOICES, index, "name")
        if not any(column.partition("::")[0] == "label" for column in row):
            yield reading.complaint("authoring.row.choice_label", CHOICES, index, "")
        first = seen.setdefault((listed, name), index)
        if listed and name and first != index:
            other = reading.workbook.number(CHOICES, first)
            yield reading.complaint("authoring.row.choice_twice", CHOICES, index, "name", other=other)


def _entities(reading: Reading) -> Iterator[Complaint]:
    """Changing a case needs the list in which it stands."""
    declared = {row.get("name") for row in reading.workbook.rows[SURVEY] if _kind(row) in _FILES}
    for index, row in enumerate(reading.workbook.rows.get(ENTITIES, [])):
        if (row.get("entity_id") or row.get("update_if")) and row.get("list_name") not in declared:
            kind = vocabulary().type_names[_FILES[0]]
            facts = {"name": row.get("list_name", ""), "kind": kind}
            yield reading.complaint("authoring.row.list_undeclared", ENTITIES, index, "list_name", **facts)


def names_near(name: str, known: Iterable[str]) -> str:
    """A name that may have been meant; blank when none is like it."""
    return next(iter(difflib.get_close_matches(name, list(known), 1, 0.7)), "")
