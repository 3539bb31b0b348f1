"""The same world in Hypothesis' hands: it chooses what happens next, and shortens what it finds."""

from __future__ import annotations

import random
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.convergence.link import LATE, LOST_ANSWER, LOST_REQUEST, SHUFFLED
from tests.convergence.oracles import findings
from tests.convergence.world import CASES, PROPS, World

PHONES = st.integers(0, 4)
FAULTS = st.sampled_from((LOST_REQUEST, LOST_ANSWER, SHUFFLED, LATE))


class WorldMachine(RuleBasedStateMachine):
    """Every rule is something that people do or that goes wrong; at the end all must agree."""

    @initialize(seed=st.integers(0, 2**16), faults=st.sets(FAULTS))
    def begin(self, seed: int, faults: set[str]) -> None:
        dice = random.Random(seed)
        self.epochs = patch("secrets.randbelow", dice.randrange)
        self.epochs.start()
        self.world = World(dice, dict.fromkeys(sorted(faults), 0.3))

    @rule(place=PHONES, case=st.sampled_from(CASES), prop=st.sampled_from(PROPS))
    def write(self, place: int, case: str, prop: str) -> None:
        self.world.write(place, case, prop)

    @rule(place=PHONES, case=st.sampled_from(CASES))
    def visit(self, place: int, case: str) -> None:
        self.world.visit(place, case)

    @rule(place=PHONES)
    def sync(self, place: int) -> None:
        self.world.sync(place)

    @rule(minutes=st.integers(1, 3000))
    def wait(self, minutes: int) -> None:
        self.world.wait(minutes)

    @rule()
    def back_up_school(self) -> None:
        self.world.back_up_school()

    @rule(loud=st.booleans())
    def restore_school(self, loud: bool) -> None:
        self.world.restore_school(loud)

    @rule(place=PHONES)
    def back_up_phone(self, place: int) -> None:
        self.world.back_up_phone(place)

    @rule(place=PHONES, loud=st.booleans())
    def restore_phone(self, place: int, loud: bool) -> None:
        self.world.restore_phone(place, loud)

    @rule(place=PHONES)
    def reinstall(self, place: int) -> None:
        self.world.reinstall(place)

    @rule(place=PHONES)
    def clone(self, place: int) -> None:
        self.world.clone(place)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.settle()
            self.epochs.stop()
            assert findings(self.world) == []
            self.world.close()


def test_whatever_is_chosen_all_agree_in_the_end() -> None:
    run_state_machine_as_test(WorldMachine, settings=settings(max_examples=25, stateful_step_count=15))
