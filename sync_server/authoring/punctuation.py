"""Repairs signs that a Chinese input method made wide, where a form means code; texts in quotes stay as written."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SIGNS = str.maketrans(
    "，；：（）　、【】《》＜＞＝！＋－＊／＄｛｝．｜＆％＂＇［］＿＃＠",
    ",;:() ,[]<><>=!+-*/${}.|&%\"'[]_#@",
)
_LONGER = str.maketrans({"≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": " div "})
_FROM_WIDE = 0xFEE0  # how far the wide letters and digits stand from the plain ones
_WIDE = (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
_WIDE_ALPHANUMERIC = {code: code - _FROM_WIDE for code in _WIDE}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff")) | {0xA0: " "}
_WIDE_QUOTES = str.maketrans("＇＂", "'\"")
_OPENING = {"'": "'", '"': '"', "‘": "'", "’": "'", "“": '"', "”": '"'}
_CLOSING = {"'": "'‘’", '"': '"“”'}
_REFERENCE = re.compile(r"[$\uFF04]\s*[{\uFF5B]\s*(?P<name>[^{}\uFF5B\uFF5D\s]+)\s*[}\uFF5D]")


def repaired_expression(text: str) -> str:
    """An expression with plain signs outside its quotes, and straight quotes around its texts."""
    parts = _parts(text.translate(_WIDE_QUOTES))
    return "".join(part if quoted else _plain(part) for quoted, part in parts).strip()


def repaired_name(text: str) -> str:
    """A name, type or list name without wide letters, signs and blanks."""
    return " ".join(_plain(text).split())


def repaired_text(text: str) -> str:
    """A text for people: only its references `${name}` are code."""
    return _REFERENCE.sub(lambda found: f"${{{_plain(found['name'])}}}", text)


def _plain(text: str) -> str:
    for table in (_INVISIBLE, _WIDE_ALPHANUMERIC, _SIGNS, _LONGER):
        text = text.translate(table)
    return text


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """(is quoted, part): a quoted part begins and ends with a straight quote."""
    start = 0
    while start < len(text):
        opening = next((place for place in range(start, len(text)) if text[place] in _OPENING), len(text))
        if opening > start:
            yield False, text[start:opening]
        if opening == len(text):
            return
        quote = _OPENING[text[opening]]
        end = _end_of_quote(text, opening, quote)
        if end < 0:  # never closed: the reader of expressions says so better than we can
            yield False, quote + text[opening + 1 :]
            return
        yield True, f"{quote}{text[opening + 1 : end]}{quote}"
        start = end + 1


def _end_of_quote(text: str, opening: int, quote: str) -> int:
    """A straight quote is closed by a straight one if there is any; a curly one by whatever comes first."""
    if text[opening] == quote:
        end = text.find(quote, opening + 1)
        if end >= 0:
            return end
    return next((place for place in range(opening + 1, len(text)) if text[place] in _CLOSING[quote]), -1)
