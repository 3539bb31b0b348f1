"""Turns the form compiler's English complaints into a sentence key with the sheet, row and name at fault."""

from __future__ import annotations

import re

from casebook.errors import FormBroken

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
