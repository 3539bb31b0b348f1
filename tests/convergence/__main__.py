"""`python -m tests.convergence --seed S --runs N`: plays N seeds, counts runs and faults, keeps them in build/."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.convergence.mutants import MUTANTS, first_notice
from tests.convergence.simulate import Run, run

KEPT = Path("build/reliability/convergence.json")
AT_ONCE = 250
SHOWN = 10


def main() -> int:
    """Exit code 1 when a run has a finding or a mutant went unnoticed."""
    parser = argparse.ArgumentParser(prog="tests.convergence", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    parser.add_argument("--mutants", action="store_true", help="instead: which seed notices which wrong rule")
    options = parser.parse_args()
    return _mutants(options.seed, options.runs) if options.mutants else _runs(options.seed, options.runs, options.jobs)


def _runs(seed: int, runs: int, jobs: int) -> int:
    start, told = time.monotonic(), Tally(seed)
    batches = [range(first, min(first + AT_ONCE, seed + runs)) for first in range(seed, seed + runs, AT_ONCE)]
    with ProcessPoolExecutor(jobs) as pool:
        for played in pool.map(_play, batches):
            told.add(played)
            told.keep(time.monotonic() - start)
    print(told.text(time.monotonic() - start))
    return int(bool(told.bad))


def _play(seeds: range) -> list[Run]:
    return [run(seed) for seed in seeds]


class Tally:
    """What has been played so far; kept after every batch, so that an interrupted command has told something."""

    def __init__(self, seed: int) -> None:
        self.seed, self.runs, self.records, self.vanished = seed, 0, 0, 0
        self.faults: Counter[str] = Counter()
        self.with_fault: Counter[str] = Counter()
        self.bad: list[Run] = []

    def add(self, played: list[Run]) -> None:
        """Counts a batch."""
        for one in played:
            self.runs += 1
            self.records += one.records
            self.vanished += one.vanished
            self.faults.update(one.faults)
            self.with_fault.update(one.faults.keys())
            if one.findings:
                self.bad.append(one)

    def keep(self, seconds: float) -> None:
        """Writes the figures."""
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        figures = {
            "seed": self.seed, "runs": self.runs, "records": self.records, "faults": dict(self.faults),
            "runs_with": dict(self.with_fault), "failed": {str(one.seed): one.findings for one in self.bad},
            "only_copy_destroyed": self.vanished, "seconds": round(seconds, 1),
        }  # fmt: skip
        KEPT.write_text(json.dumps(figures, indent=1, sort_keys=True))

    def text(self, seconds: float) -> str:
        """The figures for people."""
        lines = [f"{self.runs} runs from seed {self.seed}, {self.records} records, {seconds:.0f} s, {len(self.bad)} failed"]
        lines += [f"  {count:>9} {fault} (in {self.with_fault[fault]} runs)" for fault, count in self.faults.most_common()]
        lines += [f"seed {one.seed}: {'; '.join(one.findings)}" for one in self.bad[:SHOWN]]
        return "\n".join(lines)


def _mutants(seed: int, runs: int) -> int:
    unnoticed = 0
    for mutant in MUTANTS:
        caught = first_notice(mutant, range(seed, seed + runs))
        unnoticed += caught is None
        print(f"{mutant}: {f'seed {caught.seed}: {caught.said}' if caught else 'UNNOTICED'}", flush=True)
    return int(bool(unnoticed))


if __name__ == "__main__":
    sys.exit(main())
