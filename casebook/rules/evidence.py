"""What speaks for a visit, part by part (domain §7). The parts are shown openly; none of them blocks or accuses."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from casebook.records import Place, Span

MAX_ACCURACY_M = 200
MAX_HOME_DISTANCE_M = 1000
PLAUSIBLE_MINUTES = range(5, 241)
MIN_SUMMARY_CHARS = 20
MAX_SIMILARITY_PERCENT = 80
SYNCED_WITHIN = dt.timedelta(hours=48)

HANDWRITTEN = "handwritten"
DECLARED_MODES = frozenset({"thumb_on_paper", "seal", "proxy", "refused", "absent"})
NOBODY_MET = frozenset({"no_one_home", "refused", "moved", "wrong_address", "unsafe", "unreachable", "not_in_class"})

_COMPARED_CHARS = 2000
_METRES_PER_UNIT = 0.0111194927  # 1e-7 degrees of latitude


@dataclass(frozen=True)
class Capture:
    """What is known about how one version of a visit came about. `received_at` is the school's clock.

    `photo_sources` leaves out `reused_photos`, which a visit of another outing had before; within one outing a photo
    of the door may serve every child of the house. `arrived` is when the outing reached that door. `said_in_company`:
    somebody went along, whether or not the names are given.
    """

    at: Span
    arrived: str = ""
    place: Place | None = None
    former_places: tuple[Place, ...] = ()
    photo_sources: tuple[str | None, ...] = ()
    reused_photos: int = 0
    sign_mode: str = ""
    strokes: bool = False
    contact_result: str = ""
    fellow_visitors: int = 0
    said_in_company: bool = False
    summary: str = ""
    former_summaries: tuple[str, ...] = ()
    received_at: str | None = None


@dataclass(frozen=True)
class Part:
    """Points of one part, out of how many, and the code of the reason in plain words with its facts."""

    name: str
    points: int
    out_of: int
    reason: str
    facts: Mapping[str, object] = field(default_factory=dict)


def parts(capture: Capture) -> tuple[Part, ...]:
    """All parts, in the order in which they are shown."""
    return tuple(part(capture) for part in _PARTS)


def points(found: tuple[Part, ...]) -> tuple[int, int]:
    """Points reached and points to be had."""
    return sum(part.points for part in found), sum(part.out_of for part in found)


def distance_m(one: Place, other: Place) -> int:
    """Metres between two fixes; flat-earth arithmetic is exact enough within a township."""
    north = (one.lat - other.lat) * _METRES_PER_UNIT
    middle = math.radians((one.lat + other.lat) / 2e7)
    east = (one.lng - other.lng) * _METRES_PER_UNIT * math.cos(middle)
    return round(math.hypot(north, east))


def minutes_between(started: str, ended: str) -> int:
    """Whole minutes from one instant to the other."""
    return int((dt.datetime.fromisoformat(ended) - dt.datetime.fromisoformat(started)).total_seconds() // 60)


def _place(capture: Capture) -> Part:
    place = capture.place
    if place is None:
        return Part("place", 0, 20, "no_fix")
    if place.acc >= MAX_ACCURACY_M:
        return Part("place", 0, 20, "coarse", {"metres": place.acc})
    if not capture.former_places:
        return Part("place", 20, 20, "first_fix", {"metres": place.acc})
    away = min(distance_m(place, former) for former in capture.former_places)
    near = away <= MAX_HOME_DISTANCE_M
    return Part("place", 20 if near else 0, 20, "near_home" if near else "far_from_home", {"metres": away})


def _photo(capture: Capture) -> Part:
    taken = sum(source == "camera" for source in capture.photo_sources)
    if capture.reused_photos:
        return Part("photo", 20 if taken else 0, 20, "used_before", {"count": capture.reused_photos})
    if taken:
        return Part("photo", 20, 20, "camera", {"count": taken})
    return Part("photo", 0, 20, "gallery_only" if capture.photo_sources else "no_photo")


def _signature(capture: Capture) -> Part:
    if capture.strokes:
        return Part("signature", 20, 20, "signed")
    if capture.sign_mode in DECLARED_MODES:
        return Part("signature", 20, 20, f"declared_{capture.sign_mode}")
    if capture.contact_result in NOBODY_MET:
        return Part("signature", 20, 20, "nobody_met")
    return Part("signature", 0, 20, "unsigned")


def _second_teacher(capture: Capture) -> Part:
    if capture.fellow_visitors:
        return Part("second_teacher", 15, 15, "named", {"count": capture.fellow_visitors})
    return Part("second_teacher", 0, 15, "unnamed" if capture.said_in_company else "alone")


def _duration(capture: Capture) -> Part:
    minutes = minutes_between(capture.at.started, capture.at.ended)
    if minutes in PLAUSIBLE_MINUTES:
        return Part("duration", 5, 5, "plausible", {"minutes": minutes})
    at_door = minutes_between(capture.arrived or capture.at.started, capture.at.ended)
    if at_door in PLAUSIBLE_MINUTES:
        return Part("duration", 5, 5, "at_the_door", {"minutes": at_door})
    return Part("duration", 0, 5, "short" if minutes < PLAUSIBLE_MINUTES.start else "long", {"minutes": minutes})


def _text(capture: Capture) -> Part:
    length = len(capture.summary.strip())
    if length < MIN_SUMMARY_CHARS:
        return Part("text", 0, 5, "brief", {"count": length})
    likeness = max((_likeness(capture.summary, former) for former in capture.former_summaries), default=0)
    if likeness > MAX_SIMILARITY_PERCENT:
        return Part("text", 0, 5, "alike", {"percent": likeness})
    return Part("text", 5, 5, "own_words", {"count": length})


def _synced(capture: Capture) -> Part:
    if capture.received_at is None:
        return Part("synced", 0, 5, "not_received")
    took = dt.datetime.fromisoformat(capture.received_at) - dt.datetime.fromisoformat(capture.at.ended)
    if took < SYNCED_WITHIN:
        within = max(1, -(-took // dt.timedelta(hours=1)))  # said as "within 1 hour", never "within 0"
        return Part("synced", 5, 5, "in_time", {"hours": within})
    return Part("synced", 0, 5, "late", {"hours": took // dt.timedelta(hours=1)})


def _likeness(one: str, other: str) -> int:
    """How much two texts share, in percent."""
    return round(SequenceMatcher(None, one[:_COMPARED_CHARS], other[:_COMPARED_CHARS], autojunk=False).ratio() * 100)


# The phone call-back (10 points of domain §7) joins when spot checks exist.
_PARTS: tuple[Callable[[Capture], Part], ...] = (
    _place, _photo, _signature, _second_teacher, _duration, _text, _synced,
)  # fmt: skip
