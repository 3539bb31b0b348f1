"""Cuts the text of an expression into tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

from casebook.errors import FormBroken


class Token(NamedTuple):
    """`kind` is path, number, text, parent, self, operator, word (and or mod div *), star, name or end."""

    kind: str
    text: str


_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<text>"[^"]*"|'[^']*')
  | (?P<parent>\.\.)
  | (?P<self>\.)
  | (?P<operator>::|//|!=|<=|>=|[()\[\]@,/|+\-=<>*])
  | (?P<name>[^\W\d][\w\-.]*(?::(?!:)(?:\*|[^\W\d][\w\-.]*))?)
    )""",
    re.VERBOSE,
)
#: an absolute path of plain names, which is what most references are, in one piece
_PATH = re.compile(r"\s*((?:/[^\W\d][\w\-.]*)+)(?![\w\-.]|\s*[/\[(:])")
_WORDS = ("and", "or", "mod", "div")
_GLUED = re.compile(r"(and|or|mod|div)(?=\d)")


def tokenize(source: str) -> list[Token]:
    """Tokens of `source`, closed by an `end` token. Raises FormBroken at the first unreadable sign."""
    found: list[Token] = []
    place, end = 0, len(source.rstrip())
    while place < end:
        match = _TOKEN.match(source, place)
        if match is None:
            raise FormBroken(reason="sign", source=source, at=place, sign=source[place:].lstrip()[:1])
        kind = str(match.lastgroup)
        text = match[kind]
        if text == "/" and not _after_operand(found) and (path := _PATH.match(source, place)):
            found.append(Token("path", path[1]))
            place = path.end()
            continue
        place = match.end()
        if kind == "name" and _after_operand(found):
            kind, text, back = _operator_word(text)
            place -= back
        elif text == "*" and kind == "operator":
            kind = "word" if _after_operand(found) else "star"
        found.append(Token(kind, text))
    found.append(Token("end", ""))
    return found


def _after_operand(found: list[Token]) -> bool:
    """Whether the token before is an operand, so that a name or star here must be an operator."""
    if not found:
        return False
    kind, text = found[-1]
    return kind != "word" and (kind != "operator" or text in (")", "]"))


def _operator_word(text: str) -> tuple[str, str, int]:
    """A name after an operand: kind, text and how many signs were read too many (`1and1` is `1 and 1`)."""
    if text in _WORDS:
        return "word", text, 0
    glued = _GLUED.match(text)
    if glued:
        return "word", glued[1], len(text) - glued.end()
    return "name", text, 0
