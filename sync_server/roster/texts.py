"""Cleans what people type into cells: wide digits, stray blanks, days in every notation, telephone numbers."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import lru_cache

_UNSEEN = re.compile("[\u200b-\u200f\u2028-\u202f\u2060\ufeff\u00ad]")
_BLANKS = re.compile(r"\s+")
_AS_TEXT = re.compile(r'^(?:=?"(?P<quoted>[^"]*)"|\'(?P<marked>.*))$', re.S)
_MIDDLE_DOTS = str.maketrans(dict.fromkeys("•・‧∙●．.", "·"))
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DATE_SIGNS = str.maketrans({"年": "-", "月": "-", "日": " ", "号": " ", "/": "-", ".": "-"})
_LIST_SIGNS = str.maketrans(dict.fromkeys("、，；,;/", " "))
_DAY = re.compile(r"(?P<y>\d{4})\s*-\s*(?P<m>\d{1,2})\s*-\s*(?P<d>\d{1,2})(?:[T ].*)?\s*\Z")
_MONTH = re.compile(r"(?P<y>\d{4})\s*-?\s*(?P<m>\d{1,2})\s*-?\s*\Z")
_SERIAL_ORIGIN = dt.date(1899, 12, 30)
_SERIALS = range(20_000, 60_000)  # 1954 to 2064
_LATIN = re.compile(r"[A-Za-z]")
LOST_DIGITS = re.compile(r"\d(\.\d+)?E\+\d+\Z")


def cell_text(text: str) -> str:
    """A cell as it was meant: without unseen characters, outer blanks and the marks that force a text."""
    if not text:
        return ""
    plain = _UNSEEN.sub("", text).strip()
    marked = _AS_TEXT.match(plain)
    if marked:
        plain = (marked["quoted"] if marked["quoted"] is not None else marked["marked"]).strip()
    return unicodedata.normalize("NFC", plain)


@lru_cache(20_000)
def code_text(text: str) -> str:
    """Numbers, codes and headers: in one width, without blanks."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", cell_text(text)))


def name_text(text: str) -> str:
    """A person's name: no blanks between Chinese characters, one kind of middle dot; rare characters stay."""
    plain = cell_text(text).translate(_WIDE)
    if _LATIN.search(plain):
        return _BLANKS.sub(" ", plain)
    return _BLANKS.sub("", plain).translate(_MIDDLE_DOTS)


def line_text(text: str) -> str:
    """An address or a remark: one line, single blanks."""
    return _BLANKS.sub(" ", cell_text(text))


def day_of(text: str) -> dt.date | None:
    """A day in any notation that rosters use, a spreadsheet's serial number included; None when it is none."""
    plain = unicodedata.normalize("NFKC", cell_text(text))
    found = _DAY.match(plain.translate(_DATE_SIGNS).strip())
    if found:
        return _date(int(found["y"]), int(found["m"]), int(found["d"]))
    if re.fullmatch(r"\d{8}", plain):
        return _date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
    if re.fullmatch(r"\d{5}(\.0+)?", plain) and int(plain[:5]) in _SERIALS:
        return _SERIAL_ORIGIN + dt.timedelta(days=int(plain[:5]))
    return None


def month_of(text: str) -> str | None:
    """A month as 2025-09, of 202509, 2025年9月 or any day in it; None when it is none."""
    plain = unicodedata.normalize("NFKC", cell_text(text))
    day = day_of(plain)
    if day is not None:
        return f"{day:%Y-%m}"
    found = _MONTH.match(plain.translate(_DATE_SIGNS))
    if found is None or not 1 <= int(found["m"]) <= 12:
        return None
    return f"{int(found['y']):04d}-{int(found['m']):02d}"


def phones_in(text: str) -> list[str]:
    """The telephone numbers of a cell, digits only; several may stand side by side."""
    plain = unicodedata.normalize("NFKC", cell_text(text))
    plain = re.sub(r"(?<=\d)-(?=\d)", "", plain)
    plain = re.sub(r"(?<!\d)(1\d\d) (\d{4}) (\d{4})(?!\d)", r"\1\2\3", plain)
    parts = [re.sub(r"\D", "", part) for part in plain.translate(_LIST_SIGNS).split()]
    return [part.removeprefix("86") if len(part) == 13 else part for part in parts if part not in ("", "86")]


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
