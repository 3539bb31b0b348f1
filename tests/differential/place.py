"""Where a split stands in its form: what the policies ask about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from casebook.forms.definition import Bind, Control
from tests.differential.compare import Comparison, Split
from tests.differential.dependence import Dependence, takes_answer_as_condition
from tests.differential.engines import State

AGGREGATES = ("sum(", "min(", "max(", "count(", "join(", "count-non-empty(")


class Place:
    """The question of a split, the rules on it, and what it was made from."""

    def __init__(self, split: Split, comparison: Comparison, dependence: Dependence) -> None:
        self._split = split
        self._comparison = comparison
        self._dependence = dependence
        self.bind: Bind | None = comparison.form.binds.get(split.path)
        self.control: Control | None = comparison.form.controls_by_path.get(split.path) or comparison.form.repeats.get(split.path)

    @property
    def type(self) -> str:
        """The type of the answer, as XForms names it."""
        return self.bind.type if self.bind is not None else "string"

    @property
    def kind(self) -> str:
        """The element that asks: input, select1 …; blank for what is not asked."""
        return self.control.kind if self.control is not None else ""

    @property
    def calculated(self) -> bool:
        """Whether the value is computed."""
        return self.bind is not None and self.bind.calculate is not None

    @property
    def preloaded(self) -> bool:
        """Whether the value is metadata such as who and when."""
        return self.bind is not None and self.bind.preload is not None

    @property
    def default(self) -> bool:
        """Whether a default is computed for the question."""
        return self._split.path in self._dependence.defaults

    @property
    def triggered(self) -> bool:
        """Whether another question's change sets it."""
        return self._split.path in self._dependence.triggered

    def mentions(self, *parts: str) -> bool:
        """Whether one of the expressions behind the fact has one of these parts."""
        sources = self._dependence.expressions(self._split.path, self._split.aspect)
        return any(part in source for source in sources for part in parts)

    def rests_on(self, *parts: str) -> bool:
        """The same, or one of the expressions behind what they read, and so on."""
        sources = self._dependence.deep(self._split.path, self._split.aspect)
        return any(part in source for source in sources for part in parts)

    def asks_whether_answered(self) -> bool:
        """Whether one of the expressions behind the fact takes an answer as a condition."""
        sources = self._dependence.expressions(self._split.path, self._split.aspect)
        whole = self._split.aspect in ("relevant", "required", "readonly")
        return any(takes_answer_as_condition(source, whole) for source in sources)

    @cached_property
    def read(self) -> frozenset[str]:
        """Paths of what the fact was directly made from."""
        names = self._dependence.names(self._split.path, self._split.aspect) - {self._split.name}
        return frozenset(path for path in self._dependence.paths if path.rpartition("/")[2] in names)

    def reads_default(self) -> bool:
        """Whether it was made from a question with a fixed or computed default."""
        return any(path in self._dependence.defaults or self._dependence.paths[path] for path in self.read)

    def reads_calculation(self) -> bool:
        """Whether it was made from what is computed."""
        return any(bind is not None and bind.calculate is not None for bind in map(self._comparison.form.binds.get, self.read))

    def reads_written_day(self) -> bool:
        """Whether it is, or was made from, a day that nobody picked: computed, or written as a text."""
        found = {path: self._comparison.form.binds.get(path) for path in (*self.read, self._split.path)}
        return any(bind is not None and (bind.calculate is not None if bind.type == "date" else self._holds_day(path))
                   for path, bind in found.items())  # fmt: skip

    def _holds_day(self, path: str) -> bool:
        return any(re.fullmatch(r"\d{4}-\d\d-\d\d", text) for text in self._values(path.rpartition("/")[2]))

    def moved_up(self) -> bool:
        """Whether it is in a repeat of which an instance was removed."""
        taken = [step[1] for step in self._comparison.job.script[: self._split.at] if step[0] == "remove"]
        return any(self._split.ref.startswith(f"{ref}[") for ref in taken)

    def counted(self) -> bool:
        """Whether it is in a later instance of a repeat whose number of instances is computed."""
        counted = {path for path, repeat in self._comparison.form.repeats.items() if repeat.count is not None}
        places = re.finditer(r"\[(\d+)\]", self._split.ref)
        return any(int(one[1]) > 1 and re.sub(r"\[\d+\]", "", self._split.ref[: one.start()]) in counted for one in places)

    def place_in_repeat(self) -> int:
        """The highest place among the instances of repeats that it is, or is in; 0 outside of repeats."""
        return max((int(place) for place in re.findall(r"\[(\d+)\]", self._split.ref)), default=0)

    def removed(self) -> bool:
        """Whether an instance of a repeat was removed before."""
        return any(step[0] == "remove" for step in self._comparison.job.script[: self._split.at])

    def reads_decimal(self) -> bool:
        """Whether it is, or was made from, the answer to a decimal question."""
        binds = (self._comparison.form.binds.get(path) for path in (*self.read, self._split.path))
        return any(bind is not None and bind.type == "decimal" for bind in binds)

    def reads_file(self) -> bool:
        """Whether it was made from a photo or another file."""
        controls = (self._comparison.form.controls_by_path.get(path) for path in self.read)
        return any(one is not None and one.kind == "upload" for one in controls)

    def reads_filtered(self) -> bool:
        """Whether it was made from a choice among those that a filter lets through."""
        controls = (self._comparison.form.controls_by_path.get(path) for path in self.read)
        return any(map(_is_filtered, controls))

    def is_filtered(self) -> bool:
        """Whether its answer is chosen among those that a filter lets through."""
        return _is_filtered(self.control)

    def reads_irrelevant(self) -> bool:
        """Whether it was made from what is irrelevant now or, if it is a default, was so at the start."""
        names = {path.rpartition("/")[2] for path in self.read}
        states = [self._state, self._comparison.outcomes["ours"].states[0]] if self.default else [self._state]
        return any(not facts["relevant"] for state in states for ref, facts in state.items()
                   if ref.rpartition("/")[2].partition("[")[0] in names)  # fmt: skip

    def reads_blank(self) -> bool:
        """Whether it was made from what is blank, irrelevant or not there."""
        names = {path.rpartition("/")[2] for path in self.read}
        there = {ref.rpartition("/")[2] for ref in self._state}
        blank = (not facts["relevant"] or facts["value"] == "" for ref, facts in self._state.items()
                 if ref.rpartition("/")[2] in names and "value" in facts)  # fmt: skip
        return any(blank) or not names <= {name.partition("[")[0] for name in there}

    def reads_day(self) -> bool:
        """Whether it was made from what reads as a day."""
        return any(self._holds_day(path) for path in self.read)

    def reads_instant(self) -> bool:
        """Whether it was made from what reads as a day with a time."""
        names = {path.rpartition("/")[2] for path in self.read}
        return any(re.match(r"\d{4}-\d\d-\d\dT", text) for name in names for text in self._values(name))

    def reads_zero(self) -> bool:
        """Whether it was made from the text 0."""
        return any(text == "0" for path in self.read for text in self._values(path.rpartition("/")[2]))

    def reads_infinity(self) -> bool:
        """Whether it was made from a number without end."""
        names = {path.rpartition("/")[2] for path in self.read}
        return any("Infinity" in text for name in names for text in self._values(name))

    @property
    def entered(self) -> str:
        """What the person entered in this step, if it was this question."""
        script, at = self._comparison.job.script, self._split.at
        step = script[at - 1] if 0 < at <= len(script) else ()
        return str(step[2]) if tuple(step[:2]) == ("set", self._split.ref) else ""

    @property
    def keeps_entry(self) -> bool:
        """Whether we show what the person entered last."""
        entries = [step[2] for step in self._comparison.job.script[: self._split.at]
                   if tuple(step[:2]) == ("set", self._split.ref)]  # fmt: skip
        return bool(entries) and self._split.ours == entries[-1]

    @property
    def grows(self) -> bool:
        """Whether repeat instances came in this step."""
        states, at = self._comparison.outcomes["ours"].states, self._split.at
        return 0 < at < len(states) and any(ref.endswith("]") for ref in states[at].keys() - states[at - 1].keys())

    @property
    def count(self) -> str | None:
        """The value of what decides how many instances the repeat has; None unless it is a counted repeat.

        It is always a question, or a calculation that the form compiler made.
        """
        repeat = self._comparison.form.repeats.get(self._split.path)
        if repeat is None or repeat.count is None:
            return None
        return next(self._values(repeat.count.source.strip().rpartition("/")[2]), "")

    def decided_by_calculation(self) -> bool:
        """Whether the question that decides how many instances the repeat has is asked by what is computed."""
        form = self._comparison.form
        repeat = form.repeats.get(self._split.path)
        names = self._dependence.names(repeat.count.source.strip(), "relevant") if repeat is not None and repeat.count else ()
        computed = {path.rpartition("/")[2] for path, bind in form.binds.items() if bind.calculate is not None}
        return not computed.isdisjoint(names)

    def _values(self, name: str) -> Iterator[str]:
        """Our answers to the questions of that name."""
        for ref, facts in self._state.items():
            if ref.rpartition("/")[2] == name:
                yield facts.get("value", "") if facts["relevant"] else ""

    @property
    def _state(self) -> State:
        states = self._comparison.outcomes["ours"].states
        return states[min(self._split.at, len(states) - 1)]


def _is_filtered(control: Control | None) -> bool:
    return control is not None and control.itemset is not None and "[" in control.itemset.nodes.source
