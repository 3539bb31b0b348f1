"""`python -m tests.faults SUBJECT …`: the long runs; each prints what came of it and keeps that in build/reliability/."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import structlog

from tests.faults import county, cuts, kills, power, unsynced
from tests.faults.came import Came
from tests.series import Figures, Part, Series

Asked = argparse.Namespace
PLACES_A_SCHOOL = 150  # then a new school begins: long days cost more, and prove no more
CUTS_A_DAY = 30
KILLS_AT_ONCE = 10


def main() -> int:
    """Exit code 1 when anything went wrong."""
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[[], *SUBJECTS], help="only these (default: all)")
    parser.add_argument("--step", type=int, default=1, help="strike at every STEPth byte or write")
    parser.add_argument("--cuts", type=int, default=2000)
    parser.add_argument("--phones", type=int, default=50)
    parser.add_argument("--visits", type=int, default=4, help="visits of each phone in a day of many")
    parser.add_argument("--kills", type=int, default=100, help="of the server, and cuts of its power")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    wrong = 0
    for subject in asked.subjects or SUBJECTS:
        figures = Series(subject).figures([*SUBJECTS[subject](asked)], asked.jobs)
        print(f"{subject}: {figures}", flush=True)
        wrong += len(figures["wrong"])
    return int(wrong > 0)


def in_a_folder(play: Callable[..., Came], *given: object) -> Figures:
    """What came of it in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix=f"{play.__name__}-") as folder:
        return asdict(play(Path(folder), *given))


def _part(name: str, play: Callable[..., Came], *given: object) -> Part:
    return Part(name, in_a_folder, (play, *given))


def _every_byte(asked: Asked) -> Iterator[Part]:
    with tempfile.TemporaryDirectory() as folder:
        ends = cuts.measured(Path(folder))
    for up, end in ends.items():
        for first in range(0, end, PLACES_A_SCHOOL * asked.step):
            places = range(first, min(end, first + PLACES_A_SCHOOL * asked.step), asked.step)
            yield _part(f"{'up' if up else 'down'}-{first:05}-{len(places)}-{asked.step}", cuts.at_bytes, up, places)


def _days(asked: Asked) -> Iterator[Part]:
    for day in range(-(-asked.cuts // CUTS_A_DAY)):
        yield _part(f"day-{asked.seed + day:05}", cuts.a_day, CUTS_A_DAY, asked.seed + day)


def _day_of_many(asked: Asked) -> Iterator[Part]:
    given = asked.phones, asked.visits, asked.seed
    yield _part("-".join(map(str, given)), cuts.day_of_many, *given)


def _at_writes(play: Callable[..., Came]) -> Callable[[Asked], Iterator[Part]]:
    return lambda asked: iter([_part(f"step-{asked.step}", play, asked.step)])


def _again_and_again(play: Callable[..., Came]) -> Callable[[Asked], Iterator[Part]]:
    def parts(asked: Asked) -> Iterator[Part]:
        for first in range(asked.seed, asked.seed + asked.kills, KILLS_AT_ONCE):
            yield _part(f"seed-{first:05}", play, KILLS_AT_ONCE, first)

    return parts


SUBJECTS: dict[str, Callable[[Asked], Iterator[Part]]] = {
    "cut_at_every_byte": _every_byte,
    "cut_at_random": _days,
    "day_of_many": _day_of_many,
    "phone_killed": _at_writes(kills.phone_killed),
    "phone_full": _at_writes(kills.phone_full),
    "school_killed": _at_writes(kills.school_killed),
    "school_full": _at_writes(kills.school_full),
    "server_killed": _again_and_again(kills.server_killed_again_and_again),
    "county_killed": _again_and_again(county.county_killed),
    "power_cut": _again_and_again(power.power_cut),
    "unsynced_lost": _again_and_again(unsynced.power_cut),
}

if __name__ == "__main__":
    sys.exit(main())
