"""Lays what three engines say side by side, and finds where they part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from casebook.forms import FormDef
from tests.differential.engines import Job, Outcome
from tests.differential.facts import Key, Told, path_of, said, sent, told, whole


@dataclass(frozen=True)
class Split:
    """A fact on which not all engines agree. None: that engine says nothing about it.

    `at` counts the steps taken before; after the last one comes the instance as sent.
    """

    at: int
    ref: str
    aspect: str
    ours: str | None
    node: str | None
    java: str | None

    @property
    def path(self) -> str:
        """The reference without places in repeats."""
        return path_of(self.ref)

    @property
    def name(self) -> str:
        """The name of the question."""
        return self.path.rpartition("/")[2]

    @property
    def oracles_agree(self) -> bool:
        """Whether both foreign engines say the same."""
        return self.node == self.java

    @property
    def allowed(self) -> bool:
        """Whether we say what at least one of them says, where they part."""
        return not self.oracles_agree and self.ours in (self.node, self.java)

    def __str__(self) -> str:
        return f"step {self.at} {self.ref} {self.aspect}: ours {self.ours!r}, node {self.node!r}, java {self.java!r}"


@dataclass
class Comparison:
    """All splits of one form in the order they arise, and how many facts were compared."""

    form: FormDef
    job: Job
    outcomes: Mapping[str, Outcome]
    splits: list[Split]
    facts: int

    @property
    def usable(self) -> bool:
        """Whether at least one foreign engine could fill the form in."""
        return any(self.outcomes[name].error is None for name in ("node", "java"))

    @property
    def full(self) -> bool:
        """Whether both could."""
        return all(self.outcomes[name].error is None for name in ("node", "java"))


ENGINES = ("ours", "node", "java")


def compare(job: Job, outcomes: Mapping[str, Outcome]) -> Comparison:
    """Compares the outcomes of `ours`, `node` and `java`; what an engine without outcome would say is unknown."""
    form = FormDef.from_xml(job.xml.encode())
    found = Comparison(form, job, outcomes, [], 0)
    before: set[tuple[Key, tuple[str | None, ...]]] = set()
    for at in range(len(job.script) + 2):
        here = {name: _told_at(outcome, at, job, form) for name, outcome in outcomes.items()}
        splits = set()
        for key, triple in _triples(here):
            found.facts += 1
            if _is_decimal(form, key):
                triple = tuple(fact and whole(fact) for fact in triple)
            if len({fact for fact in triple if fact is not None}) > 1:
                splits.add((key, triple))
        order = sorted(splits - before, key=lambda split: split[0])
        found.splits += [Split(at, *key, *triple) for key, triple in order]
        before = splits
    return found


def _told_at(outcome: Outcome, at: int, job: Job, form: FormDef) -> Told | None:
    if outcome.error is not None:
        return None
    if at == len(outcome.states):
        return sent(outcome.xml, form.repeats)
    facts = told(outcome.states[at])
    if at > 0:
        facts[" ".join(job.script[at - 1][1:2]), "taken"] = str(outcome.refused[at - 1] is None)
    return facts


def _triples(here: Mapping[str, Told | None]) -> Iterator[tuple[Key, tuple[str | None, ...]]]:
    known = [facts for facts in here.values() if facts is not None]
    if len(known) < 2:
        return
    for key in dict.fromkeys(key for facts in known for key in facts):
        triple = tuple(said(here[name], key) for name in ENGINES)
        if sum(fact is not None for fact in triple) > 1:
            yield key, triple


def _is_decimal(form: FormDef, key: Key) -> bool:
    bind = form.binds.get(path_of(key[0]))
    return key[1] in ("value", "sent") and bind is not None and bind.type in ("decimal", "geopoint")
