"""A photo of one outing may serve another of its visits: by an explicit tap, as the same file with its true time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook.records import Attachment
from fieldapp import outings
from fieldapp.outings import Stop
from fieldapp.store.drafts import DraftRow
from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from casebook.forms import Session

GROUPS = ("visit", "photos")  # where photos of the door, the way and the talk are asked for; never of papers


@dataclass(frozen=True)
class SharedPhoto:
    """A photo taken on this outing, the visit it was taken in, when it was given there, and what its camera claimed."""

    file: Attachment
    visit: str
    answered: str
    said: Mapping[str, Any]


def photo_to_share(work: Workspace, row: DraftRow, session: Session, ref: str) -> SharedPhoto | None:
    """The newest photo that another visit of this outing has for the same question; None when there is none.

    Only one whose time is known and lies within the outing: an older picture is no evidence of this visit.
    """
    parts = ref.split("/")
    if row.amends or len(parts) < 4 or parts[2] not in GROUPS:
        return None
    asked = session.question(ref).label
    found = [photo for stop in _others(work, row) for photo in _answering(work, stop, parts[-1], asked)]
    fitting = [photo for photo in found if _within(work, row, photo.file.taken_at)]
    return max(fitting, key=lambda photo: str(photo.file.taken_at), default=None)


def _others(work: Workspace, row: DraftRow) -> list[Stop]:
    return [stop for stop in outings.of_outing(work, row.case, row.outing) if stop.visit != row.visit]


def _answering(work: Workspace, stop: Stop, name: str, asked: str) -> Iterator[SharedPhoto]:
    """The visit's photos that answer the question of that name in the same words."""
    files = [file for file in outings.photos(work, stop) if (file.question or "").rsplit("/", 1)[-1] == name]
    session = outings.session_of(work, stop) if files else None
    for file in files:
        ref = file.question or ""
        if session and session.question(ref).label == asked:
            yield SharedPhoto(file, stop.visit, session.answered.get(ref, ""), _said(work, stop, file.sha256))


def _said(work: Workspace, stop: Stop, sha256: str) -> Mapping[str, Any]:
    claims = stop.head.record.body.get("camera_claims", {}) if stop.head else {}
    said: Mapping[str, Any] = (work.books.drafts.claims(work.db, stop.draft_id) if stop.draft_id else claims)
    found: Mapping[str, Any] = said.get(sha256, {})
    return found


def _within(work: Workspace, row: DraftRow, taken_at: str | None) -> bool:
    if taken_at is None:
        return False
    arrived = dt.datetime.fromisoformat(row.arrived)
    return arrived <= dt.datetime.fromisoformat(taken_at) <= work.clock.now()
