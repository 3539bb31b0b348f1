"""Plays a story from its first event to its last, or to a moment, and collects what came of it."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync_server.play.cast import OWN_TEACHER
from sync_server.play.doing import Doings, publish_rules
from sync_server.play.expecting import Difference, differences
from sync_server.play.going import CALL_FORM
from sync_server.play.kinds import NUMBERED, child_key, room_key
from sync_server.play.phonebook import REFUSED
from sync_server.play.said import Said, StoryBroken
from sync_server.play.stage import Stage, compiled_form, freeze, set_up
from sync_server.play.story import EXPECT, IMPORT, Event, Story
from sync_server.play.telling import SCHOOL, Teller

OUTCOME = "outcome"


@dataclass
class Played:
    """What came of a story: the state at the end, what became of each event, and what was not as expected."""

    title: str
    told: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    expectations: int = 0

    @property
    def well(self) -> bool:
        """Whether everything came as expected."""
        return not self.differences


def play(story: Story, until: dt.datetime | None = None) -> Played:
    """Plays the story in a temporary folder. Raises StoryBroken, StageFailed."""
    with performed(story, until) as (played, _):
        return played


@contextmanager
def performed(story: Story, until: dt.datetime | None = None) -> Iterator[tuple[Played, Stage]]:
    """The same, and the school stays open to be looked at. Raises StoryBroken, StageFailed."""
    played = Played(story.title)
    with _stage(story) as stage:
        doings = Doings(stage)
        teller = Teller(stage, doings.visits, doings.phones)
        frozen = story.cast.freeze is None
        for event in story.events:
            if until is not None and event.at > until:
                break
            if not frozen and story.cast.freeze and event.at >= story.cast.freeze:
                frozen = _freeze(stage, story)
            if event.verb == EXPECT:
                _look(event, stage, teller, played)
            else:
                _happen(event, doings, stage, played)
        stage.clock.now = max(stage.clock.now, until) if until else stage.clock.now
        played.told = teller.everything(_told_of(story))
        yield played, stage


@contextmanager
def _stage(story: Story) -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="play-") as folder:
        stage = set_up(story.cast, _forms(story), Path(folder) / "school")
        try:
            publish_rules(stage, story.cast.rules)
            yield stage
        finally:
            stage.close()


def _forms(story: Story) -> set[str]:
    """The forms that the story uses. Raises StoryBroken for one that there is not."""
    found = set()
    for event in story.events:
        if event.verb in ("visit", "call"):
            form = event.get("form", CALL_FORM)
            try:
                compiled_form(form)
            except KeyError:
                raise StoryBroken(event.place, "play.broken.no_form", said=form) from None
            found.add(form)
    return found


def _freeze(stage: Stage, story: Story) -> bool:
    """The base figure of every class, in the first term of the calendar."""
    assert story.cast.freeze is not None
    stage.clock.now = story.cast.freeze
    freeze(stage, "registrar", str(story.cast.terms[0]["term"]))
    return True


def _happen(event: Event, doings: Doings, stage: Stage, played: Played) -> None:
    outcome = doings.happen(event)
    played.events.append({
        "line": event.place.line, "at": event.at.isoformat(timespec="minutes"), "event": event.verb,
        "about": event.subject if isinstance(event.subject, str) else None, OUTCOME: outcome,
    })  # fmt: skip
    refused, expected = outcome.get(REFUSED, []), event.get(REFUSED)
    played.expectations += expected is not None
    if sorted(refused) != sorted(expected or ()):
        played.differences.append(Difference(event.place, {REFUSED: list(expected or ())}, outcome))
    if isinstance(wanted := event.get(OUTCOME), Said):
        played.expectations += 1
        played.differences += differences(wanted, outcome)


def _look(event: Event, stage: Stage, teller: Teller, played: Played) -> None:
    stage.clock.now = event.at
    for name, expected in event.subject.items():
        found = teller.subject(_key(name, expected, stage))
        played.expectations += 1
        played.differences += differences(expected, found)


def _key(name: str, expected: Said, stage: Stage) -> str:
    """The child, class, phone or school that an expectation is about. Raises StoryBroken."""
    if name == SCHOOL or child_key(name) in stage.students:
        return child_key(name)
    if name in stage.cast.devices or name in stage.cast.people:
        return name
    try:
        room = room_key(Said(name, expected.place))
    except StoryBroken:
        room = ""
    if room not in stage.rooms:
        raise StoryBroken(expected.place, "play.broken.nobody", said=name, kind="subject",
                          known=" ".join([SCHOOL, *sorted(stage.rooms)][:12]))  # fmt: skip
    return room


def _told_of(story: Story) -> list[str]:
    """Children with a name of their own, and those that single events are about."""
    named = [key for key in story.cast.children if NUMBERED not in key]
    for event in story.events:
        about = event.subject if isinstance(event.subject, tuple) else ()
        named += [child.key for child in about] if event.verb == IMPORT else about if len(about) == 1 else ()
        named += [event.get("child")] if event.get("child") else []
        named += [key for key in event.get("absent", {}) if key != OWN_TEACHER]
    return list(dict.fromkeys(named))
