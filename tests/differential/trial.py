"""Puts many forms before the panels and adds up what comes out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.differential.compare import Split
from tests.differential.engines import Job
from tests.differential.panel import Panel
from tests.differential.policy import POLICIES
from tests.differential.script import random_script
from tests.differential.sheets import Sheets
from tests.differential.verdict import Verdict
from tests.differential.writing.form import random_form

CHUNK = 20


@dataclass(frozen=True)
class Fault:
    """A form that three engines do not agree on, and no policy says why."""

    zone: str
    job: Job
    splits: Sequence[Split]


@dataclass
class Tally:
    """What a trial came to. Facts are counted in each zone; a form is counted once."""

    forms: int = 0
    facts: int = 0
    unusable: int = 0
    half: int = 0
    following: int = 0
    policies: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    unnamed: list[Fault] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)

    @property
    def sound(self) -> bool:
        """Whether everything is explained."""
        return not self.faults

    def add(self, zone: str, verdict: Verdict) -> None:
        """Counts one verdict."""
        comparison = verdict.comparison
        self.facts += comparison.facts
        self.unusable += not comparison.usable
        self.half += comparison.usable and not comparison.full
        self.following += verdict.following
        self.policies += verdict.policies
        self.alone += verdict.alone
        for name, outcome in comparison.outcomes.items():
            self.seconds[name] += sum(outcome.ms) / 1000
        if verdict.unexplained:
            self.faults.append(Fault(zone, comparison.job, verdict.unexplained))
        if verdict.unnamed:
            self.unnamed.append(Fault(zone, comparison.job, verdict.unnamed))

    def __str__(self) -> str:
        lines = [f"{'class':<24}{'follows':<8}{'splits':>7}{'alone':>7}"]
        lines += [f"{policy.id:<24}{policy.follows:<8}{self.policies[policy.id]:>7}{self.alone[policy.id]:>7}  {policy.says}"
                  for policy in POLICIES if self.policies[policy.id]]  # fmt: skip
        lines.append(f"{'(follows from those)':<32}{self.following:>7}{self.alone['']:>7}")
        lines.append(f"{'(one engine, no policy)':<32}{sum(len(fault.splits) for fault in self.unnamed):>7}")
        lines.append(f"{self.facts:,} facts compared; forms filled in by one foreign engine only {self.half}, "
                     f"by none {self.unusable}")  # fmt: skip
        spent = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in self.seconds.items())
        return "\n".join([*lines, f"time inside the engines: {spent}"])

    def last_line(self) -> str:
        """The result in one line."""
        differences = sum(len(fault.splits) for fault in self.faults)
        return f"{self.forms} forms, {differences} unexplained differences"


def random_job(seed: int) -> Job:
    """The form and script of a seed."""
    sheets = random_form(seed)
    return job_of(sheets, str(seed))


def job_of(sheets: Sheets, seed: str) -> Job:
    """A form with the script of a seed. Raises Unwritable."""
    xml = sheets.compiled()
    return Job(seed, xml, random_script(xml, sheets.files, seed), sheets.files)


def hold(jobs: Iterable[Job], panels: Sequence[Panel]) -> Tally:
    """Puts all jobs before all panels. While the foreign engines work, the next jobs are written."""
    tally, started = Tally(), time.monotonic()
    waiting: list[tuple[Panel, list[Job], dict]] = []  # type: ignore[type-arg]
    for chunk in _chunks(jobs):
        begun = [(panel, chunk, panel.start(chunk)) for panel in panels]
        _finish(waiting, tally)
        tally.forms += len(chunk)
        waiting = begun
    _finish(waiting, tally)
    tally.seconds["in all"] = round(time.monotonic() - started)
    return tally


def _finish(waiting: Iterable[tuple[Panel, list[Job], dict]], tally: Tally) -> None:  # type: ignore[type-arg]
    for panel, chunk, begun in waiting:
        for verdict in panel.judged(chunk, begun):
            tally.add(panel.zone, verdict)


def _chunks(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    chunk: list[Job] = []
    for job in jobs:
        chunk.append(job)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
