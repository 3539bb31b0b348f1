"""Gathers what the evidence rule looks at: the first version tells when and where, the newest what was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casebook.kinds.visit import arrived_of, is_guardians, outing_of
from casebook.records import Attachment, Record
from casebook.rules.evidence import Capture, Part, parts
from casebook.rules.reading import answers as answers_of
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

    @property
    def photos(self) -> list[Attachment]:
        """The photos of the version that counts."""
        return [attachment for attachment in self.head.att if attachment.role == PHOTO]

    @property
    def links(self) -> set[str]:
        """By what other visits are seen beside this one: the child, and each photo."""
        return {str(self.head.case), *(photo.sha256 for photo in self.photos)}


def sighting(visit: str, versions: Sequence[tuple[Record, str | None]]) -> Sighting:
    """A visit from its versions (record, received at), oldest first."""
    (first, received_at), (head, _) = versions[0], versions[-1]
    return Sighting(visit, first, head, received_at, plain_answers(head))


def evidence(this: Sighting, others: Iterable[Sighting]) -> tuple[Part, ...]:
    """The evidence parts of a visit, seen beside the child's earlier visits, and beside any with one of its photos."""
    earlier = [other for other in others if other.visit != this.visit and _before(other, this)]
    former = [other for other in earlier if other.head.case == this.head.case]
    head, answers, used = this.head, this.answers, _used_before(this, earlier)
    return parts(
        Capture(
            at=this.first.at,
            arrived=arrived_of(this.first),
            place=this.first.place or head.place,
            former_places=tuple(other.first.place for other in former if other.first.place),
            photo_sources=tuple(photo.source for photo in this.photos if not _prints(photo) & used),
            reused_photos=sum(bool(_prints(photo) & used) for photo in this.photos),
            sign_mode=answers.get("sign_mode", ""),
            strokes=any(a.role == SIGNATURE and is_guardians(a.question) for a in head.att),
            contact_result=answers.get("contact_result", ""),
            fellow_visitors=len(fellow_names(answers)),
            said_in_company=bool({*answers.get("with_whom", "").split()} - {"alone"}),
            summary=answers.get("summary", ""),
            former_summaries=tuple(other.answers.get("summary", "") for other in former),
            received_at=this.received_at,
        )
    )


def plain_answers(record: Record) -> dict[str, str]:
    """Question name -> answer as written, from the instance; empty when it cannot be read. Not to be changed."""
    return answers_of(str(record.body.get("instance", "")))


def _used_before(this: Sighting, earlier: Iterable[Sighting]) -> set[str]:
    """Hashes of photos and of their originals that visits of other outings had before."""
    elsewhere = (other for other in earlier if outing_of(other.first) != outing_of(this.first))
    return {found for other in elsewhere for photo in other.photos for found in _prints(photo)}


def _prints(photo: Attachment) -> set[str]:
    return {found for found in (photo.sha256, photo.src_sha256) if found}


def _before(other: Sighting, this: Sighting) -> bool:
    return other.first.hlc < this.first.hlc
