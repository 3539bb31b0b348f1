"""Turns a fuzzer's bytes into input that is nearly right: a good example with some of its parts made odd."""

from __future__ import annotations

from typing import Any

ODD: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 2**53 - 1, 2**53, -(2**63), 10**30, 0.5, "", " ", "\x00", "\ud800", "\U0001f600" * 40,
    "a" * 64, "f" * 64, "A" * 64, "x" * 5000, [], {}, [[]], [None], {"": None}, {"a": {"b": []}}, "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00", "2026-02-30T10:00:00+08:00", "2026-11-21", "24:00", "٣", "²", "1e999", "NaN", "../../x",
    "<a/>", "'", "visit", "act", "headcount", "leave", "review", "resolve", "weekly", "roll", "rule", "entry",
)  # fmt: skip
MARKUP = (
    b"<", b">", b"&", b"&#0;", b"&amp;", b"]]>", b"<!DOCTYPE a>", b"/data/", b"../", b"concat(", b"instance('", b"[", b"]", b"'",
    b"position(..)", b"1 div 0", b"-", b" or ", b"true()", b"if(", b"regex(., '(')", b"9" * 400, b"\xff", b"nodeset=\"",
    b"ref=\"\"", b"jr:count=\"99999999\"", b"once(", b"date('", b"selected(", b"count-selected(", b"indexed-repeat(",
)  # fmt: skip


class Choices:
    """Decisions out of a fuzzer's bytes; when they are used up, every decision is the first."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, 0

    def below(self, count: int) -> int:
        """A number from 0 to count - 1."""
        piece = self._raw[self._at : self._at + 2]
        self._at += 2
        return int.from_bytes(piece, "big") % count if count > 0 else 0

    @property
    def left(self) -> bytes:
        """What no decision has used."""
        return self._raw[self._at :]


def odd_json(good: Any, choices: Choices) -> Any:
    """A JSON value in which one to four places hold something odd, are gone, doubled or put elsewhere."""
    tree = _copied(good)
    for _ in range(1 + choices.below(4)):
        tree = _odd(tree, choices)
    return tree


def odd_text(good: bytes, words: tuple[bytes, ...], choices: Choices) -> bytes:
    """A text of which one to six stretches were replaced, doubled or cut out."""
    for _ in range(1 + choices.below(6)):
        begin = choices.below(len(good) + 1)
        end = min(len(good), begin + choices.below(40))
        word = words[choices.below(len(words))]
        put = (word, good[begin:end] * 2, b"", choices.left[:8])[choices.below(4)]
        good = good[:begin] + put + good[end:]
    return good


def _odd(tree: Any, choices: Choices) -> Any:
    places = list(_places(tree))
    if not places:
        return ODD[choices.below(len(ODD))]
    holder, key = places[choices.below(len(places))]
    way = choices.below(5)
    if way == 0:
        del holder[key]
    elif way == 1:
        other, at = places[choices.below(len(places))]
        holder[key] = _copied(other[at])
    elif way == 2 and isinstance(holder, dict):
        holder[f"{key}{choices.below(3)}"] = _copied(holder[key])
    else:
        holder[key] = _copied(ODD[choices.below(len(ODD))])
    return tree


def _places(tree: Any) -> Any:
    """Every place of a tree: who holds it, and under which name."""
    names = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for name in names:
        yield tree, name
        yield from _places(tree[name])


def _copied(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: _copied(part) for name, part in tree.items()}
    return [_copied(part) for part in tree] if isinstance(tree, list) else tree
