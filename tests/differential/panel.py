"""The three engines side by side, in one time zone: gives each the same jobs and judges what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from tests.differential.compare import compare
from tests.differential.engines import Job, Oracle, Outcome
from tests.differential.oracles import commands
from tests.differential.ours import Ours
from tests.differential.verdict import Verdict, judge

ZONES = ("Asia/Shanghai", "UTC")


class Panel:
    """Our engine and the two foreign ones. Give it back with `close`."""

    def __init__(self, zone: str, pool: ThreadPoolExecutor) -> None:
        self.zone = zone
        self._ours = Ours(zone)
        self._oracles = {name: Oracle(command, zone) for name, command in commands().items()}
        self._pool = pool

    def start(self, jobs: Sequence[Job]) -> dict[str, Future[list[Outcome]]]:
        """Lets the foreign engines begin; each takes the jobs one after the other."""
        return {name: self._pool.submit(_all, oracle, jobs) for name, oracle in self._oracles.items()}

    def judged(self, jobs: Sequence[Job], begun: dict[str, Future[list[Outcome]]]) -> list[Verdict]:
        """The verdicts on jobs that the foreign engines have begun with."""
        outcomes = {"ours": [self._ours.run(job) for job in jobs]}
        outcomes |= {name: future.result() for name, future in begun.items()}
        return [judge(compare(job, {name: outcomes[name][place] for name in outcomes})) for place, job in enumerate(jobs)]

    def verdict(self, job: Job) -> Verdict:
        """The verdict on one job."""
        return self.judged([job], self.start([job]))[0]

    def close(self) -> None:
        """Ends the processes."""
        for oracle in self._oracles.values():
            oracle.close()


def _all(oracle: Oracle, jobs: Sequence[Job]) -> list[Outcome]:
    return [oracle.run(job) for job in jobs]


@contextmanager
def panels(zones: Sequence[str] = ZONES) -> Iterator[list[Panel]]:
    """One panel for each time zone."""
    with ThreadPoolExecutor(4 * len(zones)) as pool:  # two chunks may be under way for each engine
        opened = [Panel(zone, pool) for zone in zones]
        try:
            yield opened
        finally:
            for panel in opened:
                panel.close()
