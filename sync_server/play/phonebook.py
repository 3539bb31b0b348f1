"""The phones of a story: enrolled when first used; what is written on one goes out at once if it has signal."""

from __future__ import annotations

from typing import Any

from casebook.rules.lifecycle import Lifecycle
from sync_server.play import stage as scenery
from sync_server.play.cast import OWN_TEACHER
from sync_server.play.phones import Phone
from sync_server.play.said import StoryBroken
from sync_server.play.stage import Stage
from sync_server.play.story import Event

Outcome = dict[str, Any]
REFUSED, WRITTEN = "refused", "written"
ON_PHONE = "on_phone"
NOT_TAKEN = ("quarantined", "refused")


class PhoneBook:
    """Who carries which phone."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._phones: dict[str, Phone] = {}

    def of(self, name: str) -> Phone:
        """The phone of a person, or a device by its name in the story."""
        role = scenery.phone_role(self.stage, name)
        if role.key not in self._phones:
            self._phones[role.key] = Phone(self.stage, role)
        return self._phones[role.key]

    def outline(self, name: str) -> dict[str, Any]:
        """What a phone shows of children; nothing on one that nobody has used yet."""
        role = scenery.phone_role(self.stage, name)
        return self._phones[role.key].outline() if role.key in self._phones else {}

    def used(self, event: Event, usual: str) -> Phone:
        """The phone that an event happens on: the one it names, its person's, or that of the usual person."""
        name = event.get("on") or event.get("by") or usual
        return self.of(usual if name == OWN_TEACHER else name)

    def sent(self, event: Event, phone: Phone, rid: str) -> Outcome:
        """What becomes of a record just written: it waits on the phone, or the school says its verdict."""
        if event.get("offline", phone.offline):
            return {WRITTEN: ON_PHONE}
        verdict, code = phone.sync().verdicts[rid]
        return {WRITTEN: verdict} | ({REFUSED: [code]} if verdict in NOT_TAKEN else {})

    def life(self, child: str) -> Lifecycle:
        """A child as the school sees it now."""
        with self.stage.wiring.store.read() as conn:
            return self.stage.wiring.lives.of(conn, self.stage.students[child])


def need(event: Event, name: str) -> str:
    """A part that this event cannot do without. Raises StoryBroken."""
    value = event.get(name)
    if not value:
        raise StoryBroken(event.place, "play.broken.missing", name=name)
    return str(value)


def pointed_at(stage: Stage, event: Event, label: str) -> str:
    """The record, visit or event that a label stands for. Raises StoryBroken when that event came to nothing."""
    if label not in stage.labels:
        raise StoryBroken(event.place, "play.broken.came_to_nothing", said=label)
    return stage.labels[label]
