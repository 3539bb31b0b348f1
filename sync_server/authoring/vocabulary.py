"""The words of a spreadsheet form, Chinese or English: sheet names, column headers, question types, yes and no."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from assets import SOURCE_LOCALE, load_wording
from casebook.wording import Wording

SURVEY, CHOICES, SETTINGS, ENTITIES, GUIDE = "survey", "choices", "settings", "entities", "guide"
SHEETS = (SURVEY, CHOICES, SETTINGS, ENTITIES)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    SURVEY: (
        "type", "list_name", "name", "label", "hint", "guidance_hint", "relevant", "required", "required_message",
        "constraint", "constraint_message", "calculation", "default", "appearance", "choice_filter", "parameters",
        "read_only", "save_to", "repeat_count", "trigger",
    ),
    CHOICES: ("list_name", "name", "label"),
    SETTINGS: (
        "form_title", "title_en", "form_id", "version", "default_language", "style", "instance_name", "purposes",
    ),
    ENTITIES: ("list_name", "entity_id", "update_if", "create_if", "label"),
}  # fmt: skip
#: What public XLSForms call the same columns.
_OTHER_NAMES = {
    SURVEY: {
        "relevance": "relevant", "calculate": "calculation", "readonly": "read_only", "count": "repeat_count",
        "constraining_message": "constraint_message", "requiredmsg": "required_message", "caption": "label",
    },
    CHOICES: {"list name": "list_name", "value": "name", "caption": "label"},
    SETTINGS: {"title": "form_title", "id_string": "form_id"},
    ENTITIES: {"dataset": "list_name"},
}  # fmt: skip
TYPES = (
    "text", "integer", "decimal", "date", "time", "dateTime", "select_one", "select_multiple", "rank", "acknowledge",
    "note", "image", "signature", "audio", "file", "geopoint", "range", "barcode", "calculate", "hidden",
    "begin_group", "end_group", "begin_repeat", "end_repeat", "start", "end", "today", "deviceid", "username",
    "csv-external", "xml-external", "select_one_from_file", "select_multiple_from_file", "start-geopoint", "audit",
    "phonenumber",
)  # fmt: skip
LIST_TYPES = ("select_one", "select_multiple", "rank", "select_one_from_file", "select_multiple_from_file")
SIGNATURE = "signature"  # in XLSForm an image with this appearance
APPEARANCES = ("same-as-last", "restricted", "colleagues")  # ours; the others stay as they are written
YES_NO_COLUMNS = ("required", "read_only")
_LANGUAGES = ("zh", "en")
_BETWEEN = "|"  # a word of the catalogue, then other words for the same thing
_IN_LANGUAGE = re.compile(r"(?P<base>[^(]+)\((?P<language>.*)\)\Z")
_LANGUAGE_MARK = "::"


@dataclass(frozen=True)
class Vocabulary:
    """Both directions: what is written into a sheet, and what a sheet may say for it."""

    sheets: Mapping[str, str]
    columns: Mapping[str, Mapping[str, str]]
    types: Mapping[str, str]
    languages: Mapping[str, str]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    appearances: Mapping[str, str]
    sheet_names: Mapping[str, str]
    column_names: Mapping[str, Mapping[str, str]]
    type_names: Mapping[str, str]
    appearance_names: Mapping[str, str]
    language_names: Mapping[str, str]

    def sheet(self, name: str) -> str | None:
        """The sheet of that name; None for one that is not part of a form."""
        return self.sheets.get(_plain(name).lower())

    def column(self, sheet: str, header: str) -> str:
        """The column a header stands for; an unknown header stands for itself."""
        text = _plain(header)
        known = self.columns[sheet]
        if text.lower() in known:
            return known[text.lower()]
        base, mark, language = text.partition(_LANGUAGE_MARK)
        if not mark and (found := _IN_LANGUAGE.match(text)):
            base, language = found["base"], found["language"]
        column = known.get(base.strip().lower())
        if column is None or not language:
            return text
        return f"{column}{_LANGUAGE_MARK}{self.languages.get(language.strip(), language.strip())}"

    def type(self, text: str) -> str:
        """The question type, its list after it; an unknown type stays as it is written."""
        whole = " ".join(text.split())
        head, _, rest = whole.partition(" ")
        found = self.types.get(whole) or self.types.get(whole.lower())
        if found:
            return found
        found = self.types.get(head)
        return f"{found} {rest}" if found and rest else whole

    def header(self, sheet: str, column: str) -> str:
        """What stands above a column."""
        base, mark, language = column.partition(_LANGUAGE_MARK)
        name = self.column_names[sheet].get(base)
        if name is None or not mark:
            return name or column
        return f"{name}({self.language_names.get(language, language)})"


@cache
def vocabulary() -> Vocabulary:
    """The words of Chinese sheets, beside which those of public XLSForms are always understood."""
    words = load_wording(SOURCE_LOCALE)
    sheets = {key: _words(words, f"authoring.sheet.{key}") for key in (*SHEETS, GUIDE)}
    columns = {
        sheet: {key: _words(words, f"authoring.column.{sheet}.{key}") for key in COLUMNS[sheet]} for sheet in SHEETS
    }
    types = {key: _words(words, f"authoring.type.{key.replace('-', '_')}") for key in TYPES}
    marks = {key: _words(words, f"authoring.appearance.{key.replace('-', '_')}") for key in APPEARANCES}
    languages = {
        words(f"authoring.language.{code}.full"): _words(words, f"authoring.language.{code}") for code in _LANGUAGES
    }
    return Vocabulary(
        sheets=_understood(sheets),
        columns={sheet: _understood(found) | _OTHER_NAMES[sheet] for sheet, found in columns.items()},
        types=_understood(types) | {key.replace("_", " "): key for key in TYPES if key.startswith(("begin", "end_"))},
        languages={word: full for full, known in languages.items() for word in known},
        yes=_words(words, "authoring.yes"),
        no=_words(words, "authoring.no"),
        appearances=_understood(marks),
        sheet_names=_first(sheets),
        column_names={sheet: _first(found) for sheet, found in columns.items()},
        type_names=_first(types),
        appearance_names=_first(marks),
        language_names=_first(languages),
    )


def _words(wording: Wording, key: str) -> tuple[str, ...]:
    return tuple(wording(key).split(_BETWEEN))


def _first(words: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {key: known[0] for key, known in words.items()}


def _understood(words: Mapping[str, Iterable[str]]) -> dict[str, str]:
    found = {key.lower(): key for key in words} | {key: key for key in words}
    return found | {word: key for key, known in words.items() for word in known}


def _plain(text: str) -> str:
    """Without the wide brackets, colons and blanks that an input method may have put there."""
    return " ".join(unicodedata.normalize("NFKC", text).split())
