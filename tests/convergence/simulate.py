"""One simulated run from a seed: some faults are possible in it, others not, then everything settles and is looked at."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import nullcontext
from dataclasses import dataclass
from unittest.mock import patch

from tests.convergence import link
from tests.convergence.oracles import findings
from tests.convergence.remembering import remembering
from tests.convergence.seals import QUICK, REAL, Seals
from tests.convergence.world import CASES, CLOCK_SET, PROPS, World

LINK_FAULTS = {
    link.LOST_REQUEST: 0.2, link.LOST_ANSWER: 0.2, link.DOUBLED: 0.2, link.SHUFFLED: 0.3, link.LATE: 0.2,
    link.KILLED: 0.1, link.MEANWHILE: 0.25,
}  # fmt: skip
DISASTERS = {
    "restore_school": "back_up_school", "restore_school_silently": "back_up_school", "restore_phone": "back_up_phone",
    "restore_phone_silently": "back_up_phone", "reinstall": "sync", "clone": "sync", "set_clock": "sync",
}  # fmt: skip  # each with what comes before it more often where it is possible
STEPS = (4, 24)
REAL_EVERY = 20  # one seed in so many has real signatures and remembers nothing that could be worked out


@dataclass(frozen=True)
class Run:
    """What came of one seed: findings (none is good), how often each fault happened, records, double disasters, how it sealed."""

    seed: int
    findings: list[str]
    faults: Counter[str]
    records: int
    vanished: int
    real_seals: bool


def run(seed: int, possible: Collection[str] | None = None) -> Run:
    """Plays one seed: the same seed, the same run. `possible`: the faults that it may have, if not drawn."""
    dice = random.Random(seed)
    seals = REAL if seed % REAL_EVERY == 0 else QUICK
    with patch("secrets.randbelow", dice.randrange), nullcontext() if seals is REAL else remembering():
        return _run(seed, dice, seals, possible)


def _run(seed: int, dice: random.Random, seals: Seals, possible: Collection[str] | None) -> Run:
    """Loud faults heal silent ones, so every run draws which of them exist in it at all."""
    if possible is None:
        possible = {fault for fault in LINK_FAULTS if dice.random() < 0.6}
        possible |= {name for name in DISASTERS if dice.random() < 0.4}
    chances = {fault: chance for fault, chance in LINK_FAULTS.items() if fault in possible}
    if "set_clock" in possible:
        chances[CLOCK_SET] = 0
    world = World(dice, chances, seals)
    steps = _steps(world)
    weighed = Counter({"write": 8, "visit": 2, "sync": 10, "wait": 2})
    for name in sorted(DISASTERS.keys() & possible):
        weighed.update({name: 2, DISASTERS[name]: 3})
    for _ in range(dice.randrange(*STEPS)):
        steps[dice.choices(list(weighed), list(weighed.values()))[0]]()
    world.settle()
    vanished = len(world.vanished - world.held)
    came = Run(seed, findings(world), world.faults, len(world.written), vanished, seals is REAL)
    world.close()
    return came


def _steps(world: World) -> dict[str, Callable[[], None]]:
    """What can happen next, by name; whom it happens to is drawn when it does."""
    dice = world.dice

    def place() -> int:
        return dice.randrange(len(world.phones))

    return {
        "write": lambda: world.write(place(), dice.choice(CASES), dice.choice(PROPS)),
        "visit": lambda: world.visit(place(), dice.choice(CASES)),
        "sync": lambda: world.sync(place()),
        "wait": lambda: world.wait(dice.randrange(1, 600)),
        "back_up_school": world.back_up_school,
        "restore_school": lambda: world.restore_school(True),
        "restore_school_silently": lambda: world.restore_school(False),
        "back_up_phone": lambda: world.back_up_phone(place()),
        "restore_phone": lambda: world.restore_phone(place(), True),
        "restore_phone_silently": lambda: world.restore_phone(place(), False),
        "reinstall": lambda: world.reinstall(place()),
        "clone": lambda: world.clone(place()),
        "set_clock": lambda: world.set_clock(place(), dice.choice((-1, 0, 1))),
    }
