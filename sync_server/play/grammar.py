"""What a story may say, as tables: its sections, its events with their parts. The documentation lists the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync_server.play.kinds import KINDS, Names
from sync_server.play.said import Said


@dataclass(frozen=True)
class Part:
    """One part: its kind (a name of KINDS), and whether it must be there."""

    kind: str
    needed: bool = False


def needed(kind: str) -> Part:
    """A part that must be there."""
    return Part(kind, True)


Parts = Mapping[str, Part]

STORY: Parts = {
    "title": Part("text"), "about": Part("text"), "extends": Part("text"), "without": Part("words"),
    "school": Part("raw"),
    "calendar": Part("raw"), "rules": Part("raw"), "staff": Part("raw"), "roster": Part("raw"),
    "devices": Part("raw"), "freeze": Part("moment"), "events": needed("raw"),
}  # fmt: skip
SCHOOL: Parts = {"name": Part("text"), "code": Part("text"), "begins": Part("moment")}
TERM: Parts = {
    "term": needed("text"), "first": needed("day"), "last": needed("day"), "off": Part("words"), "on": Part("words"),
}  # fmt: skip
PERSON: Parts = {
    "name": Part("text"), "roles": needed("words"), "classes": Part("raw"), "children": Part("raw"),
}  # fmt: skip
ROSTER: Parts = {
    "villages": Part("raw"), "grades": Part("raw"), "classes": Part("raw"), "children": Part("raw"),
}  # fmt: skip
VILLAGE: Parts = {"signal": Part("text"), "km": Part("text"), "kind": Part("text")}
GRADE: Parts = {"classes": needed("number"), "children": needed("number"), "key": Part("number")}
ROOM: Parts = {"children": Part("number"), "teacher": Part("person"), "key": Part("number")}
CHILD: Parts = {
    "class": needed("room"), "name": Part("text"), "gender": Part("text"), "birth": Part("day"),
    "village": Part("text"), "hukou_village": Part("text"), "address": Part("text"), "landmark": Part("text"),
    "household": Part("text"), "key": Part("words"), "family": Part("words"), "status": Part("text"),
    "guardians": Part("raw"), "id_no": Part("text"), "student_no": Part("text"),
}  # fmt: skip
GUARDIAN: Parts = {
    "name": needed("text"), "relation": needed("text"), "phone": Part("text"), "reads": Part("text"),
    "caretaker": Part("flag"), "legal": Part("flag"),
}  # fmt: skip
DEVICE: Parts = {"of": needed("person"), "clock": Part("clock"), "offline": Part("flag")}
SECTIONS: Mapping[str, Parts] = {
    "story": STORY, "school": SCHOOL, "calendar": TERM, "staff": PERSON, "roster": ROSTER, "roster.villages": VILLAGE,
    "roster.grades": GRADE, "roster.classes": ROOM, "roster.children": CHILD, "roster.children.guardians": GUARDIAN,
    "devices": DEVICE,
}  # fmt: skip

ALWAYS: Parts = {
    "at": needed("when"), "by": Part("person"), "as": Part("new_label"), "refused": Part("words"),
    "outcome": Part("raw"),
}  # fmt: skip
ON_A_PHONE: Parts = {"on": Part("device"), "offline": Part("flag")}
EVENTS: Mapping[str, Parts] = {
    "headcount": {
        "headcount": needed("room"), "session": Part("text"), "absent": Part("absent"), "expected": Part("number"),
        "present": Part("number"), "source": Part("text"), "lesson": Part("text"), "corrects": Part("label"),
        "reason": Part("text"), **ON_A_PHONE,
    },
    "leave": {
        "leave": needed("child"), "first": Part("day"), "last": Part("day"), "kind": Part("text"),
        "asked_by": Part("text"), "reason": Part("text"), "proof": Part("text"), "verified_at": Part("moment"),
        "returned_on": Part("day"), "withdrawn": Part("text"), "corrects": Part("label"), **ON_A_PHONE,
    },
    "call": {
        "call": needed("children"), "except": Part("children"), "answers": Part("answers"), "minutes": Part("number"),
        **ON_A_PHONE,
    },
    "visit": {
        "visit": needed("children"), "except": Part("children"), "form": needed("text"), "with": Part("people"),
        "answers": Part("answers"),
        "minutes": Part("number"), "photos": Part("flag"), "location": Part("flag"), "outing": Part("label"),
        "supplements": Part("label"), **ON_A_PHONE,
    },
    "act": {
        "act": needed("text"), "child": Part("child"), "role": Part("text"), "says": Part("mapping"),
        "unasked": Part("flag"), **ON_A_PHONE,
    },
    "review": {"review": needed("label"), "decision": needed("text"), "remark": Part("text")},
    "resolve": {"resolve": needed("text"), "child": needed("child"), "keep": needed("text")},
    "roll": {
        "roll": needed("text"), "child": needed("child"), "day": Part("day"), "until": Part("day"),
        "says": Part("mapping"), "approved_by": Part("person"), "refused_by": Part("person"),
    },
    "sync": {
        "sync": needed("device"), "order": Part("words"), "bytes": Part("number"), "times": Part("number"),
    },
    "import": {"import": needed("raw")},
    "freeze": {"freeze": needed("text")},
    "term": {"term": needed("raw")},
    "year_end": {
        "year_end": needed("text"), "stay": Part("children"), "promote": Part("children"), "graduate": Part("children"),
    },
    "rule": {"rule": needed("mapping")},
    "expect": {"expect": needed("raw")},
}  # fmt: skip


def parts_of(said: Said, allowed: Parts, names: Names) -> dict[str, Any]:
    """The parts that are said, read by their kinds. Raises StoryBroken for one unknown, missing or unfit."""
    said.only(allowed)
    found = {}
    for name, part in allowed.items():
        told = said.get(name)
        if told is not None:
            found[name] = KINDS[part.kind](told, names)
        elif part.needed:
            raise said.broken("play.broken.missing", name=name)
    return found
