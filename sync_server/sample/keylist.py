"""The key students of the sample school: four in every class, with the categories of domain 4.7."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from sync_server.sample.families import JUNIOR_GRADES, Seat

PER_CLASS = 4
DISABLED = 14
HOME_TAUGHT = 3
POOR_AND_WEAK = 38
POOR_FLAGS = ("FM01", "FM02", "FM03")
POOR_AND_WEAK_FLAGS = ("KS02", "KS03", "KS04")
LAST_GRADE = JUNIOR_GRADES[-1]
OTHER_CATEGORIES = (
    ("KS01",), ("KS05",), ("KS06",), ("KS03", "KS06"), ("KS10",), ("KS01", "KS11"), ("KS05", "KS12"), ("KS15",),
)  # fmt: skip


@dataclass(frozen=True)
class KeyStudent:
    """Why a child is on the key list, and how a disabled child is taught."""

    flags: tuple[str, ...]
    placement: str = "regular"


def key_list(rng: Random, family_flags: Mapping[Seat, tuple[str, ...]]) -> dict[Seat, KeyStudent]:
    """Four seats of every class; `family_flags` holds the flags of every seat's family."""
    classes: dict[tuple[int, int], list[Seat]] = {}
    for seat in sorted(family_flags):
        classes.setdefault((seat.grade, seat.class_no), []).append(seat)
    with_disabled = rng.sample(list(classes), DISABLED)
    home_taught = with_disabled[:HOME_TAUGHT]
    two_poor = set(rng.sample(list(classes), POOR_AND_WEAK - len(classes)))
    found: dict[Seat, KeyStudent] = {}
    for name, seats in classes.items():
        rng.shuffle(seats)
        poor = _poor_first(seats, family_flags)[: 2 if name in two_poor else 1]
        others = [seat for seat in seats if seat not in poor][: PER_CLASS - len(poor)]
        found |= {seat: KeyStudent(POOR_AND_WEAK_FLAGS) for seat in poor}
        found |= {seat: KeyStudent(_category(rng, seat, family_flags[seat])) for seat in others}
        if name in with_disabled:
            placement = "home_teaching" if name in home_taught else "inclusive"
            found[others[0]] = KeyStudent(("KS13",), placement)
    return found


def _poor_first(seats: Sequence[Seat], family_flags: Mapping[Seat, tuple[str, ...]]) -> list[Seat]:
    return sorted(seats, key=lambda seat: not any(flag in POOR_FLAGS for flag in family_flags[seat]))


def _category(rng: Random, seat: Seat, flags: tuple[str, ...]) -> tuple[str, ...]:
    category = set(rng.choice(OTHER_CATEGORIES))
    if "FM11" in flags:
        category.add("KS07")
    if seat.grade == LAST_GRADE:
        category.add("KS14")
    return tuple(sorted(category))
