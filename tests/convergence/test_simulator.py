"""Some hundred seeds of the simulation come out clean; that they notice wrong rules is tested beside them."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from casebook.errors import Unreachable
from casebook.protocol import HelloReply, PullReply, Watermark
from tests.convergence.link import LATE, LOST_ANSWER, LOST_REQUEST, Link
from tests.convergence.mutants import MUTANTS, first_notice
from tests.convergence.oracles import findings
from tests.convergence.simulate import LINK_FAULTS, REAL_EVERY, run
from tests.convergence.world import CASES, CLOCK_SET, PROPS, World

RUNS = 200
PATIENCE = 400  # seeds that a wrong rule may go unnoticed
DISASTERS = {
    "school restored", "school restored silently", "phone restored", "phone restored silently", "re-installed",
    "phone cloned", CLOCK_SET,
}  # fmt: skip


def test_nothing_is_lost_doubled_or_overwritten_whatever_happens() -> None:
    played = [run(seed) for seed in range(RUNS)]
    assert {one.seed: one.findings for one in played if one.findings} == {}
    assert sum(one.real_seals for one in played) == RUNS // REAL_EVERY
    faults = sum((one.faults for one in played), Counter[str]())
    assert {*LINK_FAULTS, *DISASTERS} <= faults.keys(), "a fault that never happens proves nothing"
    assert min(faults[LOST_REQUEST], faults[LOST_ANSWER], faults[LATE]) >= 30


def test_a_school_set_back_between_two_pages_is_noticed() -> None:
    """What a page brought was written after the phone's hello, and is gone again before the next page."""
    world = World(random.Random(3))
    world.school.page, reader = 1, world.phones[0]
    world.sync(0)
    world.back_up_school()

    class CutAfterAPage(Link):
        def hello(self, wm: Watermark | None = None) -> HelloReply:
            reply = super().hello(wm)
            for prop in PROPS:
                world.write(1, CASES[0], prop)
            world.sync(1)
            return reply

        def pull(self, after: int, limit: int, wm: Watermark | None = None) -> PullReply:
            if after:
                raise Unreachable
            return super().pull(after, limit, wm)

    reader.sync(CutAfterAPage(world.school, world.dice))
    assert len(reader.held) == 1
    world.school.restore(world.backups[-1], None)
    world.reinstall(1)
    world.write(1, CASES[0], PROPS[0])
    world.sync(1)
    world.settle()
    assert findings(world) == [] and len(reader.held) == 2
    world.close()


def test_a_seed_always_plays_the_same_run() -> None:
    assert run(77) == run(77)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_wrong_rule_is_noticed(mutant: str) -> None:
    assert first_notice(mutant, range(PATIENCE)) is not None
