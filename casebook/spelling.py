"""How a child's name is spelt, learnt from the children's rows themselves: no dictionary of readings is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from casebook.columns import Spellings
from casebook.feeds import STUDENTS

LONGEST = 12  # syllables of a name that is learnt from


def _syllables(row: Mapping[str, Any]) -> Sequence[str]:
    """The pinyin cut into a syllable for each character, where the initials leave but one way to do it."""
    pinyin, initials = str(row.get("pinyin", "")), str(row.get("initials", ""))
    ways = list(islice(_ways(pinyin, initials), 2)) if 0 < len(initials) <= LONGEST else []
    return _by_character(row, ways[0]) if len(ways) == 1 else ()


def _initials(row: Mapping[str, Any]) -> Sequence[str]:
    return _by_character(row, str(row.get("initials", "")))


def _ways(text: str, firsts: str) -> Iterator[tuple[str, ...]]:
    """All ways to cut a text into pieces that begin with these letters."""
    if text[:1] != firsts[:1]:
        return
    if len(firsts) == 1:
        yield (text,)
    for end in range(1, len(text) if firsts[1:] else 0):
        for rest in _ways(text[end:], firsts[1:]):
            yield (text[:end], *rest)


def _by_character(row: Mapping[str, Any], pieces: Sequence[str]) -> Sequence[str]:
    """The pieces beside the letters of the name, nothing beside a middle dot; empty if they are not as many."""
    spoken = [character.isalpha() for character in str(row.get("name", ""))]
    rest = iter(pieces)
    return [next(rest) if one else "" for one in spoken] if sum(spoken) == len(pieces) else ()


#: By feed: what of a row its name spells.
SPELLINGS: Mapping[str, Spellings] = {STUDENTS: {"pinyin": ("name", _syllables), "initials": ("name", _initials)}}
