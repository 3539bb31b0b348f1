"""Names, birthdays and adults of the sample school; no name is meant to be anyone's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from sync_server.registry import Guardian
from sync_server.sample.circumstances import Home
from sync_server.sample.families import Seat
from sync_server.sample.numbers import Numbering
from sync_server.sample.words import word_list

BOY, GIRL = "1", "2"
FATHER, MOTHER = "51", "52"
GRANDFATHER, GRANDMOTHER = "61", "62"
COMMON_SURNAMES = 20  # the first of the list, three times as frequent as the others
YEAR_OF_FIRST_GRADE = 2018  # first graders of 2025/26 were born from 1 September of that year
BETWEEN_SIBLINGS = timedelta(days=300)


class Names:
    """Draws names; a full name is given once in a grade unless a namesake is wanted."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._words = word_list("names")
        self._taken: set[tuple[int, str]] = set()

    def family_name(self, dotted: bool) -> str:
        """A surname, or the second part of a transcribed name."""
        if dotted:
            return str(self._rng.choice(self._words["dotted_families"]))
        surnames = self._words["surnames"]
        weights = [3 if place < COMMON_SURNAMES else 1 for place in range(len(surnames))]
        return str(self._rng.choices(surnames, weights)[0])

    def child(self, family_name: str, gender: str, dotted: bool, grade: int) -> str:
        """A full name nobody else in the grade bears."""
        while True:
            name = self.full(family_name, gender, dotted)
            if (grade, name) not in self._taken:
                self._taken.add((grade, name))
                return name

    def full(self, family_name: str, gender: str, dotted: bool) -> str:
        """A full name."""
        kind = "boys" if gender == BOY else "girls"
        if dotted:
            return f"{self._rng.choice(self._words[f'dotted_{kind}'])}·{family_name}"
        characters = self._words[f"given_{kind}"] + self._words["given_either"]
        return family_name + "".join(self._rng.sample(characters, 2 if self._rng.random() < 0.85 else 1))


def birthdays(rng: Random, seats: Sequence[Seat]) -> list[date]:
    """A birthday that fits the grade for each of the seats; brothers and sisters at least ten months apart."""
    found: list[date] = []
    for seat in seats:
        while True:
            birthday = date(YEAR_OF_FIRST_GRADE + 1 - seat.grade, 9, 1) + timedelta(days=rng.randrange(365))
            if all(abs(birthday - other) >= BETWEEN_SIBLINGS for other in found):
                found.append(birthday)
                break
    return found


def guardians(rng: Random, home: Home, family_name: str, names: Names, numbering: Numbering) -> tuple[Guardian, ...]:
    """The adults of a household, the one who looks after the children first."""
    relations = _relations(rng, home)
    found = []
    for place, relation in enumerate(relations):
        gender = BOY if relation in (FATHER, GRANDFATHER) else GIRL
        own = family_name if gender == BOY else names.family_name(home.dotted_name)
        found.append(
            Guardian(
                id=numbering.record_id(),
                name=names.full(own, gender, home.dotted_name),
                relation=relation,
                phone=numbering.phone() if home.has_phone else "",
                legal=relation in (FATHER, MOTHER) or home.has("FM05", "FM06"),
                caretaker=place == 0,
                can_read=_reading(rng, home, relation, place == 0),
                away=home.has("FM11") and relation in (FATHER, MOTHER) and place > 0,
            )
        )
    return tuple(found)


def _relations(rng: Random, home: Home) -> list[str]:
    """Relations to the child (GB/T 4761), the caretaker first."""
    if home.has("FM05", "FM06"):
        return [rng.choice((GRANDMOTHER, GRANDFATHER))]
    parents = [rng.choice((FATHER, MOTHER))] if home.has("FM07") else [MOTHER, FATHER]
    if home.has("FM12"):
        return [rng.choice((GRANDMOTHER, GRANDMOTHER, GRANDFATHER)), *parents]
    if home.has("FM11") and len(parents) == 1:
        return [GRANDFATHER, *parents]
    return parents


def _reading(rng: Random, home: Home, relation: str, caretaker: bool) -> str:
    if caretaker and not home.caretaker_reads:
        return "no"
    return "little" if relation in (GRANDFATHER, GRANDMOTHER) and rng.random() < 0.5 else "yes"
