"""What is wrong with an author's sheets: the place, what stands there, and a sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from casebook.errors import FormBroken

MAX_LISTED = 200  # nobody repairs more than this in one go


@dataclass(frozen=True)
class Complaint:
    """One fault, or one remark. `sentence` is a wording key with `facts`; `sheet`, `column` read as in the author's
    file, `row` counts as the spreadsheet does (0: the whole sheet), `content` is what the cell says."""

    sentence: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    content: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


class SheetsRefused(Exception):
    """The sheets cannot be published as they are; every complaint that could be found is told at once."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__(f"{len(complaints)} complaints, first {complaints[0].sentence}")
        self.complaints = tuple(complaints[:MAX_LISTED])
        self.total = len(complaints)


UNKNOWN = "authoring.unclear"

# First match wins. Groups that are found become facts of the sentence.
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("authoring.unknown_reference", r"Could not find the name '(?P<name>[^']*)'"),
    ("authoring.broken_reference", r"Reference variables must start with"),
    ("authoring.unknown_type", r"Unknown question type '(?P<name>[^']*)'"),
    ("authoring.duplicate_choice", r"Choice names must be unique"),
    ("authoring.duplicate_name", r"value '(?P<name>[^']*)' is invalid\. Questions, groups, and repeats"),
    ("authoring.name_missing", r"with no name"),
    ("authoring.name_wrong", r"Names must begin with a letter"),
    ("authoring.type_missing", r"with no type"),
    ("authoring.label_missing", r"element named '(?P<name>[^']*)' has no label"),
    ("authoring.group_open", r"Unmatched 'begin_\w+'.* for the name '(?P<name>[^']*)'"),
    ("authoring.group_close", r"Unmatched 'end_\w+'"),
    ("authoring.list_missing", r"List name not in choices sheet: (?P<name>\S+)"),
    ("authoring.list_missing", r"There should be a choices sheet"),
    ("authoring.calculation_missing", r"Missing calculation"),
    ("authoring.column_missing", r"required column headers were not found: (?P<name>.+?)\. Learn more"),
    ("authoring.entity_wrong", r"'save_to' value|entity declaration|entities sheet"),
    ("authoring.parameter_wrong", r"'parameters' value"),
)  # fmt: skip
_ROW = re.compile(r"\[row : (?P<row>\d+)\]")
_SHEET = re.compile(r"(?:On the|for sheet:) '(?P<sheet>\w+)'")


def broken(complaint: str) -> FormBroken:
    """The FormBroken of one complaint: facts `sentence` (wording key), `sheet`, `row` (header: 1), `name`.

    The complaint itself is kept as the fact `detail`, for the log.
    """
    facts: dict[str, object] = {
        "sentence": UNKNOWN,
        "sheet": "survey",
        "row": "?",
        "name": "?",
        "detail": complaint,
    }
    for key, pattern in _PATTERNS:
        found = re.search(pattern, complaint)
        if found:
            facts |= {"sentence": key} | found.groupdict()
            break
    for place in (_ROW, _SHEET):
        found = place.search(complaint)
        if found:
            facts |= found.groupdict()
    return FormBroken(**facts)
