"""Some hundred seeds of the simulation come out clean; that they notice wrong rules is tested beside them."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.convergence.link import LATE, LOST_ANSWER, LOST_REQUEST
from tests.convergence.mutants import MUTANTS, first_notice
from tests.convergence.simulate import LINK_FAULTS, REAL_EVERY, run
from tests.convergence.world import CLOCK_SET

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


def test_a_seed_always_plays_the_same_run() -> None:
    assert run(77) == run(77)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_wrong_rule_is_noticed(mutant: str) -> None:
    assert first_notice(mutant, range(PATIENCE)) is not None
