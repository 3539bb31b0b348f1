"""Judges the splits of a form: explained by a policy, following from an earlier split, or a fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from tests.differential.compare import Comparison, Split
from tests.differential.dependence import Dependence
from tests.differential.engines import Job
from tests.differential.policy import POLICIES, Place

#: facts that expressions read; others lead to nothing
_READ = ("relevant", "value", "taken")


@dataclass
class Verdict:
    """What the splits of one form came to. A form is sound if nothing is `unexplained`.

    `unnamed`: the foreign engines part, we go with one of them, and no policy names the class.
    """

    comparison: Comparison
    policies: Counter[str] = field(default_factory=Counter)
    following: int = 0
    unnamed: list[Split] = field(default_factory=list)
    unexplained: list[Split] = field(default_factory=list)


def judge(comparison: Comparison) -> Verdict:
    """The verdict on one form."""
    verdict = Verdict(comparison)
    if comparison.outcomes["ours"].error is not None:
        verdict.unexplained += list(_refusal(comparison))
        return verdict
    dependence = Dependence(comparison.form)
    doubtful: set[str] = set()
    for _, group in groupby(comparison.splits, key=lambda split: split.at):
        splits = list(group)
        parted = {split.name for split in splits if split.aspect in _READ}
        for split in splits:
            _sort(verdict, split, dependence, doubtful, parted)
        doubtful |= parted
    return verdict


def _refusal(comparison: Comparison) -> Iterator[Split]:
    """We refuse a form that others fill in."""
    if comparison.usable:
        errors = [comparison.outcomes[name].error for name in ("ours", "node", "java")]
        yield Split(0, "", "opened", *errors)


def _sort(verdict: Verdict, split: Split, dependence: Dependence, doubtful: set[str], parted: set[str]) -> None:
    place = _place(verdict.comparison, split, dependence)
    policy = next((policy for policy in POLICIES if policy.explains(split, place)), None)
    if policy is not None:
        verdict.policies[policy.id] += 1
    elif _follows(split, dependence, doubtful, parted):
        verdict.following += 1
    elif split.allowed:
        verdict.unnamed.append(split)
    else:
        verdict.unexplained.append(split)


def _follows(split: Split, dependence: Dependence, doubtful: set[str], parted: set[str]) -> bool:
    """Whether the fact was made from one on which engines parted: now, or at an earlier step."""
    if split.name in doubtful or (split.aspect not in _READ and split.name in parted):
        return True
    names = dependence.names(split.path, split.aspect)
    return not names.isdisjoint(doubtful) or not (names - {split.name}).isdisjoint(parted)


def _place(comparison: Comparison, split: Split, dependence: Dependence) -> Place:
    form = comparison.form
    bind, control = form.binds.get(split.path), form.controls_by_path.get(split.path)
    return Place(
        sources=dependence.expressions(split.path, split.aspect),
        deep=dependence.deep(split.path, split.aspect),
        type=bind.type if bind is not None else "string",
        kind=control.kind if control is not None else "",
        count=_count(comparison, split),
        calculated=bind is not None and bind.calculate is not None,
        default=split.path in dependence.defaults,
        triggered=split.path in dependence.triggered,
        preloaded=bind is not None and bind.preload is not None,
        entered=_entered(comparison.job, split),
    )


def _entered(job: Job, split: Split) -> str:
    step = job.script[split.at - 1] if 0 < split.at <= len(job.script) else ()
    return str(step[2]) if tuple(step[:2]) == ("set", split.ref) else ""


def _count(comparison: Comparison, split: Split) -> str | None:
    """The value of what decides the number of instances, as we see it; pyxform always makes that a question."""
    repeat = comparison.form.repeats.get(split.path)
    if repeat is None or repeat.count is None:
        return None
    states = comparison.outcomes["ours"].states
    state = states[min(split.at, len(states) - 1)]
    name = repeat.count.source.strip().rpartition("/")[2]
    found = (facts["value"] if facts["relevant"] else "" for ref, facts in state.items() if ref.rpartition("/")[2] == name)
    return str(next(found, ""))
