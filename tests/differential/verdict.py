"""Judges the splits of a form: explained by a policy, following from an earlier split, or a fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from tests.differential.compare import Comparison, Split
from tests.differential.dependence import Dependence
from tests.differential.place import Place
from tests.differential.policy import POLICIES

#: facts that expressions read; others lead to nothing
_READ = ("relevant", "value")


@dataclass
class Verdict:
    """What the splits of one form came to. A form is sound if nothing is `unexplained`.

    `unnamed`: the foreign engines part, we go with one of them, and no policy names the class.
    """

    comparison: Comparison
    policies: Counter[str] = field(default_factory=Counter)
    following: int = 0
    #: explained although both foreign engines say the same against us, by policy; blank for what follows
    alone: Counter[str] = field(default_factory=Counter)
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
    locked: set[str] = set()
    for _, group in groupby(comparison.splits, key=lambda split: split.at):
        splits = list(group)
        # whether a step could be taken is what the rest of it follows from, and follows from what was locked before
        for split in (split for split in splits if split.aspect == "taken"):
            _sort(verdict, split, dependence, doubtful | locked, set())
            doubtful.add(split.name)
        parted = {split.name for split in splits if split.aspect in _READ}
        for split in (split for split in splits if split.aspect != "taken"):
            _sort(verdict, split, dependence, doubtful, parted)
        doubtful |= parted
        locked |= {split.name for split in splits if split.aspect == "readonly"}
    return verdict


def _refusal(comparison: Comparison) -> Iterator[Split]:
    """We refuse a form that others fill in."""
    if comparison.usable:
        errors = [comparison.outcomes[name].error for name in ("ours", "node", "java")]
        yield Split(0, "", "opened", *errors)


def _sort(verdict: Verdict, split: Split, dependence: Dependence, doubtful: set[str], parted: set[str]) -> None:
    place = Place(split, verdict.comparison, dependence)
    policy = next((policy for policy in POLICIES if policy.explains(split, place)), None)
    if policy is not None:
        verdict.policies[policy.id] += 1
        verdict.alone[policy.id] += split.oracles_agree
    elif _follows(split, dependence, doubtful, parted):
        verdict.following += 1
        verdict.alone[""] += split.oracles_agree
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
