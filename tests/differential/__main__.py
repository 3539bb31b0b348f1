"""`make differential`: fills random forms in with three engines and prints where they part.

The last line is the result; the exit code is 1 if anything is unexplained.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import chain

from tests.differential.engines import Job
from tests.differential.oracles import OracleMissing
from tests.differential.own import own_jobs
from tests.differential.panel import ZONES, Panel, panels
from tests.differential.sheets import Unwritable
from tests.differential.shrink import Shrinker
from tests.differential.trial import Fault, Tally, hold, random_job
from tests.differential.writing.form import random_form

#: so many faults are made small and shown
SHOWN = 3


def random_jobs(seed: int, count: int) -> Iterator[Job]:
    """The jobs of `count` seeds from `seed` on."""
    for number in range(seed, seed + count):
        try:
            yield random_job(number)
        except Unwritable as refusal:
            print(f"seed {number}: the form compiler refuses the form: {refusal}", file=sys.stderr)


def show(fault: Fault, panel: Panel) -> None:
    """Prints a fault with the smallest form and script that has it; our own forms are too large to print."""
    sheets = random_form(int(fault.job.id)) if fault.job.id.isdigit() else None
    sheets, job = Shrinker(sheets, fault.job, panel).shrunk()
    print(f"\n-- {fault.job.id}, {fault.zone}\n{sheets or ''}")
    for number, step in enumerate(job.script, 1):
        print(f"{number}. {json.dumps(step, ensure_ascii=False)}")
    for split in panel.verdict(job).unexplained:
        print(f"   {split}")


def _show_all(tally: Tally, opened: Sequence[Panel]) -> None:
    for fault in tally.unnamed:
        print(f"no policy: {fault.job.id}, {fault.zone}: {fault.splits[0]}")
    for fault in tally.faults[SHOWN:]:
        print(f"unexplained: {fault.job.id}, {fault.zone}: {fault.splits[0]}")
    for fault in tally.faults[:SHOWN]:
        show(fault, next(panel for panel in opened if panel.zone == fault.zone))


def main() -> int:
    """Runs the trial that the arguments ask for."""
    parser = argparse.ArgumentParser(prog="tests.differential", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="first seed (default: from the clock)")
    parser.add_argument("--forms", type=int, default=200, help="how many random forms")
    parser.add_argument("--own", type=int, default=1, help="how many scripts for each of our own forms")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else int(time.time()) * 1000
    print(f"seeds {seed} to {seed + options.forms - 1}, in {' and '.join(ZONES)}", flush=True)
    try:
        with panels() as opened:
            jobs = chain(random_jobs(seed, options.forms), own_jobs(seed, options.own))
            tally = hold(jobs, opened)
            print(tally)
            _show_all(tally, opened)
    except OracleMissing as problem:
        print(problem, file=sys.stderr)
        return 2
    print(tally.last_line())
    return 0 if tally.sound else 1


if __name__ == "__main__":
    sys.exit(main())
