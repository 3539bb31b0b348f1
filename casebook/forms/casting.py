"""How values become the text of an answer: computed values by type, and what people type or paste."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import datetime, tzinfo

from casebook.forms.dates import as_day, as_instant, moment_of, moment_text, parse_moment
from casebook.forms.values import NUMBER, Value, number_text, to_text

#: signs that XML cannot carry
UNSAVABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_TYPED_IN_SIGNS = ("int", "decimal", "date", "time", "dateTime", "geopoint")


def computed_text(value: Value, kind: str, zone: tzinfo) -> str:
    """A computed value as the text of an answer of that type; what is not a number is blank."""
    if isinstance(value, float):
        return _number_answer(value, kind, zone)
    text = to_text(value)
    if kind == "int" and NUMBER.match(text):
        return _number_answer(float(text), kind, zone)
    if kind in ("date", "time") and "T" in text:
        return _cut_instant(text, kind, zone)
    return text


def _number_answer(number: float, kind: str, zone: tzinfo) -> str:
    if math.isnan(number):
        return ""
    if kind == "int" and math.isfinite(number):
        return str(int(number))
    if kind in ("date", "dateTime"):
        moment = moment_of(math.floor(number) if kind == "date" and math.isfinite(number) else number, zone)
        if moment is None:
            return ""
        return moment_text(moment if kind == "date" else as_instant(moment, zone))
    return number_text(number)


def _cut_instant(text: str, kind: str, zone: tzinfo) -> str:
    moment = parse_moment(text, zone)
    if not isinstance(moment, datetime):
        return text
    if kind == "date":
        return as_day(moment, zone).isoformat()
    return moment.astimezone(zone).timetz().isoformat(timespec="milliseconds")


def typed_text(text: str, kind: str, chosen: bool) -> str:
    """What a person entered, made fit to keep.

    Signs that XML cannot carry are dropped, full-width digits become plain ones, choices get single blanks. A
    number that cannot be read stays as typed, so that the person sees what is wrong with it.
    """
    text = UNSAVABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if chosen:
        return " ".join(text.split())
    if kind in _TYPED_IN_SIGNS:
        text = unicodedata.normalize("NFKC", text).strip()
    if kind == "int" and NUMBER.match(text):
        number = float(text)
        return str(int(number)) if math.isfinite(number) and number == int(number) else text
    return text
