"""Reads a story file so that everything said keeps its place: file, line and path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_WHOLE = re.compile(r"-?(0|[1-9]\d*)\Z")
_SWITCHES = {"true": True, "false": False, "null": None, "~": None, "": None}


class StoryBroken(Exception):
    """A story that cannot be read: `sentence` is a wording key, `place` says where."""

    def __init__(self, place: Place, sentence: str, **facts: object) -> None:
        super().__init__(f"{place}: {sentence} {facts}")
        self.place, self.sentence, self.facts = place, sentence, facts


@dataclass(frozen=True)
class Place:
    """Where something is said: line from 1, and the names that lead there."""

    file: str
    line: int
    path: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" + (f" ({self.path})" if self.path else "")

    def below(self, name: object, line: int) -> Place:
        """A place inside this one."""
        return Place(self.file, line, f"{self.path}.{name}" if self.path else str(name))


@dataclass(frozen=True)
class Said:
    """A value of a story: None, a text, a number, a switch, a list or a mapping of Said."""

    value: Any
    place: Place

    def broken(self, sentence: str, **facts: object) -> StoryBroken:
        """The complaint about this value."""
        return StoryBroken(self.place, sentence, **{"said": short(self.plain()), **facts})

    def items(self) -> Iterator[tuple[str, Said]]:
        """The parts of a mapping; nothing where nothing is said. Raises StoryBroken."""
        if self.value is None:
            return iter(())
        if not isinstance(self.value, dict):
            raise self.broken("play.broken.expected", kind="mapping")
        return iter(self.value.items())

    def get(self, name: str) -> Said | None:
        """A part of a mapping that says something. Raises StoryBroken."""
        found = dict(self.items()).get(name)
        return found if found is not None and found.value is not None else None

    def each(self) -> list[Said]:
        """The parts of a list; a single value is a list of one."""
        if self.value is None:
            return []
        return list(self.value) if isinstance(self.value, list) else [self]

    def only(self, names: Iterable[str]) -> None:
        """Raises StoryBroken for a part with another name."""
        known = sorted(names)
        for name, part in self.items():
            if name not in known:
                raise StoryBroken(part.place, "play.broken.unknown", name=name, known=" ".join(known))

    def text(self) -> str:
        """A text, or a number as text. Raises StoryBroken."""
        if isinstance(self.value, str) or (isinstance(self.value, int) and not isinstance(self.value, bool)):
            return str(self.value)
        raise self.broken("play.broken.expected", kind="text")

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {name: part.plain() for name, part in self.value.items()}
        if isinstance(self.value, list):
            return [part.plain() for part in self.value]
        return self.value

    def joined(self, other: Said) -> Said:
        """Mappings part by part, lists one after the other; of anything else what `other` says."""
        if isinstance(self.value, dict) and isinstance(other.value, dict):
            both = dict(self.value)
            for name, part in other.value.items():
                both[name] = both[name].joined(part) if name in both else part
            return Said(both, other.place)
        if isinstance(self.value, list) and isinstance(other.value, list):
            return Said([*self.value, *other.value], other.place)
        return other


def read_file(path: Path) -> Said:
    """What a file says. Raises StoryBroken when it is no YAML, OSError when it is not there."""
    top = Place(path.name, 1)
    try:
        node = yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(path.name, mark.line + 1 if mark else 1)
        raise StoryBroken(place, "play.broken.yaml", said=getattr(error, "problem", "") or "") from error
    if not isinstance(node, yaml.MappingNode):
        raise StoryBroken(top, "play.broken.expected", said="", kind="mapping")
    return _said(node, top)


def _said(node: yaml.Node, place: Place) -> Said:
    line = node.start_mark.line + 1
    here = Place(place.file, line, place.path)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Said] = {}
        for key, part in node.value:
            name = str(key.value)
            inner = here.below(name, key.start_mark.line + 1)
            if name in found:
                raise StoryBroken(inner, "play.broken.twice", name=name)
            found[name] = _said(part, inner)
        return Said(found, here)
    if isinstance(node, yaml.SequenceNode):
        parts = [_said(part, here.below(n, part.start_mark.line + 1)) for n, part in enumerate(node.value, 1)]
        return Said(parts, here)
    return Said(node.value if node.style else _scalar(node.value), here)


def _scalar(text: str) -> Any:
    """YAML 1.2's plain words: days, times and decimals stay text, so does yes and no."""
    if text in _SWITCHES:
        return _SWITCHES[text]
    return int(text) if _WHOLE.match(text) else text


def short(value: object) -> str:
    """A value as it stands in a complaint."""
    text = str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
