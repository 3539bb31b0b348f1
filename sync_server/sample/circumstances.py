"""How the families of the sample school live: family flags, people, languages, telephones, with exact counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from sync_server.registry import Village
from sync_server.sample.families import Family, choose

ETHNIC_HAN = "01"
ETHNIC_MINORITIES = ("03", "04", "05", "06", "07", "08", "12", "13", "15", "17")

# Children concerned, of 1,200 (domain 9.1).
MINORITY = 264
DOTTED_NAME = 24
POOR = 84
NEARLY_POOR = 24
ALLOWANCE = 72
SINGLE_PARENT = 132
ORPHANS = 4
UNATTENDED = 7
LEFT_BEHIND = 384
WITH_GRANDPARENTS = 360
GUARDIAN_CANNOT_READ = 72
NO_WORKING_PHONE = 24
RESETTLED = 36
MANY_CHILDREN = 3


@dataclass(frozen=True)
class Home:
    """The circumstances of one family that all its children share."""

    village: Village
    hukou_village: Village
    ethnic: str
    dotted_name: bool
    flags: tuple[str, ...]
    caretaker_reads: bool
    has_phone: bool

    def has(self, *flags: str) -> bool:
        """Whether one of the family flags holds."""
        return any(flag in self.flags for flag in flags)


def homes(rng: Random, families: Sequence[Family], villages: Sequence[Village]) -> list[Home]:
    """The home of every family, in the order of `families`."""
    flags = _family_flags(rng, families)
    minority = choose(rng, families, MINORITY)
    dotted = choose(rng, families, DOTTED_NAME, lambda family: family.number in minority)
    cannot_read = choose(rng, families, GUARDIAN_CANNOT_READ, lambda family: family.number in flags["FM12"])
    no_phone = choose(rng, families, NO_WORKING_PHONE)
    found = []
    for family in families:
        village = rng.choice(villages)
        found.append(
            Home(
                village=village,
                hukou_village=village if rng.random() < 0.95 else rng.choice(villages),
                ethnic=rng.choice(ETHNIC_MINORITIES) if family.number in minority else ETHNIC_HAN,
                dotted_name=family.number in dotted,
                flags=tuple(sorted(flag for flag, numbers in flags.items() if family.number in numbers)),
                caretaker_reads=family.number not in cannot_read,
                has_phone=family.number not in no_phone,
            )
        )
    return found


def _family_flags(rng: Random, families: Sequence[Family]) -> dict[str, frozenset[int]]:
    """Which families bear which flag (domain 4.8)."""
    found: dict[str, frozenset[int]] = {}

    def outside(*flags: str) -> Callable[[Family], bool]:
        return lambda family: all(family.number not in found[flag] for flag in flags)

    found["FM05"] = choose(rng, families, ORPHANS)
    found["FM06"] = choose(rng, families, UNATTENDED, outside("FM05"))
    found["FM07"] = choose(rng, families, SINGLE_PARENT, outside("FM05", "FM06"))
    found["FM11"] = choose(rng, families, LEFT_BEHIND, outside("FM05", "FM06"))
    raised = choose(
        rng, families, WITH_GRANDPARENTS - ORPHANS - UNATTENDED, lambda family: family.number in found["FM11"]
    )
    found["FM12"] = raised | found["FM05"] | found["FM06"]
    found["FM01"] = choose(rng, families, POOR)
    found["FM02"] = choose(rng, families, NEARLY_POOR, outside("FM01"))
    found["FM03"] = choose(rng, families, ALLOWANCE)
    found["FM10"] = frozenset(family.number for family in families if family.size >= MANY_CHILDREN)
    found["FM16"] = choose(rng, families, RESETTLED)
    return found
