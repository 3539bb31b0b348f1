"""Lays what three engines say side by side, and finds where they part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from casebook.forms import FormDef
from tests.differential.engines import Job, Outcome, State
from tests.differential.facts import ABSENT, Told, path_of, sent, told, whole


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
#: what each engine tells of one reference
Beside = Mapping[str, Told]
Triple = tuple[str | None, ...]


def compare(job: Job, outcomes: Mapping[str, Outcome]) -> Comparison:
    """Compares the outcomes of `ours`, `node` and `java`; what an engine without outcome would say is unknown."""
    found = Comparison(FormDef.from_xml(job.xml.encode()), job, outcomes, [], 0)
    known = {name: outcome for name, outcome in outcomes.items() if outcome.error is None}
    if len(known) > 1:
        _compare_states(found, known)
        _compare_sent(found, known)
    return found


def _compare_states(found: Comparison, known: Mapping[str, Outcome]) -> None:
    ledger, script = _Ledger(found.form), found.job.script
    before: Mapping[str, State] = {name: {} for name in known}
    for at in range(len(script) + 1):
        now = {name: outcome.states[at] for name, outcome in known.items()}
        fresh = [(ref, *split) for ref in _moved(before, now) for split in ledger.noted(ref, _told(now, ref))]
        if at > 0:
            fresh += _taken(" ".join(script[at - 1][1:2]), at - 1, known)
        found.splits += [Split(at, *split) for split in sorted(fresh, key=lambda split: split[:2])]
        found.facts += ledger.facts + (at > 0)
        before = now


def _compare_sent(found: Comparison, known: Mapping[str, Outcome]) -> None:
    ledger, after = _Ledger(found.form), len(found.job.script) + 1
    leaves = {name: sent(outcome.xml, found.form.repeats) for name, outcome in known.items()}
    for ref in sorted({ref for texts in leaves.values() for ref in texts}):
        beside = {name: {"sent": texts.get(ref, ABSENT)} for name, texts in leaves.items()}
        found.splits += [Split(after, ref, *split) for split in ledger.noted(ref, beside)]
    found.facts += ledger.facts


class _Ledger:
    """What was found at each reference: only what some engine tells anew is laid side by side again."""

    def __init__(self, form: FormDef) -> None:
        self._form = form
        self._splits: dict[str, dict[str, Triple]] = {}
        self._counts: dict[str, int] = {}
        self.facts = 0

    def noted(self, ref: str, beside: Beside) -> list[tuple[str, *Triple]]:
        """The splits at a reference that were not there before: aspect and what each engine says."""
        decimal = _is_decimal(self._form, ref)
        before, now, count = self._splits.get(ref, {}), {}, 0
        for aspect in sorted({aspect for facts in beside.values() for aspect in facts}):
            triple = tuple(beside[name].get(aspect) if name in beside else None for name in ENGINES)
            if decimal and aspect in ("value", "sent"):
                triple = tuple(fact and whole(fact) for fact in triple)
            said = [fact for fact in triple if fact is not None]
            count += len(said) > 1
            if len(set(said)) > 1:
                now[aspect] = triple
        self.facts += count - self._counts.get(ref, 0)
        self._splits[ref], self._counts[ref] = now, count
        return [(aspect, *triple) for aspect, triple in now.items() if before.get(aspect) != triple]


def _moved(before: Mapping[str, State], now: Mapping[str, State]) -> set[str]:
    """References of which some engine tells something else than before."""
    return {ref for name, state in now.items() for ref in state.keys() | before[name].keys()
            if state.get(ref) != before[name].get(ref)}  # fmt: skip


def _told(now: Mapping[str, State], ref: str) -> Beside:
    """What is not there is not relevant; what is nowhere any more is no fact."""
    if not any(ref in state for state in now.values()):
        return {}
    return {name: told(state[ref]) if ref in state else {"relevant": "False"} for name, state in now.items()}


def _taken(ref: str, place: int, known: Mapping[str, Outcome]) -> list[tuple[str, str, *Triple]]:
    """Whether a step could be taken, where that differs."""
    triple = tuple(str(known[name].refused[place] is None) if name in known else None for name in ENGINES)
    return [(ref, "taken", *triple)] if len(set(triple) - {None}) > 1 else []


def _is_decimal(form: FormDef, ref: str) -> bool:
    bind = form.binds.get(path_of(ref))
    return bind is not None and bind.type in ("decimal", "geopoint")
