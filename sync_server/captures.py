"""Gathers what the evidence rule looks at: the first version tells when and where, the newest what was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casebook.errors import FormBroken
from casebook.forms.xmlinput import MAX_ANSWERS_BYTES, local_name, parse_xml
from casebook.records import Record
from casebook.rules.evidence import Capture, Part, parts
from sync_server.answers import fellow_names

PHOTO, SIGNATURE = "photo", "signature"
SOUND, PAPER = "audio", "file"


@dataclass(frozen=True)
class Sighting:
    """One visit of a child: its first and newest version, when the first arrived, and its plain answers."""

    visit: str
    first: Record
    head: Record
    received_at: str | None
    answers: dict[str, str]


def sighting(visit: str, versions: Sequence[tuple[Record, str | None]]) -> Sighting:
    """A visit from its versions (record, received at), oldest first."""
    (first, received_at), (head, _) = versions[0], versions[-1]
    return Sighting(visit, first, head, received_at, plain_answers(head))


def evidence(this: Sighting, of_child: Iterable[Sighting]) -> tuple[Part, ...]:
    """The evidence parts of a visit, seen beside the child's earlier visits."""
    former = [other for other in of_child if other.visit != this.visit and _before(other, this)]
    head, answers = this.head, this.answers
    return parts(
        Capture(
            at=this.first.at,
            place=this.first.place or head.place,
            former_places=tuple(other.first.place for other in former if other.first.place),
            photo_sources=tuple(a.source for a in head.att if a.role == PHOTO),
            sign_mode=answers.get("sign_mode", ""),
            strokes=any(a.role == SIGNATURE for a in head.att),
            contact_result=answers.get("contact_result", ""),
            fellow_visitors=len(fellow_names(answers)),
            summary=answers.get("summary", ""),
            former_summaries=tuple(other.answers.get("summary", "") for other in former),
            received_at=this.received_at,
        )
    )


def plain_answers(record: Record) -> dict[str, str]:
    """Question name -> answer as written, from the instance; empty when it cannot be read."""
    try:
        root, _ = parse_xml(str(record.body.get("instance", "")).encode(), MAX_ANSWERS_BYTES)
    except FormBroken:
        return {}
    return {local_name(node.tag): (node.text or "").strip() for node in root.iter() if len(node) == 0}


def _before(other: Sighting, this: Sighting) -> bool:
    return other.first.hlc < this.first.hlc
