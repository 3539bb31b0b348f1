"""`python -m tests.faults SUBJECT …`: the long runs; each prints what came of it and keeps that in build/reliability/."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog

from tests.faults import cuts, kills, power

KEPT = Path("build/reliability")
SUBJECTS: dict[str, Callable[[Path, argparse.Namespace], Any]] = {
    "cut_at_every_byte": lambda folder, asked: cuts.at_every_byte(folder, asked.step),
    "cut_at_random": lambda folder, asked: cuts.at_random(folder, asked.cuts, asked.seed),
    "day_of_many": lambda folder, asked: cuts.day_of_many(folder, asked.phones, asked.visits, asked.seed),
    "phone_killed": lambda folder, asked: kills.phone_killed(folder, asked.step),
    "phone_full": lambda folder, asked: kills.phone_full(folder, asked.step),
    "school_killed": lambda folder, asked: kills.school_killed(folder, asked.step),
    "school_full": lambda folder, asked: kills.school_full(folder, asked.step),
    "server_killed": lambda folder, asked: kills.server_killed_again_and_again(folder, asked.kills, asked.seed),
    "power_cut": lambda folder, asked: power.power_cut(folder, asked.kills, asked.seed),
}


def main() -> int:
    """Exit code 1 when anything went wrong."""
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[[], *SUBJECTS], help="only these (default: all)")
    parser.add_argument("--step", type=int, default=1, help="strike at every STEPth byte or write")
    parser.add_argument("--cuts", type=int, default=2000)
    parser.add_argument("--phones", type=int, default=50)
    parser.add_argument("--visits", type=int, default=4, help="visits of each phone in a day of many")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return int(any([_played(subject, asked) for subject in asked.subjects or SUBJECTS]))


def _played(subject: str, asked: argparse.Namespace) -> bool:
    """Whether something went wrong."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"{subject}-") as folder:
        came = SUBJECTS[subject](Path(folder), asked)
    figures = asdict(came) | {"seconds": round(time.monotonic() - start, 1)}
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{subject}.json").write_text(json.dumps(figures, indent=1, sort_keys=True))
    print(f"{subject}: {figures}", flush=True)
    return bool(came.wrong)


if __name__ == "__main__":
    sys.exit(main())
