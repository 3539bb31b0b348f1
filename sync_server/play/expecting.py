"""Compares what a story expects with what came: part by part, and says where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync_server.play.said import Place, Said, short

HAS, LACKS, COUNT, LEAST, MOST = WORDS = ("has", "lacks", "count", "at_least", "at_most")
_NAMED_BY = ("code", "kind", "event", "key", "due")
_NOTHING = ("none", "null")


@dataclass(frozen=True)
class Difference:
    """One thing that is not as expected."""

    place: Place
    expected: Any
    found: Any


def differences(expected: Said, found: Any) -> Iterator[Difference]:
    """Everything in which `found` is not as `expected`: a mapping names only the parts that matter."""
    if isinstance(expected.value, dict) and WORDS_ONLY.issuperset(expected.value):
        yield from _by_words(expected, found)
    elif isinstance(expected.value, dict) and isinstance(found, Mapping):
        for name, part in expected.items():
            yield from differences(part, found.get(name))
    elif isinstance(expected.value, list) and isinstance(found, list | tuple):
        if len(expected.value) != len(found):
            yield Difference(expected.place, expected.plain(), found)
        else:
            for part, one in zip(expected.value, found, strict=True):
                yield from differences(part, one)
    elif not _same(expected.value, found):
        yield Difference(expected.place, expected.plain(), found)


WORDS_ONLY = frozenset(WORDS)


def _by_words(expected: Said, found: Any) -> Iterator[Difference]:
    """has, lacks, count, at_least, at_most."""
    listed = list(found.items() if isinstance(found, Mapping) else found or ()) if not isinstance(found, int) else []
    keys = list(found) if isinstance(found, Mapping) else listed
    number = found if isinstance(found, int) else len(listed)
    for word, part in expected.items():
        if word in (HAS, LACKS):
            for one in part.each():
                there = any(not list(differences(one, candidate)) for candidate in keys)
                if there != (word == HAS):
                    yield Difference(one.place, {word: one.plain()}, keys)
        else:
            wanted = part.value
            right = {COUNT: number == wanted, LEAST: number >= wanted, MOST: number <= wanted}[word]
            if not right:
                yield Difference(part.place, {word: wanted}, number)


def _same(expected: Any, found: Any) -> bool:
    """Texts and numbers by what they say; a word stands for the mapping that it names; `none` for nothing."""
    if expected is None or (expected in _NOTHING and isinstance(expected, str)):
        return found in (None, "", [], {}, (), "none")
    if isinstance(found, Mapping) and isinstance(expected, str):
        return any(found.get(name) == expected for name in _NAMED_BY)
    if isinstance(found, bool) or isinstance(expected, bool):
        return bool(_switch(expected) == found)
    return str(expected) == str(found)


def _switch(value: Any) -> Any:
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


def told(difference: Difference) -> dict[str, Any]:
    """A difference as plain values."""
    return {"place": str(difference.place), "expected": difference.expected, "found": difference.found}


def line(difference: Difference) -> str:
    """A difference in one line, without words."""
    return f"{difference.place}: {short(difference.expected)} <> {short(difference.found)}"
