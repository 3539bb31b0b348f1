"""What the parts of a story may hold, kind by kind; each reader says what it expected when it finds something else."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from casebook.kinds.headcount import ABSENCE_KINDS
from casebook.rules.facts import CHINA
from sync_server.play.said import Said
from sync_server.roster.classnames import class_name

_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?(?: (\d{1,2}:\d\d))?\Z")
_CLOCK = re.compile(r"([+-]?)(\d+)( ?min| ?s)?\Z")
NUMBERED = "#"
LABEL = "@"
END_OF_DAY = "23:59"


@dataclass(frozen=True)
class When:
    """From the first to the last day, each school day at this time; one day is that day, whatever it is."""

    first: dt.date
    last: dt.date | None
    time: dt.time

    def on(self, day: dt.date) -> dt.datetime:
        """The moment on one of the days."""
        return dt.datetime.combine(day, self.time, CHINA)


@dataclass(frozen=True)
class Away:
    """The kind of a child's absence, on all days or on some: (kind, first and last days)."""

    kinds: tuple[tuple[str, tuple[tuple[dt.date, dt.date], ...]], ...]

    def on(self, day: dt.date) -> str:
        """The kind on a day; empty when the child is there."""
        fitting = (kind for kind, spans in self.kinds if not spans or any(a <= day <= b for a, b in spans))
        return next(fitting, "")


@dataclass
class Names:
    """Everything a story may name, as far as it has been read. `labels` grow with the events."""

    children: set[str] = field(default_factory=set)
    rooms: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)


def text(said: Said, names: Names) -> str:
    """A text."""
    return said.text()


def day(said: Said, names: Names) -> dt.date:
    """A day: 2025-10-09."""
    try:
        return dt.date.fromisoformat(said.text())
    except ValueError:
        raise said.broken("play.broken.expected", kind="day") from None


def moment(said: Said, names: Names) -> dt.datetime:
    """A day with a time: 2025-10-09 16:20."""
    found = when(said, names)
    if found.last is not None:
        raise said.broken("play.broken.expected", kind="moment")
    return found.on(found.first)


def when(said: Said, names: Names) -> When:
    """A moment, or every school day from one day to another: 2025-10-09..2025-10-21 07:50."""
    found = _SPAN.match(said.text())
    try:
        if found is None:
            raise ValueError
        first = dt.date.fromisoformat(found[1])
        last = dt.date.fromisoformat(found[2]) if found[2] else None
        time = dt.time.fromisoformat((found[3] or END_OF_DAY).zfill(5))
    except ValueError:
        raise said.broken("play.broken.expected", kind="when") from None
    return When(first, last, time)


def flag(said: Said, names: Names) -> bool:
    """yes or no."""
    known = {"yes": True, "no": False, True: True, False: False}
    if said.value not in known:
        raise said.broken("play.broken.expected", kind="flag")
    return known[said.value]


def number(said: Said, names: Names) -> int:
    """A whole number."""
    if not isinstance(said.value, int) or isinstance(said.value, bool):
        raise said.broken("play.broken.expected", kind="number")
    return said.value


def clock(said: Said, names: Names) -> int:
    """How far a clock is ahead, in seconds: -35 min is slow, 20 s is fast."""
    found = _CLOCK.match(said.text())
    if found is None:
        raise said.broken("play.broken.expected", kind="clock")
    seconds = int(found[2]) * (1 if (found[3] or "").strip() == "s" else 60)
    return -seconds if found[1] == "-" else seconds


def words(said: Said, names: Names) -> tuple[str, ...]:
    """A list of texts; one text with blanks is several."""
    return tuple(part for one in said.each() for part in one.text().split())


def mapping(said: Said, names: Names) -> dict[str, Any]:
    """Names with values."""
    return {name: part.plain() for name, part in said.items()}


def answers(said: Said, names: Names) -> dict[str, str]:
    """Question names with answers; a list is several choices."""
    return {name: " ".join(one.text() for one in part.each()) for name, part in said.items()}


def raw(said: Said, names: Names) -> Said:
    """Anything, with its places."""
    return said


def room(said: Said, names: Names) -> str:
    """A class: 8.2."""
    found = room_key(said)
    return _known(said, found, names.rooms, "class")


def child(said: Said, names: Names) -> str:
    """A child's name in the story, or one of a class by number: 8.2#17."""
    return _known(said, child_key(said.text()), names.children, "child")


def children(said: Said, names: Names) -> tuple[str, ...]:
    """Children, or a group of them."""
    found: list[str] = []
    for one in said.each():
        found += names.groups.get(one.text()) or (child(one, names),)
    return tuple(dict.fromkeys(found))


def absent(said: Said, names: Names) -> dict[str, Away]:
    """Children with the kind of their absence, or with kinds and their days: {sick: 2025-11-03..2025-11-05}."""
    return {child(Said(name, part.place), names): _away(part) for name, part in said.items()}


def _away(said: Said) -> Away:
    if not isinstance(said.value, dict):
        return Away(((_kind(said, said.text()), ()),))
    return Away(tuple((_kind(part, kind), tuple(_days(one) for one in part.each())) for kind, part in said.items()))


def _kind(said: Said, kind: str) -> str:
    if kind not in ABSENCE_KINDS:
        raise said.broken("play.broken.nobody", said=kind, kind="absence", known=" ".join(sorted(ABSENCE_KINDS)))
    return kind


def _days(said: Said) -> tuple[dt.date, dt.date]:
    first, _, last = said.text().partition("..")
    try:
        return dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
    except ValueError:
        raise said.broken("play.broken.expected", kind="days") from None


def person(said: Said, names: Names) -> str:
    """A person's name in the story."""
    return _known(said, said.text(), names.people, "person")


def people(said: Said, names: Names) -> tuple[str, ...]:
    """Persons."""
    return tuple(person(one, names) for one in said.each())


def device(said: Said, names: Names) -> str:
    """A device, or a person: the phone he always carries."""
    return _known(said, said.text(), names.devices | names.people, "device")


def label(said: Said, names: Names) -> str:
    """What an earlier event was called with `as`."""
    return _known(said, said.text().removeprefix(LABEL), names.labels, "label")


def new_label(said: Said, names: Names) -> str:
    """A name for what happens here, so that later events can point at it."""
    names.labels.add(said.text())
    return said.text()


KINDS: Mapping[str, Callable[[Said, Names], Any]] = {
    one.__name__: one for one in (
        text, day, moment, when, flag, number, clock, words, mapping, answers, raw, room, child, children, absent,
        person, people, device, label, new_label,
    )
}  # fmt: skip


def room_key(said: Said) -> str:
    """The class as the story writes it for itself: grade and number with a dot, or its own word."""
    found = class_name("", said.text())
    if found is None:
        raise said.broken("play.broken.expected", kind="class")
    return f"{found.grade}.{found.number}" if found.number else found.name


def child_key(name: str) -> str:
    """The name of a child; one named by its class and number in our own way of writing."""
    room_text, sign, number_text = name.rpartition(NUMBERED)
    found = class_name("", room_text) if sign else None
    return f"{found.grade}.{found.number}{NUMBERED}{number_text}" if found and found.number else name


def _known(said: Said, name: str, among: set[str], kind: str) -> str:
    if name not in among:
        raise said.broken("play.broken.nobody", kind=kind, known=" ".join(sorted(among)[:12]))
    return name
