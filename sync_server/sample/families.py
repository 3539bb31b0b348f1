"""Who lives together: 1,200 places in 24 classes, shared out to 828 families."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

PRIMARY_GRADES = range(1, 7)
JUNIOR_GRADES = range(7, 10)
CLASSES_PER_GRADE = {grade: 2 if grade in PRIMARY_GRADES else 4 for grade in range(1, 10)}
CLASS_SIZE = {grade: 46 if grade in PRIMARY_GRADES else 54 for grade in range(1, 10)}
# 372 of 1,200 children (31 %) have an elder brother or sister at this school: 1,200 - 372 = 828 families.
FAMILIES_OF_SIZE = {4: 8, 3: 54, 2: 240, 1: 526}


@dataclass(frozen=True, order=True)
class Seat:
    """A place in a class; `class_no` counts from 1 within the grade."""

    grade: int
    class_no: int
    number: int


@dataclass(frozen=True)
class Family:
    """A household with children at school, the youngest first."""

    number: int
    seats: tuple[Seat, ...]

    @property
    def size(self) -> int:
        """How many of its children are at this school."""
        return len(self.seats)


def all_seats() -> list[Seat]:
    """Every place of the school, by grade, class and number."""
    return [
        Seat(grade, class_no, number)
        for grade, classes in CLASSES_PER_GRADE.items()
        for class_no in range(1, classes + 1)
        for number in range(1, CLASS_SIZE[grade] + 1)
    ]


def settle(rng: Random) -> list[Family]:
    """Shares all places out to families, the large families first."""
    free: dict[int, list[Seat]] = {grade: [] for grade in CLASSES_PER_GRADE}
    for seat in all_seats():
        free[seat.grade].append(seat)
    for seats in free.values():
        rng.shuffle(seats)
    families: list[Family] = []
    for size, count in FAMILIES_OF_SIZE.items():
        for _ in range(count):
            grades = _grades_with_room(rng, free, size)
            families.append(Family(len(families), tuple(free[grade].pop() for grade in sorted(grades))))
    return families


def choose(
    rng: Random, families: Sequence[Family], children: int, allowed: Callable[[Family], bool] = lambda _: True
) -> frozenset[int]:
    """Numbers of random families that together have exactly `children` children at school.

    Families with several children get their share first, families with one fill up to the exact number.
    Raises ValueError when the allowed families cannot make up the number.
    """
    candidates = [family for family in families if allowed(family)]
    rng.shuffle(candidates)
    several = [family for family in candidates if family.size > 1]
    with_several = sum(family.size for family in several)
    share = children * with_several // max(1, sum(family.size for family in candidates))
    chosen, total = [], 0
    for family, limit in [(f, share) for f in several] + [(f, children) for f in candidates if f.size == 1]:
        if total + family.size <= limit:
            chosen.append(family.number)
            total += family.size
    if total != children:
        raise ValueError(f"chose {total} children, wanted {children}")
    return frozenset(chosen)


def _grades_with_room(rng: Random, free: dict[int, list[Seat]], size: int) -> list[int]:
    """`size` different grades, those with more free places more often."""
    grades: list[int] = []
    while len(grades) < size:
        open_grades = [grade for grade in free if grade not in grades and free[grade]]
        grades.append(rng.choices(open_grades, [len(free[grade]) for grade in open_grades])[0])
    return grades
