"""The evidence parts of domain §7: every part both ways, with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from casebook.records import Place, Span
from casebook.rules.evidence import Capture, distance_m, parts, points

DOOR = Place(270_000_000, 1_050_000_000, 18, "2025-10-16T16:20:05+08:00")
FULL = Capture(
    at=Span("2025-10-16T16:20:00+08:00", "2025-10-16T16:55:00+08:00", "+08:00", 1),
    place=DOOR,
    photo_sources=("camera", "gallery"),
    sign_mode="handwritten",
    strokes=True,
    fellow_visitors=1,
    summary="奶奶说孩子这几天一直咳嗽，明天去镇上看病，看完就回学校上课。",
    received_at="2025-10-17T07:35:00+08:00",
)


def found(**changes: object) -> dict[str, tuple[int, str]]:
    return {part.name: (part.points, part.reason) for part in parts(replace(FULL, **changes))}


def test_a_complete_visit_reaches_every_point_that_can_be_had() -> None:
    assert points(parts(FULL)) == (90, 90)


@pytest.mark.parametrize(
    ("changes", "name", "expected"),
    [
        ({"place": None}, "place", (0, "no_fix")),
        ({"place": replace(DOOR, acc=200)}, "place", (0, "coarse")),
        ({"former_places": (replace(DOOR, lat=270_050_000),)}, "place", (20, "near_home")),
        ({"former_places": (replace(DOOR, lat=270_500_000),)}, "place", (0, "far_from_home")),
        ({"photo_sources": ("gallery",)}, "photo", (0, "gallery_only")),
        ({"photo_sources": ()}, "photo", (0, "no_photo")),
        ({"photo_sources": (), "reused_photos": 1}, "photo", (0, "used_before")),
        ({"reused_photos": 1}, "photo", (20, "used_before")),
        ({"strokes": False, "sign_mode": "thumb_on_paper"}, "signature", (20, "declared_thumb_on_paper")),
        ({"strokes": False, "sign_mode": "", "contact_result": "no_one_home"}, "signature", (20, "nobody_met")),
        ({"strokes": False}, "signature", (0, "unsigned")),
        ({"fellow_visitors": 0}, "second_teacher", (0, "alone")),
        ({"fellow_visitors": 0, "said_in_company": True}, "second_teacher", (0, "unnamed")),
        ({"at": replace(FULL.at, ended="2025-10-16T16:23:00+08:00")}, "duration", (0, "short")),
        ({"at": replace(FULL.at, ended="2025-10-16T23:20:00+08:00")}, "duration", (0, "long")),
        ({"at": replace(FULL.at, started="2025-10-16T16:53:00+08:00"), "arrived": "2025-10-16T16:20:00+08:00"},
         "duration", (5, "at_the_door")),
        ({"at": replace(FULL.at, ended="2025-10-16T23:20:00+08:00"), "arrived": "2025-10-16T16:10:00+08:00"},
         "duration", (0, "long")),
        ({"summary": "孩子在家。"}, "text", (0, "brief")),
        ({"former_summaries": (FULL.summary + "好",)}, "text", (0, "alike")),
        ({"former_summaries": ("父亲答应下周一送孩子返校，老师留下了政策宣传单。",)}, "text", (5, "own_words")),
        ({"received_at": None}, "synced", (0, "not_received")),
        ({"received_at": "2025-10-18T16:55:00+08:00"}, "synced", (0, "late")),
    ],
)
def test_each_part_says_why(changes: dict[str, object], name: str, expected: tuple[int, str]) -> None:
    assert found(**changes)[name] == expected


@pytest.mark.parametrize(("received", "hours"), [("16:57", 1), ("17:55", 1), ("19:30", 3), ("16:40", 1)])
def test_received_within_is_never_less_than_it_took(received: str, hours: int) -> None:
    capture = replace(FULL, received_at=f"2025-10-16T{received}:00+08:00")
    assert next(part for part in parts(capture) if part.name == "synced").facts == {"hours": hours}


def test_a_declared_handwritten_signature_without_strokes_counts_nothing() -> None:
    assert found(strokes=False, sign_mode="handwritten")["signature"] == (0, "unsigned")


def test_distance_is_right_within_a_percent() -> None:
    """One minute of latitude is a nautical mile; at 60 degrees north a minute of longitude is half of it."""
    north = Place(600_000_000, 100_000_000, 5, "")
    assert distance_m(north, replace(north, lat=600_166_667)) == pytest.approx(1852, rel=0.01)
    assert distance_m(north, replace(north, lng=100_166_667)) == pytest.approx(926, rel=0.01)
