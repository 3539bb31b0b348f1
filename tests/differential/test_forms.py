"""Our engine agrees with JavaRosa and Web Forms: on random forms of fixed seeds, and on every form that we ship."""

from __future__ import annotations

import pytest

import assets
from tests.differential.own import own_forms, own_jobs
from tests.differential.panel import Panel
from tests.differential.trial import Tally, hold, random_job

FIRST, CHUNK, FORMS = 1, 50, 200


def told(tally: Tally) -> str:
    """Where the engines part, for the message of a failing test."""
    faults = [f"{fault.job.id}, {fault.zone}: {split}" for fault in tally.faults for split in fault.splits]
    return "\n".join([*faults[:20], "look closer: make differential SEED=<seed> N=1", tally.last_line()])


@pytest.mark.parametrize("first", range(FIRST, FIRST + FORMS, CHUNK))
def test_random_forms_are_filled_in_alike(first: int, both_zones: list[Panel]) -> None:
    """Each in one of the zones; `make differential` holds every form in both."""
    zone = both_zones[first // CHUNK % 2]
    tally = hold((random_job(seed) for seed in range(first, first + CHUNK)), [zone])
    assert tally.sound, told(tally)
    assert [str(split) for fault in tally.unnamed for split in fault.splits] == []
    assert tally.forms == CHUNK and tally.unusable + tally.half <= CHUNK // 10
    assert tally.facts > 2_000 * CHUNK


def test_the_forms_that_we_ship_are_filled_in_alike(both_zones: list[Panel]) -> None:
    folders = [folder for folder in assets.root().joinpath("forms").iterdir() if folder.joinpath("survey.csv").is_file()]
    tally = hold(own_jobs(0, 1), both_zones)
    assert tally.sound, told(tally)
    assert tally.forms == len(own_forms()) == len(folders)
    assert tally.unusable + tally.half == 0
