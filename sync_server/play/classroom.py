"""Headcounts and leaves as teachers write them on their phones."""

from __future__ import annotations

from typing import Any

from casebook.kinds.headcount import AWAY_KINDS
from sync_server.play.phonebook import Outcome, PhoneBook, pointed_at
from sync_server.play.phones import Written, new_id
from sync_server.play.story import Event

USUAL_LEAVE = {"kind": "sick", "asked_by": "guardian", "reason": "unwell", "proof": "slip"}
_OF_LEAVE = ("first", "last", "kind", "asked_by", "reason", "proof", "verified_at", "returned_on", "withdrawn")


class Classroom:
    """What happens in class."""

    def __init__(self, phones: PhoneBook) -> None:
        self._phones, self._stage = phones, phones.stage

    def headcount(self, event: Event) -> Outcome:
        """One class counted; a correction names what it corrects, and why."""
        room, today = event.subject, event.at.date()
        missing = {child: kind for child, away in event.get("absent", {}).items() if (kind := away.on(today))}
        phone = self._phones.used(event, self._stage.cast.teachers[room])
        expected = event.get("expected", self._stage.on_list(room))
        away = sum(kind in AWAY_KINDS for kind in missing.values())
        body: dict[str, Any] = {
            "class": self._stage.rooms[room], "day": today.isoformat(), "session": event.get("session", "am"),
            "expected": expected, "present": event.get("present", expected - away),
            "source": event.get("source", "roll"),
            "absent": [{"student": self._stage.students[child], "kind": kind} for child, kind in missing.items()],
        }  # fmt: skip
        body |= {name: event.get(name) for name in ("lesson", "reason") if event.get(name)}
        former = event.get("corrects")
        rid = phone.write(Written("headcount", body, amends=[pointed_at(self._stage, event, former)] if former else []))
        self._stage.call(f"headcount:{event.place.line}", event.get("as", ""), rid)
        return self._phones.sent(event, phone, rid)

    def leave(self, event: Event) -> Outcome:
        """A leave, or another version of one: checked by a call, ended, withdrawn."""
        phone = self._phones.used(event, self._stage.cast.teacher_of(event.subject))
        phone.refresh()
        former = pointed_at(self._stage, event, event.get("corrects")) if event.get("corrects") else ""
        known = phone.record(former)
        today = event.at.date().isoformat()
        told = {name: _plain(event.get(name)) for name in _OF_LEAVE if event.get(name) is not None}
        usual = {"leave": new_id(), "first": today, "last": told.get("first", today), **USUAL_LEAVE}
        body = usual | (dict(known.body) if known else {}) | told
        case = self._stage.students[event.subject]
        rid = phone.write(Written("leave", body, case, amends=[former] if former else []))
        self._stage.call(f"leave:{event.place.line}", event.get("as", ""), rid)
        return self._phones.sent(event, phone, rid)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
