"""`python -m tests.convergence --seed S --runs N`: plays N seeds, counts runs and faults, keeps them in build/."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from tests.convergence.mutants import MUTANTS, first_notice
from tests.convergence.simulate import run
from tests.series import Figures, Part, Series

AT_ONCE = 250
SHOWN = 10
SOURCES = ("casebook", "fieldapp/store", "fieldapp/sync", "fieldapp/sealing.py", "tests/convergence")


def main() -> int:
    """Exit code 1 when a run has a finding or a mutant went unnoticed."""
    parser = argparse.ArgumentParser(prog="tests.convergence", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    parser.add_argument("--mutants", action="store_true", help="instead: which seed notices which wrong rule")
    asked = parser.parse_args()
    end = asked.seed + asked.runs
    if asked.mutants:
        return _mutants(range(asked.seed, end), asked.jobs)
    firsts = range(asked.seed, end, AT_ONCE)
    batches = [range(first, min(first + AT_ONCE, end)) for first in firsts]
    parts = [Part(f"{seeds.start:06}-{len(seeds)}", played, (seeds,)) for seeds in batches]
    figures = Series("convergence", SOURCES).figures(parts, asked.jobs)
    print(_text(figures))
    return int(bool(figures["failed"]))


def played(seeds: range) -> Figures:
    """What came of these seeds."""
    runs = [run(seed) for seed in seeds]
    faults = [Counter(one.faults) for one in runs]
    return {
        "runs": len(runs),
        "really_sealed": sum(one.real_seals for one in runs),
        "records": sum(one.records for one in runs),
        "only_copy_destroyed": sum(one.vanished for one in runs),
        "faults": dict(sum(faults, Counter[str]())),
        "runs_with": dict(Counter(fault for one in faults for fault in one)),
        "failed": {str(one.seed): one.findings for one in runs if one.findings},
    }


def _text(figures: Figures) -> str:
    """The figures for people."""
    failed, faults = figures["failed"], Counter(figures["faults"])
    lines = [f"{figures['runs']} runs, {figures['really_sealed']} of them with real signatures, {figures['records']} records,"
             f" {faults.total()} faults, {figures['seconds']:.0f} s of work, {len(failed)} failed"]  # fmt: skip
    lines += [f"  {count:>9} {fault} (in {figures['runs_with'][fault]} runs)" for fault, count in faults.most_common()]
    lines += [f"seed {seed}: {'; '.join(found)}" for seed, found in [*failed.items()][:SHOWN]]
    return "\n".join(lines)


def _mutants(seeds: range, jobs: int) -> int:
    parts = [Part(f"{number:02}-{seeds.start}-{len(seeds)}", noticed, (mutant, seeds)) for number, mutant in enumerate(MUTANTS)]
    figures = Series("mutants", SOURCES).figures(parts, jobs)
    for mutant in MUTANTS:
        print(f"{mutant}: {figures['noticed'].get(mutant, 'UNNOTICED')}")
    return int(figures["noticed"].keys() != MUTANTS.keys())


def noticed(mutant: str, seeds: range) -> Figures:
    """The first seed that notices a wrong rule, and what it says."""
    caught = first_notice(mutant, seeds)
    return {"noticed": {mutant: [caught.seed, caught.said]} if caught else {}}


if __name__ == "__main__":
    sys.exit(main())
