"""Walks through the note that nobody was home: few taps, no typing, always a next step."""

from __future__ import annotations

import pytest

from tests.sync_server.form_effort import TYPED, Walked, effort
from tests.sync_server.form_walk import PHOTO, Walk

SHUT = {
    "met_nobody": "no_one_home", "with_whom": "alone", "alone_why": "busy", "photos_door": PHOTO,
    "informant": "none", "left_note": "yes", "next_when": "tomorrow",
}  # fmt: skip
TWO = {name: value for name, value in SHUT.items() if name != "alone_why"} | {"with_whom": "teacher"}
ROAD = {
    "met_nobody": "unreachable", "with_whom": "cadre", "photos_road": PHOTO, "informant": "cadre",
    "next_when": "day_after",
}  # fmt: skip
PATHS = (
    Walked("alone at a shut door", SHUT),
    Walked("two teachers at a shut door", TWO),
    Walked("the road is closed", ROAD),
)
SAVED = {"next_action": "visit", "next_date": "2025-11-22", "outcome": "not_found"}


def nobody(language: str = "zh", **on_file: str) -> Walk:
    return Walk("nobody_home", language=language, **on_file)


@pytest.mark.parametrize(("path", "taps"), [(PATHS[0], 10), (PATHS[1], 9), (PATHS[2], 8)], ids=lambda it: str(it))
def test_at_most_ten_taps_and_not_one_letter(path: Walked, taps: int) -> None:
    cost = effort(path.walk("nobody_home"))
    assert (cost.taps, cost.keystrokes) == (taps, 0)


def test_nothing_typed_is_ever_demanded() -> None:
    walk = nobody().answer(met_nobody="no_one_home", with_whom="teacher cadre", informant="neighbour", left_note="no")
    assert not {walk.asked()[name].kind for name in walk.open()} & set(TYPED)


def test_a_shut_door_is_an_attempt_at_the_door() -> None:
    walk = nobody().answer(**SHUT)
    assert walk.open() == []
    assert walk.pages() == ["visit", "not_met"]
    assert walk.saved() == SAVED
    told = {name: walk.session.value(walk.session.ref_of(name) or "") for name in ("mode", "contact_result")}
    assert told == {"mode": "door", "contact_result": "no_one_home"}


def test_an_attempt_leaves_a_standing_promise_alone() -> None:
    assert "outcome" not in nobody(outcome="promised").answer(**SHUT).saved()


def test_a_door_that_stays_shut_is_an_attitude() -> None:
    saved = nobody(outcome="promised").answer(met_nobody="refused").saved()
    assert (saved["attitude"], saved["outcome"]) == ("7", "refused")


def test_a_closed_road_keeps_the_same_day_rule_honest() -> None:
    walk = nobody().answer(**{key: value for key, value in ROAD.items() if key != "photos_road"})
    assert walk.open() == ["photos_road"]
    assert not {"left_note", "photos_door"} & walk.asked().keys()
    assert walk.answer(photo_why="dark").open() == []
    assert walk.saved() == SAVED | {"next_date": "2025-11-23"}


def test_who_is_in_danger_leaves_first_and_owes_no_photo() -> None:
    walk = nobody().answer(met_nobody="unsafe", with_whom="alone", alone_why="urgent", informant="none")
    assert "先离开" in walk.asked()["unsafe_note"].label
    assert walk.open() == ["next_when"]


def test_no_camera_is_no_wall() -> None:
    walk = nobody().answer(**{key: value for key, value in SHUT.items() if key != "photos_door"})
    assert walk.open() == ["photos_door"]
    assert walk.answer(photo_why="broken").open() == []


@pytest.mark.parametrize("name", sorted(SHUT.keys() - {"met_nobody"}))
def test_none_of_these_answers_could_be_spared(name: str) -> None:
    left_out = {name, "alone_why"} if name == "with_whom" else {name}
    walk = nobody().answer(**{key: value for key, value in SHUT.items() if key not in left_out})
    assert walk.open() == [name]


def test_the_same_in_english() -> None:
    assert nobody("en").asked()["met_nobody"].label == "Why did you meet nobody?"
