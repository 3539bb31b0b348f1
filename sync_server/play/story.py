"""A story as it is told: its cast and its events in the order in which they happen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casebook.rules.calendar import SchoolCalendar
from sync_server.play import grammar
from sync_server.play.cast import OWN_TEACHER, Cast, read_cast, read_child
from sync_server.play.grammar import parts_of
from sync_server.play.kinds import Names, When
from sync_server.play.said import Place, Said, read_file

EXPECT, IMPORT = "expect", "import"
OF_CHILDREN = ("headcount", "leave", "call", "visit")  # they know by themselves whom they are about
LONGEST_LINE = 8  # stories that extend stories


@dataclass(frozen=True)
class Event:
    """One thing that happens: `verb` is its kind, `subject` whom or what it is about, `parts` the rest."""

    verb: str
    at: dt.datetime
    subject: Any
    parts: Mapping[str, Any]
    place: Place

    def get(self, name: str, usual: Any = None) -> Any:
        """A part, or what is usual."""
        return self.parts.get(name, usual)


@dataclass(frozen=True)
class Story:
    """A whole story."""

    title: str
    cast: Cast
    events: tuple[Event, ...]


def load(path: Path) -> Story:
    """The story of a file. Raises StoryBroken, OSError."""
    said = _whole(path)
    said.only(grammar.STORY)
    names = Names()
    cast = read_cast(said, names)
    told = said.get("events")
    if told is None:
        raise said.broken("play.broken.missing", name="events")
    calendar = SchoolCalendar.from_rows(cast.terms)
    events = [event for one in told.each() for event in _events(one, names, cast, calendar)]
    title = said.get("title")
    # what is expected at a moment is looked at after everything else of that moment
    ordered = sorted(events, key=lambda event: (event.at, event.verb == EXPECT))
    return Story(title.text() if title else path.stem, cast, tuple(ordered))


def _whole(path: Path, depth: int = 0) -> Said:
    """The file, laid over the one it extends: of that one's events all but the expectations."""
    said = read_file(path)
    base = said.get("extends")
    if base is None:
        return said
    if depth >= LONGEST_LINE:
        raise base.broken("play.broken.circle")
    try:
        below = _whole(path.parent / base.text(), depth + 1)
    except OSError as error:
        raise base.broken("play.broken.no_file") from error
    kept = dict(below.items())
    events = kept.get("events", Said([], below.place))
    without = said.get("without")
    left_out = {one.text() for one in without.each()} if without else set()
    kept["events"] = Said([one for one in events.each() if _stays(one, left_out)], events.place)
    return Said(kept, below.place).joined(said)


def _stays(event: Said, left_out: set[str]) -> bool:
    """Whether an event belongs to a story that extends its own: expectations do not, nor what that one leaves out."""
    called = event.get("as")
    return event.get(EXPECT) is None and not (called and called.text() in left_out)


def _events(said: Said, names: Names, cast: Cast, calendar: SchoolCalendar) -> Iterator[Event]:
    """An event, once for each of its days."""
    verbs = [name for name, _ in said.items() if name in grammar.EVENTS]
    if not verbs:
        raise said.broken("play.broken.no_verb", known=" ".join(grammar.EVENTS))
    verb = verbs[0]
    parts = parts_of(said, {**grammar.ALWAYS, **grammar.EVENTS[verb]}, names)
    subject, when = parts.pop(verb), parts.pop("at")
    if verb == IMPORT:
        subject = tuple(read_child(key, part, names) for key, part in subject.items())
        names.children |= {child.key for child in subject}
    if parts.get("by") == OWN_TEACHER and verb not in OF_CHILDREN:
        if "child" not in parts:
            raise said.broken("play.broken.missing", name="child")
        parts["by"] = cast.teacher_of(parts["child"])
    for day in _days(when, said, calendar):
        yield Event(verb, when.on(day), subject, parts, said.place)


def _days(when: When, said: Said, calendar: SchoolCalendar) -> tuple[dt.date, ...]:
    if when.last is None:
        return (when.first,)
    days = calendar.between(when.first, when.last)
    if not days:
        raise said.broken("play.broken.no_days")
    return days

